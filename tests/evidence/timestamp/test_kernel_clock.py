import ctypes
import subprocess
import time
from datetime import timedelta
from pathlib import Path

import pytest

from yuejingzhun.evidence.timestamp import kernel_clock
from yuejingzhun.evidence.timestamp.clock import ClockError, TrustedClock
from yuejingzhun.evidence.timestamp.kernel_clock import KernelClock, monitored_offset, read_kernel_clock

OFFSETS = """
#include <stddef.h>
#include <stdio.h>
#include <sys/timex.h>
int main(void) {
    printf("%zu %zu %zu %zu %zu\\n", sizeof(struct timex), offsetof(struct timex, maxerror),
           offsetof(struct timex, status), offsetof(struct timex, time), offsetof(struct timex, tai));
    return 0;
}
"""


def test_the_kernel_is_really_read() -> None:
    before = time.time()
    found = read_kernel_clock()
    # By its own clock, so that a structure read at a wrong place would show.
    assert before - 0.001 <= found.read_at <= time.time() + 0.001
    assert timedelta(0) <= found.maximum_error <= timedelta(seconds=16)


def test_the_structure_is_that_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "offsets.c").write_text(OFFSETS)
    try:
        subprocess.run(["cc", "offsets.c", "-o", "offsets"], cwd=tmp_path, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no C compiler on this machine")
    printed = subprocess.run([tmp_path / "offsets"], check=True, capture_output=True, text=True).stdout
    ours = kernel_clock._Timex
    assert list(map(int, printed.split())) == [
        ctypes.sizeof(ours), ours.maximum_error.offset, ours.status.offset, ours.time.offset, ours.tai.offset
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("synchronised", "offset", "maximum_error", "problem"),
    [
        (True, 0.0, 0.9, None),
        (True, 0.0, 1.1, "相差 1.100 s"),
        (True, -1.2, 0.1, "相差 1.200 s"),
        (False, 0.0, 0.0, "没有被时间服务校准"),
    ],
)
def test_a_clock_without_discipline_or_too_far_off_is_not_vouched_for(
    synchronised: bool, offset: float, maximum_error: float, problem: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = KernelClock(synchronised, timedelta(seconds=offset), timedelta(seconds=maximum_error), 0.0)
    monkeypatch.setattr(kernel_clock, "read_kernel_clock", lambda: reading)
    clock = TrustedClock(timedelta(seconds=1), offset=monitored_offset)
    if problem is None:
        clock.now()
        return
    with pytest.raises(ClockError, match=problem):
        clock.now()
