"""An authorised institute with a receptionist, a holder with filed meters."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.test import Client

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.models import Organisation, Person, RoleGrant
from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role
from yuejingzhun.platform.operations.mandatory.rules import Delivery
from yuejingzhun.platform.operations.mandatory.services.apply import Request
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.registry.qualifications.models import Authorisation, AuthorisedItem

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
ELECTRICITY = "JJG 596-2012"


def authorise(institute: Organisation, by: int, *, until: date = date(2029, 12, 31), region: str = "440100") -> None:
    granted = Authorisation.objects.create(
        institute=institute,
        kind="legal",
        level="city",
        number=f"粤法计{institute.pk}",
        valid_from=date(2024, 1, 1),
        valid_until=until,
        granted_by_id=by,
        granted_at=AT,
    )
    AuthorisedItem.objects.create(
        authorisation=granted, regulation=ELECTRICITY, series="JJG 596", region=region, item=item_of_meters()
    )


def item_of_meters() -> str:
    from yuejingzhun.platform.registry.catalogue.queries import item_of_regulation

    found = item_of_regulation(ELECTRICITY, AT.date())
    assert found is not None
    return found


@dataclass(frozen=True)
class Counter:
    """Who meets at the counter of an institute."""

    institute: Organisation
    other: Organisation
    holder: Organisation
    client: Actor
    receptionist: Actor
    colleague: Actor
    verifier: Actor
    elsewhere: Actor
    regulator: Actor
    meters: tuple[Instrument, ...]

    def request(self, count: int = 3, key: str = "k1", **changes: object) -> Request:
        given = {
            "holder_id": self.holder.pk,
            "institute_id": self.institute.pk,
            "instrument_ids": tuple(meter.pk for meter in self.meters[:count]),
            "delivery": Delivery.DELIVERED,
            "contact": "联系人",
            "phone": "020-1",
            "key": key,
        }
        return Request(**given | changes)


def person(name: str, organisation: Organisation, role: Role) -> Actor:
    made = Person.objects.create(name=name, organisation=organisation)
    return Actor(made.pk, name, (Grant(role, organisation.pk, organisation.region, frozenset({ELECTRICITY})),))


def with_account(actor: Actor) -> User:
    """An account for that person, with the same roles on record."""
    user, _ = User.objects.get_or_create(username=f"user{actor.person_id}")
    Person.objects.filter(pk=actor.person_id).update(user=user)
    for grant in actor.grants:
        days = {"valid_from": date(2025, 1, 1), "valid_until": date(2029, 12, 31)}
        RoleGrant.objects.get_or_create(
            person_id=actor.person_id,
            role=grant.role.name,
            organisation_id=grant.organisation_id,
            defaults=days | {"regulations": sorted(grant.regulations)},
        )
    return user


def client_of(actor: Actor) -> Client:
    """A browser in which that person is signed in."""
    client = Client()
    client.force_login(with_account(actor))
    return client
