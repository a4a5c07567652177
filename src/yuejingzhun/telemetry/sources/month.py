"""Which month a file's name says it is of."""

import re

from yuejingzhun.telemetry.reading import Month

_MONTH = re.compile(r"(?<!\d)(20\d\d)[-_年]?(0[1-9]|1[0-2])(?:[-_月]?(?:0[1-9]|[12]\d|3[01]))?(?!\d)")


def month_in_name(name: str) -> Month | None:
    """From readings-2026-03.csv or 20260301.parquet; None where the name says none, or more than one."""
    months = {Month(int(year), int(month)) for year, month in _MONTH.findall(name)}
    return months.pop() if len(months) == 1 else None
