"""The long tasks of metering, and what it does once an hour."""

from datetime import UTC, datetime

from yuejingzhun.platform.foundation.jobs.registry import hourly, long_task
from yuejingzhun.platform.operations.metering import run, studies
from yuejingzhun.platform.operations.metering.services import analyse, assets
from yuejingzhun.platform.operations.metering.services.evaluate import KIND, may_evaluate
from yuejingzhun.platform.operations.metering.services.flow_back import Brought, look_through


def bring_back() -> Brought:
    """Results of verifications as ground truth."""
    return look_through(datetime.now(UTC))


long_task(KIND, "状态评价", allow=may_evaluate, labels=run.LABELS)(run.run_evaluation)
long_task(analyse.KIND, "群体分析", allow=analyse.may_analyse, labels=studies.LABELS)(studies.run_study)
long_task(assets.KIND, "计量器具档案", allow=assets.may_bring, labels=assets.LABELS)(assets.run_import)
hourly("metering-flow-back", bring_back)
