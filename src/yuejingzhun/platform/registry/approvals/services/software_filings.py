"""Software is filed by the maker, decided on and blocked by the authority, and compared with what devices show."""

from datetime import date, datetime

from django.db import transaction

from yuejingzhun.evidence.software_statement import software_accepted, software_blocked, software_filed
from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.events.services import publish
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.approvals.errors import ApprovalError
from yuejingzhun.platform.registry.approvals.filed import compare_software, compares_software, filing
from yuejingzhun.platform.registry.approvals.models import Comparison, SoftwareBlock, SoftwareFiling, TypeApproval
from yuejingzhun.platform.registry.approvals.queries import approval
from yuejingzhun.platform.registry.approvals.services.checks import (
    check_authority,
    check_from_today,
    check_maker,
    checked_reason,
    lock_type,
    refused_as,
)
from yuejingzhun.platform.registry.approvals.signing import state
from yuejingzhun.platform.registry.approvals.software import (
    Algorithm,
    Compared,
    FilingState,
    Verdict,
    plain,
    problem_of_identification,
    read_identification,
    read_version,
)
from yuejingzhun.procedures.local_date import local_date

MOST_FILINGS = 999


@transaction.atomic
def file_software(
    actor: Actor, number: str, version: str, algorithm: Algorithm, identification: str, valid_from: date,
    replaces: str, changes: str, at: datetime,
) -> SoftwareFiling:  # fmt: skip
    """File a version of an approved type's legally relevant software; `replaces` is an earlier version, or empty.

    The signed commitment to the identification goes into the transparency log with it. Raises ApprovalError with
    every problem.
    """
    of = lock_type(number)
    check_maker(actor, of.maker_id)
    if hasattr(of, "withdrawal") and of.withdrawal.effective_from <= local_date(at):
        raise ApprovalError(f"型式批准 {of.number} 已撤销，不能备案软件")
    earlier = _earlier(of, replaces)
    known = read_version(version)
    problems = [] if known else [f"软件版本：应为 1 至 40 个字母、数字或 . _ + - / ( )，为 {version[:40]!r}"]
    if problem := problem_of_identification(algorithm, identification):
        problems.append(problem)
    if len(changes.strip()) > 1000:
        problems.append(f"变更说明：至多 1000 个字，为 {len(changes.strip())} 个")
    serial = of.software.count() + 1
    if serial > MOST_FILINGS:
        problems.append(f"这个型式已有 {MOST_FILINGS} 份软件备案")
    if problems:
        raise ApprovalError(*problems)
    with refused_as(f"软件版本：{of.number} 的版本 {known} 已备案或正在审核"):
        row = SoftwareFiling.objects.create(
            approval=of,
            serial=serial,
            number=f"{of.number}-S{serial:03d}",
            version=known,
            algorithm=algorithm.name,
            identification=read_identification(identification),
            valid_from=valid_from,
            replaces=earlier,
            changes=changes.strip(),
            filed_by_id=actor.person_id,
            filed_at=at,
        )
    state(software_filed(row.number, at, *_said(row)), of.maker_id, at)
    after = {"number": row.number, "version": known, "identification": row.identification}
    record_event(actor, "软件备案", "software_filing", row.pk, at, after=after)
    return row


@transaction.atomic
def accept_software(actor: Actor, number: str, at: datetime) -> SoftwareFiling:
    """Put a filed version on record."""
    authority = check_authority(actor)
    row = _decide(actor, number, FilingState.ACCEPTED, "", at)
    state(software_accepted(row.number, at, *_said(row)), authority, at)
    return row


@transaction.atomic
def refuse_software(actor: Actor, number: str, reason: str, at: datetime) -> SoftwareFiling:
    """Don't put a filed version on record."""
    check_authority(actor)
    return _decide(actor, number, FilingState.REFUSED, checked_reason(reason), at)


@transaction.atomic
def block_software(actor: Actor, number: str, effective_from: date, reason: str, at: datetime) -> SoftwareBlock:
    """Say that a version must not run any more, such as one found cheating; the signed statement is logged."""
    authority = check_authority(actor)
    row = _locked(number)
    text = checked_reason(reason)
    check_from_today(effective_from, at)
    if row.state != FilingState.ACCEPTED.name:
        raise ApprovalError(f"软件备案 {row.number} {row.get_state_display()}，不能禁用")
    if hasattr(row, "block"):
        raise ApprovalError(f"软件备案 {row.number} 已自 {row.block.effective_from} 起禁用")
    made = SoftwareBlock.objects.create(
        filing=row, effective_from=effective_from, reason=text, by_id=actor.person_id, at=at
    )
    state(software_blocked(row.number, at, effective_from.isoformat(), text), authority, at)
    after = {"number": row.number, "from": effective_from.isoformat()}
    record_event(actor, "禁用软件", "software_filing", row.pk, at, after=after, reason=text)
    return made


@transaction.atomic
def record_comparison(
    actor: Actor, number: str, version: str, identification: str, tag: str, at: datetime
) -> tuple[Compared, Comparison]:
    """Compare what a device shows, and keep it in the device's history; by who tests or supervises."""
    if not compares_software(actor):
        raise NotPermittedError(f"{actor.name} 没有检定或监管的角色，不能登记软件比对")
    return note_comparison(number, version, identification, tag, at, by=actor.person_id)


@transaction.atomic
def note_comparison(
    number: str, version: str, identification: str, tag: str, at: datetime, *, by: int | None = None
) -> tuple[Compared, Comparison]:
    """The same for live supervision, where a gateway saw the device and nobody acts. Raises UnknownApprovalError."""
    of = approval(number)
    found = compare_software(of.number, version, identification, local_date(at))
    row = Comparison.objects.create(
        approval=of,
        filing_id=found.key,
        tag=plain(tag.upper(), 12),
        version=plain(version, 40),
        identification=plain(read_identification(identification), 64),
        verdict=found.verdict.name,
        detail=plain(found.detail, 1200),
        at=at,
        by_id=by,
    )
    if found.verdict in (Verdict.DIFFERS, Verdict.BLOCKED):
        day = local_date(at)
        # Live supervision sees the same device many times: one piece of news a month is enough.
        key = f"{row.tag or row.pk}:{row.identification}:{day:%Y-%m}"
        payload = {"tag": row.tag, "type": of.number, "detail": row.detail, "on": day, "verdict": row.verdict}
        publish("software-differs", None, key, at, payload)
    return found, row


def _decide(actor: Actor, number: str, to: FilingState, reason: str, at: datetime) -> SoftwareFiling:
    row = _locked(number)
    if row.state != FilingState.FILED.name:
        raise ApprovalError(f"软件备案 {row.number} 已办理：{row.get_state_display()}")
    row.state, row.reason, row.decided_by_id, row.decided_at = to.name, reason, actor.person_id, at
    row.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    after = {"number": row.number, "state": to.name}
    record_event(actor, "审核软件备案", "software_filing", row.pk, at, after=after, reason=reason)
    return row


def _locked(number: str) -> SoftwareFiling:
    found = filing(number)
    SoftwareFiling.objects.select_for_update().get(pk=found.pk)
    return filing(number)  # as it is now that nobody else can change it


def _earlier(of: TypeApproval, version: str) -> SoftwareFiling | None:
    if not version.strip():
        return None
    found = of.software.filter(version=version.strip(), state=FilingState.ACCEPTED.name).first()
    if found is None:
        raise ApprovalError(f"替换的版本：{of.number} 没有已备案的版本 {version.strip()[:40]!r}")
    return found


def _said(row: SoftwareFiling) -> tuple[str, str, str, str]:
    return row.approval.number, row.version, Algorithm[row.algorithm].value, row.identification
