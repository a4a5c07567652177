"""Reads of the graph and of recalls."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum

from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act, may_see_region
from yuejingzhun.platform.registry.standards.queries import is_withheld
from yuejingzhun.platform.registry.traceability.errors import UnknownItemError
from yuejingzhun.platform.registry.traceability.models import Affected, Ending, Link, Node, Recall, Tally
from yuejingzhun.platform.registry.traceability.picture import Picture, draw
from yuejingzhun.platform.registry.traceability.rules import Kind

PAGE = 100
MOST_LINKS = 200
"""A chain has a dozen; what is longer is cut rather than never shown."""
STANDS_BEHIND = """
with recursive behind(id, upper_id, made_on, level) as (
    {first}
    union
    select link.id, link.upper_id, link.made_on, behind.level + 1
    from behind join traceability_link link on link.lower_id = behind.upper_id and link.made_on <= behind.made_on
    where behind.level < 40 and not exists (
        select from traceability_link later where later.lower_id = link.lower_id and later.strand = link.strand
            and later.made_on > link.made_on and later.made_on <= behind.made_on)
)
select id, max(level) from behind group by id order by max(level), id limit %(most)s
"""
OF_CERTIFICATE = "select id, upper_id, made_on, 1 from traceability_link where certificate = %(certificate)s"
OF_ITEM = """
    select link.id, link.upper_id, link.made_on, 1 from traceability_link link
    where link.lower_id = %(node)s and link.made_on <= %(on)s and not exists (
        select from traceability_link later where later.lower_id = link.lower_id and later.strand = link.strand
            and later.made_on > link.made_on and later.made_on <= %(on)s)
"""


@dataclass(frozen=True, slots=True)
class Step:
    """A link of a chain: how many levels it is above the start, at most, and the link with both ends and owners."""

    level: int
    link: Link


@dataclass(frozen=True, slots=True)
class Chain:
    """What stands behind `start`, the nearest first; `certificate` is its own where the chain begins with one."""

    start: Node
    certificate: str
    steps: tuple[Step, ...]

    @property
    def roots(self) -> list[Node]:
        """The items that nothing on record stands behind."""
        calibrated = {step.link.lower_id for step in self.steps}
        nodes = {self.start.pk: self.start} | {step.link.upper_id: step.link.upper for step in self.steps}
        return [node for pk, node in nodes.items() if pk not in calibrated]

    @property
    def is_complete(self) -> bool:
        """Whether every way ends at a national standard, which realises a unit of the SI."""
        return all(node.kind == Kind.NATIONAL.name for node in self.roots)

    @property
    def picture(self) -> Picture:
        """For the template `traceability/chain.html`."""
        return draw(self)


def node_of(kind: str, key: str) -> Node:
    """The item of that kind and key; raises UnknownItemError."""
    kind = kind.upper()
    found = (
        Node.objects.select_related("holder").filter(kind=kind, key=key).first() if kind in Kind.__members__ else None
    )
    if found is None:
        raise UnknownItemError(f"没有登记过这个溯源对象：{kind.lower()[:20]} {key[:80]}")
    return found


def chain_of(kind: str, key: str, on: date | None = None) -> Chain | None:
    """What stands behind an item on a day (by its newest calibrations where not given); None if it isn't on record.

    `kind` is national, standard, material, instrument or certificate; a certificate that we issued is found by its
    number, what stands behind it is what did when it was made. Two queries.
    """
    if kind == "certificate":
        rows = _ids(OF_CERTIFICATE, {"certificate": key})
        if rows:
            return _chain(rows, None, key)
    node = Node.objects.select_related("holder").filter(kind=kind.upper(), key=key).first()
    if node is None:
        return None
    return _chain(_ids(OF_ITEM, {"node": node.pk, "on": on or date.max}), node, "")


def shown_chain(actor: Actor | None, kind: str, key: str) -> Chain:
    """The chain for a page or a program, None where nobody is signed in. Raises UnknownItemError.

    A certificate's is for anyone who has its number. An instrument's, which keys tried one by one would betray, and
    that of a standard that isn't published are for those whom they concern.
    """
    found = chain_of(kind.lower(), key)
    if found is None or not _may_see(actor, found):
        raise UnknownItemError(f"没有登记过这个溯源对象，或您无权查看：{kind[:20]} {key[:80]}")
    return found


def _may_see(actor: Actor | None, chain: Chain) -> bool:
    start = chain.start
    if start.kind == Kind.INSTRUMENT.name and not chain.certificate:
        issued_by = {step.link.institute_id for step in chain.steps if step.link.lower_id == start.pk}
        return actor is not None and _concerns(actor, start, issued_by)
    if start.kind == Kind.STANDARD.name and start.key.isdecimal() and is_withheld(int(start.key)):
        return actor is not None and _concerns(actor, start, set())
    return True


def _concerns(actor: Actor, node: Node, institutes: set[int | None]) -> bool:
    return not _organisations(actor).isdisjoint(institutes | {node.holder_id}) or may_see_region(actor, node.region)


def _ids(first: str, values: dict[str, Any]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(STANDS_BEHIND.format(first=first), values | {"most": MOST_LINKS})
        return dict(cursor.fetchall())


def _chain(levels: dict[int, int], start: Node | None, certificate: str) -> Chain:
    related = ("lower__holder", "upper__holder", "institute")
    links = {link.pk: link for link in Link.objects.select_related(*related).filter(pk__in=levels)}
    steps = tuple(Step(level, links[pk]) for pk, level in levels.items())
    return Chain(start or steps[0].link.lower, certificate, steps)


def recalls_for(actor: Actor, before: int | None = None) -> list[Recall]:
    """Recalls that concern the actor, the newest first, a page; `before` is the last id of the page before."""
    mine = _organisations(actor)
    named = Tally.objects.filter(Q(holder_id__in=mine) | Q(institute_id__in=mine))
    concerned = Q(source__holder_id__in=mine) | Q(pk__in=named.values("recall_id"))
    for grant in actor.grants:
        if grant.role is Role.REGULATOR:
            concerned |= Q(source__region__startswith=_prefix(grant.region))
            concerned |= Q(pk__in=Tally.objects.filter(region__startswith=_prefix(grant.region)).values("recall_id"))
    found = Recall.objects.select_related("source__holder").filter(concerned)
    return list((found.filter(pk__lt=before) if before else found).order_by("-pk")[:PAGE])


def visible_recall(actor: Actor, recall_id: int) -> Recall:
    """A recall, for those whose it is or whom its list names; raises UnknownItemError otherwise."""
    found = Recall.objects.select_related("source__holder", "declared_by").filter(pk=recall_id).first()
    if found is not None and (sees_all(actor, found) or _rows(actor, found).exists()):
        return found
    raise UnknownItemError(f"没有编号为 {recall_id} 的追溯，或您无权查看")


def affected_of(
    actor: Actor, recall: Recall, after: int = 0, count: int | None = PAGE, *, standing: bool = False
) -> QuerySet[Affected]:
    """What the actor may see of a recall's list, the gravest first, after that rank; all where `count` is None.

    Whether a certificate was revoked or superseded is as of now; `standing` leaves those out.
    """
    ended = Ending.objects.filter(certificate=OuterRef("link__certificate"))
    related = ("link__lower", "link__upper", "holder", "institute")
    rows = _rows(actor, recall).filter(rank__gt=after).select_related(*related)
    rows = rows.filter(~Exists(ended)) if standing else rows
    rows = rows.annotate(ending=Subquery(ended.order_by("how").values("how")[:1]))  # revoked before superseded
    return rows.order_by("rank")[:count] if count else rows.order_by("rank")


def tallies_of(actor: Actor, recall: Recall) -> tuple[list[Tally], list[dict[str, Any]]]:
    """Counts by holder (the gravest 100) and by region (all), of what the actor may see."""
    rows = Tally.objects.filter(recall=recall)
    rows = rows.filter(institute=None) if sees_all(actor, recall) else rows.filter(_counted(actor))
    counts = {name: Sum(name) for name in ("certificates", "instruments", "grave")}
    regions = rows.values("region").annotate(**counts).order_by("-grave", "-certificates", "region")
    holders = rows.select_related("holder").order_by("-grave", "-certificates", "pk")
    return list(holders[:PAGE]), list(regions)


def recalls_of_holder(holder_id: int) -> list[Tally]:
    """The recalls that name a holder, with its counts, the newest first; for the holder's page."""
    rows = Tally.objects.select_related("recall__source").filter(holder_id=holder_id, institute=None)
    return list(rows.order_by("-recall_id")[:PAGE])


def sees_all(actor: Actor, recall: Recall) -> bool:
    """Whether the whole list is the actor's to see: the owner's quality manager's, a regulator's of the region."""
    holder = recall.source.holder_id
    owner = holder is not None and may_act(actor, Role.QUALITY_MANAGER, holder)
    return owner or may_see_region(actor, recall.source.region)


def _rows(actor: Actor, recall: Recall) -> QuerySet[Affected]:
    rows = Affected.objects.filter(recall=recall)
    return rows if sees_all(actor, recall) else rows.filter(_of(actor))


def _of(actor: Actor) -> Q:
    """Own instruments, certificates of the own institute, and what lies in a regulator's region."""
    return _held_by(actor) | Q(institute_id__in=_organisations(actor))


def _counted(actor: Actor) -> Q:
    """The counts of just these, none of them twice: what the own institute issued to others is counted apart."""
    held = _held_by(actor)
    return Q(institute=None) & held | Q(institute_id__in=_organisations(actor)) & ~held


def _held_by(actor: Actor) -> Q:
    wanted = Q(holder_id__in=_organisations(actor))
    for grant in actor.grants:
        if grant.role is Role.REGULATOR:
            wanted |= Q(region__startswith=_prefix(grant.region))
    return wanted


def _organisations(actor: Actor) -> set[int]:
    return {grant.organisation_id for grant in actor.grants if grant.role is not Role.REGULATOR}


def _prefix(region: str) -> str:
    # A division's code ends in 00 for each level that it spans.
    return region[:2] if region.endswith("0000") else region[:4] if region.endswith("00") else region
