"""States of a long task, and when one is thought to be abandoned."""

from datetime import datetime, timedelta
from enum import Enum

HEARTBEAT = timedelta(seconds=2)
STALE = timedelta(seconds=15)  # without a heartbeat; whether somebody still runs the task is then asked of its lock
FORGOTTEN = timedelta(seconds=60)  # waiting without being taken up: its place in the queue was lost
ATTEMPTS = 3  # starts without a finished piece of work between them: the task itself brings its worker down


class State(Enum):
    """Where a task stands; the value is the term on the screen."""

    WAITING = "等待"
    RUNNING = "进行中"
    DONE = "完成"
    FAILED = "失败"
    STOPPED = "已停止"


FINISHED = frozenset({State.DONE, State.FAILED, State.STOPPED})
AGAIN = frozenset({State.FAILED, State.STOPPED})


def refusal_to_stop(state: State) -> str | None:
    """Why a task in that state can't be stopped, or None."""
    return f"任务已经{state.value}，不能再停止" if state in FINISHED else None


def refusal_to_restart(state: State) -> str | None:
    """Why a task in that state can't be started again, or None."""
    return None if state in AGAIN else f"任务{state.value}，只有失败或已停止的任务才能重新开始"


def is_abandoned(state: State, asked_at: datetime, heartbeat_at: datetime | None, at: datetime) -> bool:
    """Whether nobody seems to be at work on it."""
    if state is State.RUNNING:
        return heartbeat_at is None or heartbeat_at < at - STALE
    return state is State.WAITING and max(asked_at, heartbeat_at or asked_at) < at - FORGOTTEN


def share(done: int, total: int) -> int:
    """How far it is, in whole percent; 100 only when all is done."""
    return 0 if total <= 0 else min(100, done * 100 // total)
