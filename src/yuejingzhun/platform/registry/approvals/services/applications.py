"""A maker applies for a type approval or for a change of one, and takes an application back."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.files.store import FileRefusedError, Stored, kind_of, put
from yuejingzhun.platform.foundation.parties.queries import organisation
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.approvals.errors import ApprovalError
from yuejingzhun.platform.registry.approvals.models import Application, Document, Step, TypeApproval
from yuejingzhun.platform.registry.approvals.queries import shown
from yuejingzhun.platform.registry.approvals.rules import (
    Asked,
    Paper,
    Standing,
    State,
    Variant,
    missing_papers,
    problems_of,
)
from yuejingzhun.platform.registry.approvals.services.checks import (
    check_maker,
    checked_reason,
    lock_application,
    lock_type,
    move,
    refused_as,
)
from yuejingzhun.platform.registry.approvals.whole_file import problem_of_end
from yuejingzhun.platform.registry.catalogue.errors import UnknownEntryError
from yuejingzhun.platform.registry.catalogue.queries import requires_type_approval
from yuejingzhun.procedures.local_date import local_date

MOST_FILES = 40
TWICE = "这个型式已有一份变更申请正在办理，请先办完或撤回"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was handed in."""

    paper: str  # a name of rules.Paper, or REPORT
    name: str
    data: bytes


def apply(actor: Actor, maker_id: int, asked: Asked, uploads: Sequence[Upload], at: datetime) -> Application:
    """Apply for the approval of a new type, with all papers; raises ApprovalError with every problem."""
    check_maker(actor, maker_id)
    maker = organisation(maker_id)
    problems = [*problems_of(asked), *_problems_of_item(asked.item, local_date(at))]
    problems += missing_papers(Paper[upload.paper] for upload in uploads if upload.paper in Paper.__members__)
    if maker.kind != "maker":
        problems.append(f"{maker.name} 登记的类别不是制造单位")
    files = stored(uploads, problems)
    with transaction.atomic():
        return _write(actor, maker_id, None, asked, files, at)


def apply_for_change(
    actor: Actor, number: str, name: str, variants: Sequence[Variant], samples: int, uploads: Sequence[Upload],
    at: datetime,
) -> Application:  # fmt: skip
    """Apply for an extension or change of an approved type: given models are added, or take the place of their like."""
    with transaction.atomic():
        held = lock_type(number)
        check_maker(actor, held.maker_id)
        found = shown(held.number, local_date(at))
        if found.standing is Standing.WITHDRAWN:
            raise ApprovalError(f"型式批准 {held.number} 已撤销，不能变更")
        asked = Asked(held.item, name, tuple(variants), samples)
        problems = list(problems_of(asked))
        if not uploads:
            problems.append("申请资料：变更至少上传一份说明变更的资料")
        files = stored(uploads, problems)
        return _write(actor, held.maker_id, held, asked, files, at)


@transaction.atomic
def withdraw_application(actor: Actor, application_id: int, reason: str, at: datetime) -> Application:
    """Take an application back before its evaluation is reported."""
    row = lock_application(actor, application_id)
    check_maker(actor, row.maker_id)
    move(actor, row, State.WITHDRAWN, at, checked_reason(reason))
    return row


def keep(actor: Actor, row: Application, files: Sequence[tuple[Upload, Stored]], at: datetime) -> None:
    """Record stored files as documents of an application, inside the caller's transaction."""
    Document.objects.bulk_create(
        Document(
            application=row,
            paper=upload.paper,
            name=upload.name[-200:],
            sha256=one.sha256,
            size=one.size,
            media_type=one.kind.value,
            added_by_id=actor.person_id,
            added_at=at,
        )
        for upload, one in files
    )


def _write(
    actor: Actor, maker_id: int, amends: TypeApproval | None, asked: Asked,
    files: Sequence[tuple[Upload, Stored]], at: datetime,
) -> Application:  # fmt: skip
    with refused_as(TWICE):
        row = Application.objects.create(
            maker_id=maker_id,
            amends=amends,
            item=asked.item,
            name=asked.name.strip(),
            variants=[_stripped(variant) for variant in asked.variants],
            samples=asked.samples,
            sample_note=asked.sample_note.strip()[:500],
            applied_by_id=actor.person_id,
            applied_at=at,
        )
    Step.objects.create(application=row, state=State.APPLIED.name, at=at, by_id=actor.person_id)
    keep(actor, row, files, at)
    after = {
        "maker": maker_id,
        "item": row.item,
        "amends": amends and amends.number,
        "models": [variant["model"] for variant in row.variants],
        "files": [one.sha256 for _, one in files],
    }
    record_event(actor, "申请型式批准", "type_application", row.pk, at, after=after)
    return row


def _problems_of_item(item: str, on: date) -> list[str]:
    try:
        needed = requires_type_approval(item, on)
    except UnknownEntryError as error:
        return [f"强制管理目录项目：{error}"]
    return [] if needed else [f"强制管理目录项目：{item} 不需要型式批准，可以自愿委托型式试验"]


def stored(uploads: Sequence[Upload], problems: list[str]) -> list[tuple[Upload, Stored]]:
    """All files on the disk; raises ApprovalError with these problems and those of the files, and keeps none then."""
    if len(uploads) > MOST_FILES:
        problems.append(f"申请资料：至多 {MOST_FILES} 份，为 {len(uploads)} 份")
    for upload in uploads:
        try:
            problem = problem_of_end(upload.name, kind_of(upload.name, upload.data), upload.data)
        except FileRefusedError as error:
            problem = str(error)
        problems += [problem] if problem else []
    if problems:
        raise ApprovalError(*problems)
    try:
        return [(upload, put(upload.name, upload.data)) for upload in uploads]
    except FileRefusedError as error:
        raise ApprovalError(str(error)) from error


def _stripped(variant: Variant) -> dict[str, str]:
    return {name: text.strip() for name, text in asdict(variant).items()}
