"""The long task that reviews what waits for it in a batch: chunk by chunk, each record by the rules of one alone."""

from typing import Any

from django.utils import timezone

from yuejingzhun.platform.foundation.jobs.errors import TaskError
from yuejingzhun.platform.foundation.jobs.registry import Asked
from yuejingzhun.platform.foundation.jobs.reporting import Report
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.mandatory.queries import actor_again, counts_of_batch, jobs_of_batch
from yuejingzhun.platform.operations.verification.services import review_all

CHUNK = 200
LABELS = {"reviewed": "核验通过", "refused": "没有核验"}


def run_review(asked: Asked, report: Report) -> dict[str, Any]:
    """Review every record of the batch that waits for it; raises TaskError where the right has ended."""
    try:
        return _review_all(asked.arguments["batch"], actor_again(asked.person_id, timezone.localdate()), report)
    except NotPermittedError as error:
        raise TaskError(str(error)) from error


def _review_all(batch_id: int, actor: Actor, report: Report) -> dict[str, Any]:
    counts = dict(report.checkpoint.get("result") or {"reviewed": 0, "refused": 0})
    waiting = sum(n for (state, _), n in counts_of_batch(batch_id).items() if state == "TESTED")
    total = counts["reviewed"] + waiting
    while chunk := jobs_of_batch(batch_id, report.checkpoint.get("row", 0), most=CHUNK, state="TESTED"):
        with report.piece() as after:
            reviewed, refused = review_all(actor, [one.job_id for one in chunk], timezone.now())
            counts["reviewed"] += len(reviewed)
            counts["refused"] += len(refused)
            odd = (one for one in chunk if one.job_id in refused)
            report.problems((one.row, "", one.job.instrument.serial, refused[one.job_id]) for one in odd)
            after["result"], after["row"] = dict(counts), chunk[-1].row
            report.progress(counts["reviewed"], total, f"已核验 {counts['reviewed']} 份")
    return counts
