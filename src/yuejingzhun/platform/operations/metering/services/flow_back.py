"""Results of verifications flow back as ground truth: certificates and notices of failure of meters that are evaluated.

All new certificates are looked through once, in the order of issue; a few are looked at again, since the numbers of two
transactions may become visible in the other order. A revoked certificate withdraws its result.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.certificates.queries import issued_after, newest_keys, revoked_after
from yuejingzhun.platform.operations.mandatory.queries import ended_without_result
from yuejingzhun.platform.operations.metering.models import Evaluation, FlowBack, Truth, Withdrawal, WorkItem
from yuejingzhun.platform.operations.metering.queries import check_engineer
from yuejingzhun.platform.operations.metering.rules import REGULATIONS, Medium, Source, Standing
from yuejingzhun.platform.operations.metering.services.truth import Outcome, note_tested, truths_of
from yuejingzhun.platform.operations.metering.true_error import points_as_json, true_error
from yuejingzhun.platform.operations.verification.queries import evaluation_of

AT_ONCE = 1_000
AGAIN = 2_000  # certificates that are looked at twice


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of one look: new results, withdrawn ones, and meters whose application ended without a result."""

    results: int
    withdrawn: int
    reopened: int


def bring_results(actor: Actor, holder_id: int, at: datetime) -> Brought:
    """Look now instead of at the next hour; raises NotPermittedError."""
    check_engineer(actor, holder_id)
    brought = look_through(at)
    with transaction.atomic():
        told = {"results": brought.results, "withdrawn": brought.withdrawn}
        record_event(actor, "检定结果：取回", "metering", holder_id, at, after=told, organisation_id=holder_id)
    return brought


def look_through(at: datetime) -> Brought:
    """Everything issued and revoked since the last look, piece by piece, each in a transaction."""
    results = withdrawn = 0
    utilities = _utilities()
    if not utilities:
        _skip()
        return Brought(0, 0, 0)
    again = True
    while True:
        with transaction.atomic():
            place = _place()
            after = max(place.certificate_id - AGAIN, 0) if again else place.certificate_id
            found = issued_after(after, AT_ONCE + AGAIN)
            results += _take(found, utilities, at)
            if found and found[-1].pk > place.certificate_id:
                place.certificate_id = found[-1].pk
                place.save(update_fields=["certificate_id"])
        again = False
        if len(found) < AT_ONCE + AGAIN:
            break
    while True:
        with transaction.atomic():
            place = _place()
            revoked = revoked_after(place.revocation_id, AT_ONCE)
            withdrawn += _withdraw({one.certificate.number: one.reason for one in revoked}, at)
            if revoked:
                place.revocation_id = revoked[-1].pk
                place.save(update_fields=["revocation_id"])
        if len(revoked) < AT_ONCE:
            break
    return Brought(results, withdrawn, _reopen())


@transaction.atomic
def _skip() -> None:
    """Of a province's certificates none concerns anybody before the first evaluation: they are not read one by one."""
    place = _place()
    place.certificate_id, place.revocation_id = newest_keys()
    place.save(update_fields=["certificate_id", "revocation_id"])


def _utilities() -> set[int]:
    return set(Evaluation.objects.order_by().values_list("organisation_id", flat=True).distinct())


def _place() -> FlowBack:
    FlowBack.objects.get_or_create(pk=1)
    return FlowBack.objects.select_for_update().get(pk=1)


def _take(found: Sequence[Any], utilities: set[int], at: datetime) -> int:
    """Keep what concerns the utilities and isn't kept yet."""
    media = {series: medium for medium, several in REGULATIONS.items() for series in several}
    concerned = [one for one in found if one.instrument.holder_id in utilities and _series(one.regulation) in media]
    known = set(
        Truth.objects.filter(
            organisation_id__in=utilities, certificate__in=[one.number for one in concerned]
        ).values_list("certificate", flat=True)
    )
    by_utility: dict[tuple[int, Medium], list[Any]] = defaultdict(list)
    for one in concerned:
        if one.number not in known:
            by_utility[one.instrument.holder_id, media[_series(one.regulation)]].append(one)
    for (holder_id, medium), certificates in by_utility.items():
        _keep(holder_id, medium, certificates, at)
    return sum(map(len, by_utility.values()))


def _keep(holder_id: int, medium: Medium, certificates: Sequence[Any], at: datetime) -> None:
    sent = WorkItem.objects.filter(
        organisation_id=holder_id, instrument__in=[one.instrument_id for one in certificates]
    )
    numbers = dict(sent.values_list("instrument_id", "meter"))
    points = [evaluation_of(one.job).points for one in certificates]
    tested = [
        Outcome(
            numbers.get(one.instrument_id) or one.instrument.holder_number or one.instrument.serial[:64],
            one.tested_on,
            true_error(medium, found),
            one.passed,
        )
        for one, found in zip(certificates, points, strict=True)
    ]
    made = truths_of(tested, holder_id, medium, at, Source.CERTIFICATE, None)
    earlier = [one.supersedes.number for one in certificates if one.supersedes]
    rows = Truth.objects.filter(organisation_id=holder_id, successor=None, certificate__in=earlier)
    replaced = {truth.certificate: truth for truth in rows}
    for truth, one, found in zip(made, certificates, points, strict=True):
        truth.certificate, truth.points = one.number, points_as_json(found)
        truth.supersedes = replaced.get(one.supersedes.number) if one.supersedes else None
        truth.save()
        replaced[one.number] = truth
    note_tested(holder_id, medium, [one.meter for one in tested])


def _withdraw(reasons: dict[str, str], at: datetime) -> int:
    found = list(Truth.objects.filter(certificate__in=reasons, withdrawal=None).exclude(certificate=""))
    Withdrawal.objects.bulk_create(
        Withdrawal(result=one, reason=f"证书已撤销：{reasons[one.certificate]}"[:300], at=at) for one in found
    )
    return len(found)


@transaction.atomic
def _reopen() -> int:
    """Meters whose application was refused, withdrawn or dropped are open again."""
    sent = {
        (item.application, item.instrument_id): item
        for item in WorkItem.objects.select_for_update().filter(standing=Standing.SENT.name)
    }
    ended = ended_without_result({number for number, _ in sent})
    items = [sent[key] for key in ended if key in sent]
    WorkItem.objects.filter(pk__in=[item.pk for item in items]).update(standing=Standing.OPEN.name)
    return len(items)


def _series(regulation: str) -> str:
    return regulation.rpartition("-")[0]
