"""The clock of a timestamp authority: refuses to tell the time once it has reason to doubt it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

Nanoseconds = Callable[[], int]


class ClockError(RuntimeError):
    """The time can't be vouched for; the message says in Chinese why."""


@dataclass(frozen=True, slots=True)
class TrustedClock:
    """Wall time, held against a clock that never steps and against the monitored offset from a reference.

    `offset` tells the last measured difference from a reference clock, or None where there is no monitor.
    """

    accuracy: timedelta
    wall: Nanoseconds = time.time_ns
    steady: Nanoseconds = time.monotonic_ns
    offset: Callable[[], timedelta | None] = lambda: None
    begun: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "begun", (self.wall(), self.steady()))

    def now(self) -> datetime:
        """The time in UTC; raises ClockError where the clock stepped or is further off than the stated accuracy."""
        wall, steady = self.wall(), self.steady()
        step = abs((wall - self.begun[0]) - (steady - self.begun[1])) / 1e9
        if step > self.accuracy.total_seconds():
            raise ClockError(f"时钟跳变了约 {step:.3f} s，超过声明的准确度；须查明原因后重新启动")
        offset = self.offset()
        if offset is not None and abs(offset) > self.accuracy:
            raise ClockError(f"时钟与参考相差 {offset.total_seconds():.3f} s，超过声明的准确度")
        return datetime.fromtimestamp(wall // 1_000_000 / 1000, UTC)
