"""Reads of credit. Whose facts somebody sees: one's own organisation's, and as a regulator those of one's region."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from yuejingzhun.platform.foundation.parties.divisions import PROVINCE, Level, division, full_name
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError, UnknownPartyError
from yuejingzhun.platform.foundation.parties.queries import Organisation, organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_see_region
from yuejingzhun.platform.supervision.credit.errors import CreditError, UnknownCreditError
from yuejingzhun.platform.supervision.credit.explaining import BEHIND, Explanation, InForce, explain
from yuejingzhun.platform.supervision.credit.kinds import REPAIRED, fact_kinds, label_of
from yuejingzhun.platform.supervision.credit.models import Contest, Fact, Repair, RuleVersion, Simulation, Standing
from yuejingzhun.platform.supervision.credit.rule_set import GRADES, read_rule_set
from yuejingzhun.platform.supervision.credit.rules import Condition, Known, repair_conditions

PAGE = 50
LARGEST_KEY = 2**62
ACTING = (Role.HOLDER, Role.MAKER, Role.QUALITY_MANAGER)  # who speaks for an organisation


def known_facts(party_ids: Collection[int], known_at: datetime) -> dict[int, list[Known]]:
    """What was known at a moment of each party, in the order of the days, ready to be rated."""
    rows = (
        Fact.objects.filter(party_id__in=party_ids, recorded_at__lte=known_at, withdrawn=False)
        .exclude(kind=REPAIRED)
        .exclude(superseded_by__recorded_at__lte=known_at)
        .order_by("party_id", "occurred_on", "id")
        .values_list(
            *("party_id", "id", "kind", "occurred_on", "quantity"),
            *("contest__contested_at", "contest__decided_at", "repair__occurred_on", "repair__recorded_at"),
        )
    )
    found: dict[int, list[Known]] = {key: [] for key in party_ids}
    for party, key, kind, day, quantity, contested, decided, repaired, repair_known in rows:
        is_open = contested is not None and contested <= known_at and (decided is None or decided > known_at)
        since = repaired if repair_known is not None and repair_known <= known_at else None
        found[party].append(Known(key, kind, day, quantity, is_open, since))
    return found


def versions_in_force(on: date, known_at: datetime) -> list[InForce]:
    """The rule sets of the days from BEHIND before one on, those adopted for later days included, by day."""
    rows = RuleVersion.objects.filter(effective_from__isnull=False, adopted_at__lte=known_at).order_by("effective_from")
    found = [InForce(row.effective_from, read_rule_set(row.content.encode())) for row in rows if row.effective_from]
    first = on - timedelta(BEHIND)
    begun = [place for place, version in enumerate(found) if version.first <= first]
    return found[begun[-1] if begun else 0 :]


def version_of(on: date) -> RuleVersion:
    """The rule set in force on a day; raises CreditError where there is none yet."""
    found = RuleVersion.objects.filter(effective_from__lte=on).order_by("-effective_from").first()
    if found is None:
        raise CreditError(f"{on} 没有生效的信用规则：请由省级市场监管部门发布")
    return found


def rule_version(version: int) -> RuleVersion:
    """A rule set by its version; raises UnknownCreditError."""
    found = RuleVersion.objects.select_related("proposed_by", "adopted_by").filter(version=min(version, 2**31 - 1))
    row = found.first()
    if row is None:
        raise UnknownCreditError(f"没有第 {version} 版信用规则")
    return row


def rule_versions() -> list[RuleVersion]:
    """All rule sets, the newest first."""
    return list(RuleVersion.objects.select_related("proposed_by", "adopted_by").order_by("-version")[:PAGE])


def simulation(actor: Actor, simulation_id: int) -> Simulation:
    """What trying a rule set told; raises NotPermittedError for who doesn't make the rules, and UnknownCreditError."""
    if not is_province(actor):
        raise NotPermittedError(f"{actor.name} 不是省级市场监管部门的监管人员")
    found = Simulation.objects.select_related("rules", "against").filter(pk=min(simulation_id, LARGEST_KEY)).first()
    if found is None:
        raise UnknownCreditError(f"没有编号为 {simulation_id} 的试算")
    return found


def is_province(actor: Actor) -> bool:
    """Whether the actor regulates the whole province, which makes the rules."""
    return province_authority(actor) is not None


def province_authority(actor: Actor) -> int | None:
    """The province's authority for which the actor acts; None where there is none."""
    grants = (grant for grant in actor.grants if grant.role is Role.REGULATOR)
    return next((grant.organisation_id for grant in grants if grant.region == PROVINCE), None)


def acts_for(actor: Actor, party_id: int) -> bool:
    """Whether the actor speaks for the organisation."""
    return any(grant.organisation_id == party_id and grant.role in ACTING for grant in actor.grants)


def party(actor: Actor, party_id: int) -> Organisation:
    """The party, for its own people and the regulators of its region; raises UnknownCreditError for all others."""
    try:
        found = organisation(min(party_id, LARGEST_KEY))
    except UnknownPartyError as error:
        raise UnknownCreditError(f"没有编号为 {party_id} 的单位，或您无权查看") from error
    if not sees(actor, found):
        raise UnknownCreditError(f"没有编号为 {party_id} 的单位，或您无权查看")
    return found


def sees(actor: Actor, found: Organisation) -> bool:
    """Whether the facts about a party are the actor's to see."""
    own = any(grant.organisation_id == found.pk for grant in actor.grants)
    return own or may_see_region(actor, found.region)


def own_party(actor: Actor, wanted: str = "") -> Organisation:
    """The organisation of that key in whose name the actor acts, the first without one; raises NotPermittedError."""
    keys = [grant.organisation_id for grant in actor.grants if grant.role in ACTING]
    found = [key for key in dict.fromkeys(keys) if not wanted or str(key) == wanted]
    if not found:
        roles = "、".join(role.value for role in ACTING)
        raise NotPermittedError(f"{actor.name} 不是这个单位的{roles}之一，不能以它的名义查看信用")
    return organisation(found[0])


def explanation(actor: Actor, party_id: int, on: date, known_at: datetime) -> Explanation:
    """The grade of a party on a day, as known at a moment, with what it follows from; as `party` raises."""
    return explanation_of(party(actor, party_id).pk, on, known_at)


def explanation_of(party_id: int, on: date, known_at: datetime) -> Explanation:
    """The same for whoever has checked the right; raises CreditError on a day before the first rule set."""
    versions = versions_in_force(on, known_at)
    if not versions or versions[0].first > on:
        raise CreditError(f"{on} 没有生效的信用规则")
    return explain(versions, known_facts([party_id], known_at)[party_id], on)


def facts_page(actor: Actor, party_id: int, before: int = LARGEST_KEY) -> list[Fact]:
    """The facts of a party, what was corrected included, the last recorded first, by page; as `party` raises."""
    found = _facts().filter(party=party(actor, party_id), pk__lt=before)
    return list(found.order_by("-pk")[:PAGE])


def fact(actor: Actor, fact_id: int) -> Fact:
    """A fact; raises UnknownCreditError for one that isn't the actor's to see."""
    found = _facts().filter(pk=min(fact_id, LARGEST_KEY)).first()
    if found is None or not sees(actor, found.party):
        raise UnknownCreditError(f"没有编号为 {fact_id} 的事实，或您无权查看")
    return found


def facts_in(actor: Actor, region: str, kind: str = "", before: int = LARGEST_KEY) -> list[Fact]:
    """Facts about the parties of a region, the last recorded first, by page; raises NotPermittedError."""
    _check_region(actor, region)
    found = _facts().filter(_within(region, "party__"), pk__lt=before)
    if kind in fact_kinds():
        found = found.filter(kind=kind)
    return list(found.order_by("-pk")[:PAGE])


@dataclass(frozen=True, slots=True)
class News:
    """That a fact of a kind was recorded about a party of a place; not about whom."""

    at: datetime
    place: str
    label: str


def news_in(actor: Actor, region: str, most: int) -> list[News]:
    """The facts of a region that were recorded last; raises NotPermittedError."""
    _check_region(actor, region)
    found = _recorded(region).order_by("-pk")[:most].values_list("recorded_at", "region", "kind")
    return [News(at, full_name(code), label_of(kind)) for at, code, kind in found]


def facts_by_place(actor: Actor, region: str, since: datetime) -> dict[tuple[str, str], int]:
    """How many facts of each kind were recorded since a moment and still count, by city of the province or by county.

    Raises NotPermittedError.
    """
    _check_region(actor, region)
    rows = _recorded(region).filter(recorded_at__gte=since, withdrawn=False, superseded_by=None)
    counted = rows.order_by().values_list("region", "kind").annotate(number=Count("pk"))
    found: Counter[tuple[str, str]] = Counter()
    for code, kind, number in counted:
        found[_place_in(region, code), kind] += number
    return dict(found)


def grades_by_place(actor: Actor, region: str) -> dict[tuple[str, str], int]:
    """How many parties have each grade, by city of the province or by county; raises NotPermittedError."""
    _check_region(actor, region)
    place = "city" if division(region).level is Level.PROVINCE else "region"
    rows = Standing.objects.filter(_within(region, "")).order_by().values_list(place, "grade")
    return {(f"{code:0<6}", grade): number for code, grade, number in rows.annotate(number=Count("pk"))}


def _recorded(region: str) -> QuerySet[Fact]:
    level = division(region).level
    if level is Level.PROVINCE:
        return Fact.objects.all()
    return Fact.objects.filter(**({"region": region} if level is Level.COUNTY else {"region__startswith": region[:4]}))


def _place_in(region: str, code: str) -> str:
    return f"{code[:4]}00" if division(region).level is Level.PROVINCE else code


def contests_to_decide(actor: Actor, after: int = 0) -> list[Contest]:
    """Open contests about parties in the actor's regions, the oldest first, by page; raises NotPermittedError."""
    found = Contest.objects.filter(_of_regulator(actor, "fact__party__"), decision="", pk__gt=after)
    return list(found.select_related("fact__party", "contested_by").order_by("pk")[:PAGE])


def repairs_to_decide(actor: Actor, after: int = 0) -> list[Repair]:
    """Open applications for repair in the actor's regions, the oldest first, by page; raises NotPermittedError."""
    found = Repair.objects.filter(_of_regulator(actor, "fact__party__"), state="APPLIED", pk__gt=after)
    return list(found.select_related("fact__party", "applied_by").order_by("pk")[:PAGE])


def conditions_of(row: Fact, on: date, known_at: datetime) -> tuple[Condition, ...]:
    """The conditions of repairing credit after a fact by the rule set of the day; none where it can't be repaired."""
    rules = read_rule_set(version_of(on).content.encode())
    facts = known_facts([row.party_id], known_at)[row.party_id]
    found = next((known for known in facts if known.id == row.pk), None)
    return () if found is None else repair_conditions(rules, found, facts, on)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the list of parties goes on: behind this grade and party."""

    grade: str
    party: int


def standings(
    actor: Actor, region: str, grade: str = "", category: str = "", text: str = "", after: Place | None = None
) -> list[Standing]:
    """Parties of a region by their last rating, the worst first, by page; raises NotPermittedError.

    `text` is the beginning of a credit code, or part of a name.
    """
    _check_region(actor, region)
    found = Standing.objects.filter(_within(region, "")).select_related("party")
    if grade in GRADES:
        found = found.filter(grade=grade)
    if category in Organisation.Kind.values:
        found = found.filter(category=category)
    wanted = "".join(character for character in text if character.isprintable()).strip()[:60]
    if wanted:
        found = found.filter(Q(party__credit_code__startswith=wanted.upper()) | Q(party__name__contains=wanted))
    if after is not None:
        found = found.filter(Q(grade__lt=after.grade) | Q(grade=after.grade, party_id__gt=after.party))
    return list(found.order_by("-grade", "party_id")[:PAGE])


def _facts() -> QuerySet[Fact]:
    related = ("party", "recorded_by", "contest", "supersedes", "superseded_by", "repairs", "repair")
    return Fact.objects.select_related(*related)


def _check_region(actor: Actor, region: str) -> None:
    if not may_see_region(actor, region):
        raise NotPermittedError(f"{actor.name} 不是 {division(region).name} 的监管人员")


def _within(region: str, prefix: str) -> Q:
    level = division(region).level
    if level is Level.PROVINCE:
        return Q()
    if level is Level.CITY:
        return Q(**{f"{prefix}region__startswith": region[:4]}) if prefix else Q(city=region[:4])
    return Q(**{f"{prefix}region": region})


def _of_regulator(actor: Actor, prefix: str) -> Q:
    regions = [grant.region for grant in actor.grants if grant.role is Role.REGULATOR]
    if not regions:
        raise NotPermittedError(f"{actor.name} 不是监管人员")
    found = Q(pk__in=[])
    for region in regions:
        within = _within(region, prefix)
        if not within:
            return Q()
        found |= within
    return found


def regions_of(actor: Actor) -> Sequence[str]:
    """The regions that the actor regulates."""
    return tuple(dict.fromkeys(grant.region for grant in actor.grants if grant.role is Role.REGULATOR))
