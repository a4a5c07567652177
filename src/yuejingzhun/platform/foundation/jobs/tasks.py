"""What the queue calls, kept apart from the queue through which requests ask: that one uses their transaction."""

from procrastinate import Blueprint

from yuejingzhun.platform.foundation.jobs.running import run_long_task
from yuejingzhun.platform.foundation.jobs.services import QUEUE, QUEUED_TASK

blueprint = Blueprint()


@blueprint.task(name=QUEUED_TASK, queue=QUEUE)
def queued_run(task_id: int) -> str | None:
    """Run a long task that has come up in the queue."""
    state = run_long_task(task_id)
    return None if state is None else state.name
