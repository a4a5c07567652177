"""The long tasks of metering."""

from yuejingzhun.platform.foundation.jobs.registry import long_task
from yuejingzhun.platform.operations.metering import run
from yuejingzhun.platform.operations.metering.services.evaluate import KIND, may_evaluate

long_task(KIND, "状态评价", allow=may_evaluate, labels=run.LABELS)(run.run_evaluation)
