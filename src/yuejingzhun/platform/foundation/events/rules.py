"""When what a subscriber couldn't take is tried again: pure decisions."""

from datetime import datetime, timedelta

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)


def next_try(attempts: int, at: datetime) -> datetime:
    """The moment of the next try after so many failed ones: the wait doubles, up to six hours, and never ends."""
    doublings = min(attempts - 1, 20)
    return at + min((1 << doublings) * FIRST_WAIT, LONGEST_WAIT)
