"""The authority accepts or refuses an application, grants or refuses the approval, and withdraws one."""

from datetime import date, datetime

from django.db import transaction

from yuejingzhun.evidence.type_statement import type_approved, type_withdrawn
from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.queries import organisation
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.approvals.errors import ApprovalError
from yuejingzhun.platform.registry.approvals.models import (
    Application,
    Certificate,
    CertifiedVariant,
    NumberSeries,
    TypeApproval,
    Withdrawal,
)
from yuejingzhun.platform.registry.approvals.queries import evaluating_institutes
from yuejingzhun.platform.registry.approvals.rules import (
    CLASSES,
    FIRST_SERIAL,
    State,
    Variant,
    known_as,
    merged,
    type_number,
    variants_from,
)
from yuejingzhun.platform.registry.approvals.services.checks import (
    check_authority,
    check_from_today,
    checked_reason,
    lock_application,
    lock_type,
    move,
)
from yuejingzhun.platform.registry.approvals.signing import state
from yuejingzhun.platform.registry.approvals.statements import said_by
from yuejingzhun.procedures.local_date import local_date

PARTS = ("model", "accuracy_class", "measuring_range", "technical")


@transaction.atomic
def accept(actor: Actor, application_id: int, institute_id: int, at: datetime) -> Application:
    """Accept an application and have an institute evaluate it that is authorised for the item in the province."""
    check_authority(actor)
    row = lock_application(actor, application_id)
    able = {found.institute_id for found in evaluating_institutes(row.item, local_date(at))}
    if institute_id not in able:
        raise ApprovalError(f"型式评价机构：所选机构没有目录项目 {row.item} 在全省的有效授权")
    row.institute_id = institute_id
    move(actor, row, State.ACCEPTED, at)
    return row


@transaction.atomic
def refuse(actor: Actor, application_id: int, reason: str, at: datetime) -> Application:
    """Don't accept an application 不予受理."""
    check_authority(actor)
    row = lock_application(actor, application_id)
    move(actor, row, State.REFUSED, at, checked_reason(reason))
    return row


@transaction.atomic
def reject(actor: Actor, application_id: int, reason: str, at: datetime) -> Application:
    """Refuse the approval 不予批准 after the evaluation."""
    check_authority(actor)
    row = lock_application(actor, application_id)
    move(actor, row, State.REJECTED, at, checked_reason(reason))
    return row


@transaction.atomic
def issue(actor: Actor, application_id: int, letter: str, valid_from: date, at: datetime) -> Certificate:
    """Grant the approval: a new number and its first certificate, or the next edition of the type that changes.

    `letter` is the class in the number and counts for a new type only. What the certificate says is signed in the
    authority's name and goes into the transparency log. Raises ApprovalError where the evaluation failed, or the type
    was withdrawn meanwhile.
    """
    authority = organisation(check_authority(actor))
    row = lock_application(actor, application_id)
    move(actor, row, State.APPROVED, at)
    if not row.evaluation.passed:
        raise ApprovalError(f"型式评价报告 {row.evaluation.report_number} 的结论为不合格，不能批准")
    check_from_today(valid_from, at)
    given = variants_from(row.variants)
    if row.amends is None:
        if letter not in CLASSES:
            raise ApprovalError(f"类别：应为 {'、'.join(CLASSES)} 之一，为 {letter[:5]!r}")
        of = TypeApproval.objects.create(
            number=_next_number(local_date(at).year, letter), maker_id=row.maker_id, item=row.item, letter=letter
        )
        made = _certify(actor, row, of, 1, given, authority.name, valid_from, at)
    else:
        of, edition, held = _extended(row.amends.number, valid_from)
        made = _certify(actor, row, of, edition, merged(held, given), authority.name, valid_from, at)
    state(type_approved(said_by(made), at), authority.pk, at)
    after = {"number": of.number, "edition": made.edition, "from": valid_from.isoformat()}
    record_event(actor, "签发型式批准证书", "type_approval", of.pk, at, after=after)
    return made


@transaction.atomic
def withdraw_approval(actor: Actor, number: str, effective_from: date, reason: str, at: datetime) -> Withdrawal:
    """End a type approval, from today on at the earliest."""
    authority = check_authority(actor)
    held = lock_type(number)
    check_from_today(effective_from, at)
    if hasattr(held, "withdrawal"):
        raise ApprovalError(f"型式批准 {held.number} 已撤销，自 {held.withdrawal.effective_from} 起失效")
    text = checked_reason(reason)
    made = Withdrawal.objects.create(
        approval=held, effective_from=effective_from, reason=text, by_id=actor.person_id, at=at
    )
    state(type_withdrawn(held.number, at, effective_from.isoformat(), text), authority, at)
    after = {"number": held.number, "from": effective_from.isoformat()}
    record_event(actor, "撤销型式批准", "type_approval", held.pk, at, after=after, reason=text)
    return made


def _next_number(year: int, letter: str) -> str:
    series, _ = NumberSeries.objects.select_for_update().get_or_create(
        year=year, letter=letter, defaults={"last": FIRST_SERIAL - 1}
    )
    series.last += 1
    series.save(update_fields=["last"])
    return type_number(year, letter, series.last)


def _extended(number: str, valid_from: date) -> tuple[TypeApproval, int, tuple[Variant, ...]]:
    """The type that changes, the edition to come, and the models of the last one."""
    of = lock_type(number)
    if hasattr(of, "withdrawal"):
        raise ApprovalError(f"型式批准 {of.number} 已撤销，不能变更")
    last = of.certificates.order_by("-edition").first()
    if last is None or valid_from < last.valid_from:
        raise ApprovalError(f"生效日期 {valid_from} 早于上一版证书的 {last and last.valid_from}")
    held = tuple(Variant(*parts) for parts in last.variants.order_by("pk").values_list(*PARTS))
    return of, last.edition + 1, held


def _certify(
    actor: Actor, row: Application, of: TypeApproval, edition: int, variants: tuple[Variant, ...], authority: str,
    valid_from: date, at: datetime,
) -> Certificate:  # fmt: skip
    made = Certificate.objects.create(
        approval=of,
        edition=edition,
        application=row,
        name=row.name,
        maker_name=row.maker.name,
        maker_key=known_as(row.maker.name),
        authority_name=authority,
        institute_name=row.institute.name if row.institute else "",
        report_number=row.evaluation.report_number,
        valid_from=valid_from,
        issued_by_id=actor.person_id,
        issued_at=at,
    )
    CertifiedVariant.objects.bulk_create(
        CertifiedVariant(
            certificate=made,
            model=variant.model,
            model_key=known_as(variant.model),
            accuracy_class=variant.accuracy_class,
            measuring_range=variant.measuring_range,
            technical=variant.technical,
        )
        for variant in variants
    )
    return made
