"""A clock for the stamps of a test."""

import time
from collections.abc import Callable
from datetime import datetime


def clock_from(at: datetime) -> Callable[[], int]:
    """Nanoseconds since 1970, of a clock that shows this time now and goes on."""
    begun = time.monotonic_ns()
    return lambda: int(at.timestamp() * 1e9) + time.monotonic_ns() - begun
