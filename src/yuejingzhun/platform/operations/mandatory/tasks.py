"""The long tasks of batches."""

from yuejingzhun.platform.foundation.jobs.registry import long_task
from yuejingzhun.platform.operations.mandatory import batch_import, batch_review
from yuejingzhun.platform.operations.mandatory.services.batch import IMPORT, REVIEW, may_bring, may_review

long_task(IMPORT, "导入检定台数据", allow=may_bring, labels=batch_import.LABELS)(batch_import.run_import)
long_task(REVIEW, "成批核验", allow=may_review, labels=batch_review.LABELS)(batch_review.run_review)
