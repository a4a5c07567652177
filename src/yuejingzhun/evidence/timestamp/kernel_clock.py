"""What the machine's kernel knows of its clock: whether a time service disciplines it, and how far off it may be.

chrony, ntpd, systemd-timesyncd and ptp4l with phc2sys all report to the kernel (adjtimex(2), RFC 5905 appendix A.5.6);
reading that needs no rights and no network.
"""

import ctypes
import ctypes.util
from dataclasses import dataclass
from datetime import timedelta

from yuejingzhun.evidence.timestamp.clock import ClockError

UNSYNCHRONISED = 0x0040  # STA_UNSYNC
NANOSECONDS = 0x2000  # STA_NANO: the offset is in ns, not in us
NOT_SYNCHRONISED_STATE = 5  # TIME_ERROR


class _Timeval(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("fraction", ctypes.c_long))


class _Timex(ctypes.Structure):
    """struct timex of Linux (linux/timex.h); 11 spare ints close it."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("frequency", ctypes.c_long),
        ("maximum_error", ctypes.c_long),
        ("estimated_error", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time", _Timeval),
        ("tick", ctypes.c_long),
        ("pps_frequency", ctypes.c_long),
        ("jitter", ctypes.c_long),
        ("shift", ctypes.c_int),
        ("stability", ctypes.c_long),
        ("jitter_count", ctypes.c_long),
        ("calibration_count", ctypes.c_long),
        ("error_count", ctypes.c_long),
        ("stability_count", ctypes.c_long),
        ("tai", ctypes.c_int),
        ("spare", ctypes.c_int * 11),
    )


@dataclass(frozen=True, slots=True)
class KernelClock:
    """One reading: `offset` still to be corrected, `maximum_error` a bound of the difference from UTC."""

    synchronised: bool
    offset: timedelta
    maximum_error: timedelta
    read_at: float  # s since 1970, by the same clock


def read_kernel_clock() -> KernelClock:
    """Ask the kernel; raises ClockError where it can't be asked (another system than Linux)."""
    library = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
    if not hasattr(library, "adjtimex"):
        raise ClockError("本机不能读取时钟的同步状态（没有 adjtimex）")
    found = _Timex()
    state = library.adjtimex(ctypes.byref(found))
    if state < 0:
        raise ClockError(f"本机不能读取时钟的同步状态（错误 {ctypes.get_errno()}）")
    nano = bool(found.status & NANOSECONDS)
    return KernelClock(
        synchronised=state != NOT_SYNCHRONISED_STATE and not found.status & UNSYNCHRONISED,
        offset=timedelta(microseconds=found.offset / (1000 if nano else 1)),
        maximum_error=timedelta(microseconds=found.maximum_error),
        read_at=found.time.seconds + found.time.fraction / (1e9 if nano else 1e6),
    )


def monitored_offset() -> timedelta:
    """The largest difference from UTC that the clock may have now; raises ClockError for one that nobody disciplines.

    The kernel lets its bound grow by 500 ppm from one correction to the next, so a dead time service shows too.
    """
    found = read_kernel_clock()
    if not found.synchronised:
        raise ClockError("时钟没有被时间服务校准（chrony、ntpd 等没有运行或还没有同步），不能保证准确度")
    return max(found.maximum_error, abs(found.offset))
