from datetime import UTC, date, datetime

from yuejingzhun.procedures.local_date import local_date


def test_the_day_begins_at_sixteen_hours_utc() -> None:
    assert local_date(datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 24)
    assert local_date(datetime(2026, 11, 24, 16, 0, tzinfo=UTC)) == date(2026, 11, 25)
