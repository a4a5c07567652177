"""The calendar day in China: what is tested, issued or due is dated by it, while times are UTC inside."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")


def local_date(at: datetime) -> date:
    """The day in Asia/Shanghai at a time; until 8 o'clock there it is still the day before in UTC."""
    return at.astimezone(LOCAL).date()
