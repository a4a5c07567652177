"""The long tasks of certificates."""

from yuejingzhun.platform.foundation.jobs.registry import long_task
from yuejingzhun.platform.operations.certificates.batches import LABELS, run_approval
from yuejingzhun.platform.operations.mandatory.services.batch import APPROVE, may_approve

long_task(APPROVE, "成批批准", allow=may_approve, labels=LABELS)(run_approval)
