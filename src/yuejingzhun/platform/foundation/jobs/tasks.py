"""What the queue calls, kept apart from the queue through which requests ask: that one uses their transaction."""

import logging
from datetime import UTC, datetime

from procrastinate import Blueprint

from yuejingzhun.platform.foundation.accounts.services import clear_ended_sessions
from yuejingzhun.platform.foundation.jobs.registry import hourly_works
from yuejingzhun.platform.foundation.jobs.running import run_long_task
from yuejingzhun.platform.foundation.jobs.services import QUEUE, QUEUED_TASK

log = logging.getLogger(__name__)
HOURLY = "yuejingzhun.hourly"
CLEARING = "yuejingzhun.clear_ended_sessions"
blueprint = Blueprint()


@blueprint.task(name=QUEUED_TASK, queue=QUEUE)
def queued_run(task_id: int) -> str | None:
    """Run a long task that has come up in the queue."""
    state = run_long_task(task_id)
    return None if state is None else state.name


# Once an hour, however many workers there are: the queue keeps which hour has been asked for.
@blueprint.periodic(cron="17 * * * *")
@blueprint.task(name=CLEARING, queue=QUEUE, pass_context=False)
def queued_clearing(timestamp: int) -> int:
    """Clear the sessions that ended before the moment (seconds since 1970) for which this was asked."""
    return clear_ended_sessions(datetime.fromtimestamp(timestamp, UTC))


@blueprint.periodic(cron="41 * * * *")
@blueprint.task(name=HOURLY, queue=QUEUE, pass_context=False)
def queued_hourly(timestamp: int) -> list[str]:
    """What the apps do once an hour; the names of those that went wrong, which don't hold up the others."""
    failed = []
    for name, work in hourly_works().items():
        try:
            work()
        # It is tried again in an hour.
        except Exception:
            log.exception("每小时的工作 %s 没有完成", name)
            failed.append(name)
    return failed
