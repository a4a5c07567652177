"""Reads of organisations and people."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from yuejingzhun.platform.foundation.parties.divisions import Level, division
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError, UnknownPartyError
from yuejingzhun.platform.foundation.parties.models import Organisation, Person, RoleGrant
from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role


@dataclass(frozen=True, slots=True)
class HolderChoice:
    """The holder that a page is about, and by name all those in whose name the visitor acts."""

    chosen: Organisation
    offered: tuple[Organisation, ...]

    @property
    def several(self) -> bool:
        """Whether there is something to choose."""
        return len(self.offered) > 1


def actor_of(user_id: int, on: date) -> Actor:
    """The person behind an account with the grants in force on that day; raises NotPermittedError for none."""
    person = Person.objects.filter(user_id=user_id).first()
    if person is None:
        raise NotPermittedError("这个账户没有登记为人员，不能办理业务")
    grants = RoleGrant.objects.filter(person=person, valid_from__lte=on, valid_until__gte=on)
    return Actor(person.pk, person.name, tuple(_grant(grant) for grant in grants.select_related("organisation")))


def current_actor(request: HttpRequest) -> Actor:
    """The person signed in, with the grants in force today in Guangdong; raises NotPermittedError.

    Read once a request, since the menu above a page asks what the page has asked; not kept for another account.
    """
    user_id = request.user.pk
    known: tuple[int, Actor] | None = getattr(request, "known_actor", None)
    if known is None or known[0] != user_id:
        known = user_id, actor_of(user_id, timezone.localdate())
        request.known_actor = known  # type: ignore[attr-defined]
    return known[1]


def visitor(request: HttpRequest) -> Actor | None:
    """Who looks at what is open to anyone: the person signed in, None for nobody or an account of nobody."""
    if not request.user.is_authenticated:
        return None
    try:
        return current_actor(request)
    except NotPermittedError:
        return None


def holder_choice(actor: Actor, wanted: str = "") -> HolderChoice:
    """The holder of that key among those in whose name the actor acts, the first where none is asked for.

    Raises NotPermittedError, for a holder of somebody else as for one that doesn't exist.
    """
    keys = [grant.organisation_id for grant in actor.grants if grant.role is Role.HOLDER]
    if not keys:
        raise NotPermittedError(f"{actor.name} 不是使用单位的经办人")
    offered = tuple(Organisation.objects.filter(pk__in=keys).order_by("name", "pk"))
    chosen = next((one for one in offered if not wanted or str(one.pk) == wanted), None)
    if chosen is None:
        raise NotPermittedError(f"{actor.name} 不是编号为 {wanted[:20]} 的使用单位的经办人")
    return HolderChoice(chosen, offered)


def organisation(organisation_id: int) -> Organisation:
    """Raises UnknownPartyError."""
    found = Organisation.objects.filter(pk=organisation_id).first()
    if found is None:
        raise UnknownPartyError(f"没有编号为 {organisation_id} 的单位")
    return found


def organisations(keys: Collection[int]) -> list[Organisation]:
    """Those of the keys that there are, by name; without a query for none."""
    return list(Organisation.objects.filter(pk__in=keys).order_by("name", "pk")) if keys else []


def person(person_id: int) -> Person:
    """The person with the organisation; raises UnknownPartyError."""
    found = Person.objects.select_related("organisation").filter(pk=person_id).first()
    if found is None:
        raise UnknownPartyError(f"没有编号为 {person_id} 的人员")
    return found


def organisation_of_credit_code(code: str) -> Organisation:
    """Raises UnknownPartyError."""
    found = Organisation.objects.filter(credit_code=code).first()
    if found is None:
        raise UnknownPartyError(f"没有统一社会信用代码为 {code} 的单位")
    return found


def organisations_of_credit_codes(codes: Collection[str]) -> list[Organisation]:
    """Those that are known of many codes, with what places them: code and region."""
    return list(Organisation.objects.filter(credit_code__in=codes).only("credit_code", "region")) if codes else []


def people_with(role: Role, on: date, apart_from: int) -> QuerySet[Person]:
    """Everyone who has that role on that day and no part in an organisation, each once."""
    in_force = Person.objects.filter(grants__role=role.name, grants__valid_from__lte=on, grants__valid_until__gte=on)
    apart = in_force.exclude(organisation_id=apart_from).exclude(grants__organisation_id=apart_from)
    return apart.select_related("organisation").distinct()


def _grant(grant: RoleGrant) -> Grant:
    return Grant(Role[grant.role], grant.organisation_id, grant.organisation.region, frozenset(grant.regulations))


def institutes_in(region: str) -> list[Organisation]:
    """The institutes of a division and of those in it, by name; raises UnknownDivisionError."""
    found = Organisation.objects.filter(kind=Organisation.Kind.INSTITUTE)
    level = division(region).level
    if level is Level.CITY:
        found = found.filter(region__startswith=region[:4])
    elif level is Level.COUNTY:
        found = found.filter(region=region)
    return list(found.order_by("name")[:1000])


def people_of(organisation_id: int) -> list[Person]:
    """The people of an organisation, by name."""
    return list(Person.objects.filter(organisation_id=organisation_id).order_by("name", "pk")[:1000])


def institutes_among(organisation_ids: Iterable[int]) -> set[int]:
    """Those of the organisations that are technical institutes; without a query where there are none to ask of."""
    wanted = set(organisation_ids)
    found = Organisation.objects.filter(pk__in=wanted, kind=Organisation.Kind.INSTITUTE)
    return set(found.values_list("pk", flat=True)) if wanted else set()


def organisation_keys(after: int, most: int) -> list[int]:
    """The keys of organisations behind one, in order."""
    return list(Organisation.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:most])


def authorities() -> list[Organisation]:
    """All authorities of market regulation."""
    return list(Organisation.objects.filter(kind=Organisation.Kind.AUTHORITY).order_by("pk"))


def reached_by_mail(role: Role, organisation_ids: Collection[int], on: date) -> list[Person]:
    """Who has that role in one of the organisations on that day and an account with an address, each once."""
    grants = RoleGrant.objects.filter(role=role.name, organisation__in=organisation_ids)
    in_force = grants.filter(valid_from__lte=on, valid_until__gte=on).values("person")
    found = Person.objects.filter(pk__in=in_force, user__is_active=True).exclude(user__email="")
    return list(found.select_related("user").order_by("pk"))
