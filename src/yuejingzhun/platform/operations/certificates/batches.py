"""The long task that approves what was reviewed in a batch, issues a certificate for each, and prints them.

First the issue: piece by piece, each in one transaction with the checkpoint, the log's head signed once a piece. Then
the print, spread over processes. Killed at any point it goes on after the last whole piece, issues nothing twice, and
what was issued and not printed yet still stands in the queue of the unprinted.
"""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from yuejingzhun.platform.foundation.jobs.errors import TaskError
from yuejingzhun.platform.foundation.jobs.registry import Asked
from yuejingzhun.platform.foundation.jobs.reporting import Report
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import organisation
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.certificates import signing
from yuejingzhun.platform.operations.certificates.issuing import issue_each
from yuejingzhun.platform.operations.certificates.models import Certificate, Unprinted
from yuejingzhun.platform.operations.certificates.press import press
from yuejingzhun.platform.operations.certificates.printing import complete_all
from yuejingzhun.platform.operations.certificates.services import register
from yuejingzhun.platform.operations.mandatory.queries import (
    actor_again,
    batch_institute,
    counts_of_batch,
    jobs_of_batch,
)

ISSUED_AT_ONCE = 64  # the series of numbers is locked as long: about a second
PRINTED_AT_ONCE = 32
LABELS = {"issued": "本批已签发", "failed": "其中结果通知书", "refused": "没有批准", "printed": "其中已制作文件"}
Found = tuple[int, str, str, str]  # of a problem: row, column, what was found, what is wrong


def run_approval(asked: Asked, report: Report) -> dict[str, Any]:
    """Approve every reviewed record of the batch; raises TaskError where the right has ended."""
    batch_id, today = asked.arguments["batch"], timezone.localdate()
    try:
        _issue_all(batch_id, actor_again(asked.person_id, today), report)
    except NotPermittedError as error:
        raise TaskError(str(error)) from error
    _print_all(batch_id, report)
    return _result(batch_id, report.checkpoint)


def _issue_all(batch_id: int, actor: Actor, report: Report) -> None:
    total = sum(counts_of_batch(batch_id).values())
    while chunk := jobs_of_batch(batch_id, report.checkpoint.get("row", 0), most=ISSUED_AT_ONCE, state="REVIEWED"):
        with report.piece() as after:
            issue = issue_each(actor, [one.job_id for one in chunk], timezone.now())
            report.problems(
                (one.row, "", one.job.instrument.serial, issue.refused[one.job_id])
                for one in chunk
                if one.job_id in issue.refused
            )
            after["refused"] = after.get("refused", 0) + len(issue.refused)
            after["result"], after["row"] = _result(batch_id, after), chunk[-1].row
            issued = after["result"]["issued"]
            report.progress(issued, 2 * total, f"已签发 {issued} 份")
        register(timezone.now())


def _print_all(batch_id: int, report: Report) -> None:
    """What was issued of the batch and isn't printed; what can't be for now is told, and printed later."""
    register(timezone.now())  # a run that was killed may have left an issue without its place in the log
    queue = _queue(batch_id).order_by("pk")
    count, issued = queue.count(), _result(batch_id, report.checkpoint)["issued"]
    institute_id = batch_institute(batch_id)
    if not count or institute_id is None:
        return
    identity = signing.signer_for(institute_id, organisation(institute_id).name, timezone.now())
    last, done = 0, issued - count
    with press(identity, count) as spread:
        while keys := list(queue.filter(pk__gt=last).values_list("pk", flat=True)[:PRINTED_AT_ONCE]):
            with report.piece() as after:
                refused = complete_all(keys, spread)
                report.problems(_unprinted(refused))
                after["result"] = _result(batch_id, after)
                done += len(keys)
                report.progress(issued + done, 2 * issued, f"已签发 {issued} 份，已制作 {done} 份的文件")
            last = keys[-1]


def _unprinted(refused: dict[int, str]) -> list[Found]:
    # `batched` is the way back from the batches, which lean on verification.
    found = Certificate.objects.filter(pk__in=refused).values_list("pk", "job__batched__row", "serial")
    return [(row, "", serial, f"已签发，文件稍后自动制作：{refused[key]}") for key, row, serial in found]


def _queue(batch_id: int) -> QuerySet[Unprinted]:
    return Unprinted.objects.filter(certificate__job__batched__batch_id=batch_id)


def _result(batch_id: int, known: dict[str, Any]) -> dict[str, int]:
    counts = counts_of_batch(batch_id)
    passed, failed = counts.get(("APPROVED", True), 0), counts.get(("APPROVED", False), 0)
    issued = passed + failed
    return {
        "issued": issued,
        "failed": failed,
        "refused": known.get("refused", 0),
        "printed": issued - _queue(batch_id).count(),
    }
