"""A verifier brings the file of a test bench; a reviewer and a signatory pass what came of it, all at once.

Each is a long task. The kinds are named here; their work is in `batch_import`, `batch_review`, and, since certificates
lean on this app and not the other way round, in `certificates.batches`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.jobs.services import ask
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, is_authorised_for, may_act
from yuejingzhun.platform.operations.mandatory.bench_file import read_bench
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.models import Batch
from yuejingzhun.platform.operations.mandatory.queries import batch_institute, counts_of_batch, visible_batch
from yuejingzhun.platform.operations.mandatory.rules import Keep
from yuejingzhun.platform.operations.verification.bench import SERIAL, bench_rows, headings
from yuejingzhun.platform.operations.verification.queries import Job, record_of
from yuejingzhun.procedures.catalogue import procedure

IMPORT, REVIEW, APPROVE = "import-bench", "review-batch", "approve-batch"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was handed in, with the number of instruments that its sender says are in it."""

    name: str
    content: bytes
    instruments: int


def check_may_bring(actor: Actor, first: Job) -> None:
    """Raises NotPermittedError for others than a verifier of that kind there, MandatoryError for a returned record."""
    if not is_authorised_for(actor, Role.VERIFIER, first.institute_id, first.regulation):
        raise NotPermittedError(f"{actor.name} 没有该机构 {first.regulation} 项目的检定员授权")
    if first.tested_by_id != actor.person_id:
        raise NotPermittedError("成批导入须由提交首件记录的检定员本人办理")
    if first.state == "RETURNED":
        raise MandatoryError("首件记录已被退回，请先重新提交首件记录")


def table_head(first: Job) -> tuple[str, ...]:
    """The headings of the table for instruments like the first."""
    record, _ = record_of(first)
    return (SERIAL, *(heading.text for heading in headings(procedure(first.regulation), record)))


@transaction.atomic
def bring_bench(actor: Actor, first: Job, upload: Upload, keep: Keep, at: datetime) -> tuple[Batch, int]:
    """Keep the file and put its import into the queue: the batch, and the number of the task.

    Raises NotPermittedError, MandatoryError, TableError for a file that breaks off, BenchError for a wrong heading.
    """
    check_may_bring(actor, first)
    found = read_bench(upload.content, upload.instruments)
    record, _ = record_of(first)
    next(bench_rows(procedure(first.regulation), record, found.without_gaps()), None)  # checks the heading
    made = Batch.objects.create(
        institute_id=first.institute_id,
        first=first,
        regulation=first.regulation,
        keep=keep.name,
        name="".join(letter for letter in upload.name if letter.isprintable())[-100:] or "文件",
        sha256=hashlib.sha256(upload.content).hexdigest(),
        content=upload.content,
        rows=len(found.rows),
        asked_at=at,
        asked_by_id=actor.person_id,
    )
    told = {"rows": made.rows, "sha256": made.sha256, "first": first.pk}
    record_event(actor, "成批导入", "batch", made.pk, at, after=told)
    return made, _ask(actor, IMPORT, made, f"检定台数据：{made.name}", at)


def ask_review(actor: Actor, batch_id: int, at: datetime) -> int:
    """Put the review of all that waits for it in a batch into the queue; the number of the task."""
    found = visible_batch(actor, batch_id)
    check_role(actor, batch_id, Role.REVIEWER)
    _check_some(batch_id, "TESTED", "待核验")
    return _ask(actor, REVIEW, found, f"成批核验：{found.name}", at)


def ask_approval(actor: Actor, batch_id: int, at: datetime) -> int:
    """Put the approval of all that was reviewed in a batch into the queue; the number of the task."""
    found = visible_batch(actor, batch_id)
    check_role(actor, batch_id, Role.SIGNATORY)
    _check_some(batch_id, "REVIEWED", "待批准")
    return _ask(actor, APPROVE, found, f"成批批准：{found.name}", at)


def check_role(actor: Actor, batch_id: int, role: Role) -> None:
    """Raises NotPermittedError for who hasn't that role in the institute of the batch."""
    institute = batch_institute(batch_id)
    if institute is None or not may_act(actor, role, institute):
        raise NotPermittedError(f"{actor.name} 不是该机构的{role.value}，不能成批办理")


def may_review(actor: Actor, arguments: dict[str, Any]) -> None:
    """For the long task of review."""
    check_role(actor, arguments["batch"], Role.REVIEWER)


def may_approve(actor: Actor, arguments: dict[str, Any]) -> None:
    """For the long task of approval."""
    check_role(actor, arguments["batch"], Role.SIGNATORY)


def may_bring(actor: Actor, arguments: dict[str, Any]) -> None:
    """For the long task of import: the first record's verifier, still authorised."""
    found = Batch.objects.defer("content").select_related("first").filter(pk=arguments["batch"]).first()
    if found is None:
        raise NotPermittedError("没有这一批")
    check_may_bring(actor, found.first)


def _check_some(batch_id: int, state: str, term: str) -> None:
    if not any(known == state for known, _ in counts_of_batch(batch_id)):
        raise MandatoryError(f"这一批没有{term}的记录，可能已由他人办理")


def _ask(actor: Actor, kind: str, batch: Batch, title: str, at: datetime) -> int:
    arguments = {"batch": batch.pk}
    return ask(actor, kind, arguments, at, title=title, organisation_id=batch.institute_id).pk
