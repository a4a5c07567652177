"""What is written of traceability: calibrations as they happen, and what was found wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.jobs.services import ask
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act, may_see_region
from yuejingzhun.platform.registry.instruments.queries import Instrument
from yuejingzhun.platform.registry.standards.queries import MeasurementStandard
from yuejingzhun.platform.registry.traceability.errors import TraceabilityError
from yuejingzhun.platform.registry.traceability.limits import tightest_limit
from yuejingzhun.platform.registry.traceability.listing import AT_ONCE, finish
from yuejingzhun.platform.registry.traceability.models import Ending, Link, Node, Recall
from yuejingzhun.platform.registry.traceability.queries import node_of
from yuejingzhun.platform.registry.traceability.rules import (
    Calibration,
    Finding,
    Item,
    Kind,
    refusal_to_link,
    refusal_to_recall,
)
from yuejingzhun.procedures.evaluation import Evaluation
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.procedures.record import Parameters

LONG_TASK = "traceability-recall"
CYCLES = 0x7261636B
"""The advisory lock under which a link between standards is written: two at once could close a ring."""
PATH_UP = """
with recursive up(node, path) as (
    select %(upper)s::bigint, array[%(upper)s::bigint]
    union all
    select above.upper_id, up.path || above.upper_id
    from up cross join lateral (select distinct upper_id from traceability_link where lower_id = up.node) above
    where up.node <> %(lower)s and above.upper_id <> all(up.path)
)
select path from up where node = %(lower)s limit 1
"""


@dataclass(frozen=True, slots=True)
class Verified:
    """That an instrument was verified with a standard, by the certificate of that number."""

    number: str
    instrument: Instrument
    standard: MeasurementStandard
    parameters: Parameters
    evaluation: Evaluation


def link_certificates(verified: Sequence[Verified], institute_id: int, at: datetime) -> None:
    """Link each instrument to its standard; for `certificates`, inside the transaction of the issue.

    How an error of the standard enters is what the regulation declares of its U (see `limits`); where it declares
    nothing the effect stays unknown. Raises TraceabilityError.
    """
    uppers = {one.standard.pk: item_of(one.standard) for one in verified}
    lowers = {one.instrument.pk: item_of_instrument(one.instrument) for one in verified}
    links = [(lowers[one.instrument.pk], uppers[one.standard.pk], _calibration(one)) for one in verified]
    for lower, upper, calibration in links:
        if refusal := refusal_to_link(lower, upper, calibration, local_date(at)):
            raise TraceabilityError(refusal)
    above = {key: _node(item) for key, item in uppers.items()}
    below = _nodes_of_instruments(lowers)
    made = [
        Link(
            certificate=calibration.certificate.strip(),
            lower=below[one.instrument.pk],
            upper=above[one.standard.pk],
            **_details(calibration, institute_id),
        )
        for one, (_, _, calibration) in zip(verified, links, strict=True)
    ]
    Link.objects.bulk_create(made, ignore_conflicts=True)  # the same link twice is one


def _calibration(one: Verified) -> Calibration:
    evaluation, unit = one.evaluation, one.standard.unit
    limit = tightest_limit(evaluation, one.parameters, unit)
    return Calibration(
        made_on=evaluation.tested_on,
        certificate=one.number,
        until=evaluation.valid_until,
        factor=limit and float(limit.factor),
        mpe=limit and limit.mpe,
        expanded_uncertainty=limit and limit.expanded_uncertainty,
        margin=limit and limit.margin,
        unit=limit.unit if limit else unit,
    )


def note_revoked(number: str, at: datetime) -> None:
    """That a certificate was revoked, for the lists of recalls; inside the transaction of who revokes."""
    Ending.objects.get_or_create(certificate=number, how=Ending.How.REVOKED, defaults={"at": at})


def note_superseded(number: str, at: datetime) -> None:
    """That another certificate took the place of this one; inside the transaction of who issues that."""
    Ending.objects.get_or_create(certificate=number, how=Ending.How.SUPERSEDED, defaults={"at": at})


@transaction.atomic
def link_standard(
    actor: Actor, standard: MeasurementStandard, upper: Item, calibration: Calibration, at: datetime
) -> Link:
    """That a main instrument of a standard was calibrated; for the quality manager of its owner.

    Raises NotPermittedError, or TraceabilityError, which names the way round where the link would close a ring.
    """
    if not may_act(actor, Role.QUALITY_MANAGER, standard.owner_id):
        raise NotPermittedError(f"{actor.name} 不是建标单位的质量负责人")
    link = record_calibration(item_of(standard), upper, calibration, upper.holder_id, at)
    after = {"upper": link.upper.label, "certificate": link.certificate, "on": str(link.made_on), "part": link.part}
    record_event(actor, "登记溯源", "standard", standard.pk, at, after=after)
    return link


def record_calibration(
    lower: Item, upper: Item, calibration: Calibration, institute_id: int | None, at: datetime
) -> Link:
    """One link, inside the caller's transaction, who has checked the right; the same link twice is one.

    Raises TraceabilityError.
    """
    if refusal := refusal_to_link(lower, upper, calibration, local_date(at)):
        raise TraceabilityError(refusal)
    composed = lower.kind is not Kind.INSTRUMENT
    if composed:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", (CYCLES,))
    below, above = _node(lower), _node(upper)
    if composed:
        _refuse_ring(below, above)
    link, _ = Link.objects.get_or_create(
        certificate=calibration.certificate.strip(),
        lower=below,
        upper=above,
        strand=_strand(below, calibration.part.strip()) if composed else 0,
        defaults=_details(calibration, institute_id),
    )
    return link


def _details(calibration: Calibration, institute_id: int | None) -> dict[str, Any]:
    return {
        "part": calibration.part.strip(),
        "made_on": calibration.made_on,
        "until": calibration.until,
        "institute_id": institute_id,
        "factor": calibration.factor,
        "mpe": calibration.mpe,
        "expanded_uncertainty": calibration.expanded_uncertainty,
        "margin": calibration.margin,
        "unit": calibration.unit,
    }


def declare_and_list(actor: Actor, kind: str, key: str, finding: Finding, at: datetime) -> Recall:
    """Declare a recall and make its list: at once where it is short, else as a long task. Raises as declare_recall."""
    recall = declare_recall(actor, kind, key, finding, at)
    if not finish(recall.pk, AT_ONCE):
        title = f"追溯：{recall.source.label}"
        ask(actor, LONG_TASK, {"recall": recall.pk}, at, title=title, region=recall.source.region)
    return recall


@transaction.atomic
def declare_recall(actor: Actor, kind: str, key: str, finding: Finding, at: datetime) -> Recall:
    """Say that a standard was wrong; for its owner's quality manager or a regulator of its region.

    Its list is made afterwards (`declare_and_list`), and nothing is revoked: signatories decide. Raises
    NotPermittedError, TraceabilityError or UnknownItemError.
    """
    source = node_of(kind, key)
    if not may_declare(actor, source):
        raise NotPermittedError(f"{actor.name} 不是归属单位的质量负责人，也不是当地的监管人员")
    if source.kind == Kind.INSTRUMENT.name:
        raise TraceabilityError(f"{source.label} 是计量器具，没有以它为标准出具的证书")
    if refusal := refusal_to_recall(finding, source.unit, local_date(at)):
        raise TraceabilityError(refusal)
    recall = Recall.objects.create(
        source=source,
        from_day=finding.from_day,
        to_day=finding.to_day,
        error=finding.error,
        unit=finding.unit.strip(),
        reason=finding.reason.strip(),
        declared_by_id=actor.person_id,
        declared_at=at,
    )
    after = {"source": source.label, "from": str(finding.from_day), "to": finding.to_day and str(finding.to_day)}
    record_event(actor, "宣布追溯", "recall", recall.pk, at, after=after, reason=recall.reason)
    return recall


def may_declare(actor: Actor, source: Node) -> bool:
    """Whether the actor may say that this item was wrong."""
    owner = source.holder_id is not None and may_act(actor, Role.QUALITY_MANAGER, source.holder_id)
    return owner or may_see_region(actor, source.region)


def item_of(standard: MeasurementStandard) -> Item:
    """A measurement standard as an item of the graph."""
    u, k = (format(value.normalize(), "f") for value in (standard.expanded_uncertainty, standard.coverage_factor))
    uncertainty = f"U = {u} {standard.unit} (k = {k})"
    label = f"{standard.name} {standard.number}"
    return Item(
        Kind.STANDARD, str(standard.pk), label, standard.owner.region, standard.owner_id, uncertainty, standard.unit
    )


def item_of_instrument(instrument: Instrument) -> Item:
    """An instrument as an item of the graph."""
    return Item(Kind.INSTRUMENT, str(instrument.pk), str(instrument), instrument.region, instrument.holder_id)


def _node(item: Item) -> Node:
    known = _known(item)
    node, created = Node.objects.get_or_create(kind=item.kind.name, key=item.key, defaults=known)
    if not created and _differs(node, known):
        Node.objects.filter(pk=node.pk).update(**known)
    return node


def _nodes_of_instruments(items: Mapping[int, Item]) -> dict[int, Node]:
    """The nodes by the number of the instrument, made or corrected where needed, as `_node` does for one."""
    wanted = Node.objects.filter(kind=Kind.INSTRUMENT.name, key__in=[item.key for item in items.values()])
    found = {int(node.key): node for node in wanted}
    if missing := sorted(set(items) - set(found)):
        made = [Node(kind=Kind.INSTRUMENT.name, key=items[pk].key, **_known(items[pk])) for pk in missing]
        Node.objects.bulk_create(made, ignore_conflicts=True)  # another institute may have been quicker
        found = {int(node.key): node for node in wanted.all()}
    for pk, node in found.items():
        if _differs(node, known := _known(items[pk])):
            Node.objects.filter(pk=node.pk).update(**known)
    return found


def _known(item: Item) -> dict[str, Any]:
    return {
        "label": item.label,
        "region": item.region,
        "holder_id": item.holder_id,
        "uncertainty": item.uncertainty,
        "unit": item.unit,
    }


def _differs(node: Node, known: Mapping[str, Any]) -> bool:
    return any(getattr(node, name) != value for name, value in known.items())


def _refuse_ring(below: Node, above: Node) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PATH_UP, {"lower": below.pk, "upper": above.pk})
        found = cursor.fetchone()
    if found is not None:
        labels = dict(Node.objects.filter(pk__in=found[0]).values_list("pk", "label"))
        way = " → ".join(labels[pk] for pk in [below.pk, *found[0]])
        raise TraceabilityError(f"溯源不能成环：{way}")


def _strand(below: Node, part: str) -> int:
    """The number of that part of a standard; its lock is held, so that two new parts can't take one number."""
    known = dict(Link.objects.filter(lower=below).order_by("part").values_list("part", "strand").distinct())
    return known.get(part, max(known.values(), default=-1) + 1)
