"""The long task that approves what was reviewed in a batch and issues a certificate for each.

Each approval is a transaction of its own and not undone by a later one, since what it states goes into the log; what
was approved before a worker was killed is seen by its state and not approved again.
"""

from typing import Any

from django.utils import timezone

from yuejingzhun.platform.foundation.jobs.errors import TaskError
from yuejingzhun.platform.foundation.jobs.registry import Asked
from yuejingzhun.platform.foundation.jobs.reporting import Report
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.certificates.errors import CertificateError
from yuejingzhun.platform.operations.certificates.services import approve
from yuejingzhun.platform.operations.mandatory.queries import actor_again, counts_of_batch, jobs_of_batch
from yuejingzhun.platform.operations.verification.errors import VerificationError

CHUNK = 20
LABELS = {"issued": "本批已签发", "failed": "其中结果通知书", "refused": "没有批准"}


def run_approval(asked: Asked, report: Report) -> dict[str, Any]:
    """Approve every reviewed record of the batch; raises TaskError where the right has ended."""
    try:
        return _approve_all(asked.arguments["batch"], actor_again(asked.person_id, timezone.localdate()), report)
    except NotPermittedError as error:
        raise TaskError(str(error)) from error


def _approve_all(batch_id: int, actor: Actor, report: Report) -> dict[str, Any]:
    while chunk := jobs_of_batch(batch_id, report.checkpoint.get("row", 0), most=CHUNK, state="REVIEWED"):
        report.check()
        refused = []
        for one in chunk:
            try:
                approve(actor, one.job_id, timezone.now())
            except (VerificationError, CertificateError) as error:
                refused.append((one.row, "", one.job.instrument.serial, str(error)))
        with report.piece() as after:
            report.problems(refused)
            after["result"] = _counts(batch_id, (after.get("result") or {}).get("refused", 0) + len(refused))
            after["row"] = chunk[-1].row
            issued = after["result"]["issued"]
            report.progress(issued, sum(counts_of_batch(batch_id).values()), f"已签发 {issued} 份")
    return _counts(batch_id, (report.checkpoint.get("result") or {}).get("refused", 0))


def _counts(batch_id: int, refused: int) -> dict[str, int]:
    counts = counts_of_batch(batch_id)
    passed, failed = counts.get(("APPROVED", True), 0), counts.get(("APPROVED", False), 0)
    return {"issued": passed + failed, "failed": failed, "refused": refused}
