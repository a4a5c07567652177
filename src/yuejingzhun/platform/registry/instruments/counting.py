"""How many instruments are valid, overdue or were never verified: from maintained counts, never by counting them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from yuejingzhun.platform.foundation.parties.divisions import Level, division

NEVER = date(1, 1, 1)
LOCK = 5_001  # of the advisory locks of this database: one adds up at a time

ADD_UP = """
WITH moved AS (DELETE FROM instruments_countchange RETURNING region, item, in_use, valid_until, number),
by_day AS (
    INSERT INTO instruments_duecount (region, in_use, valid_until, number)
    SELECT region, in_use, valid_until, sum(number) FROM moved GROUP BY 1, 2, 3
    ON CONFLICT ON CONSTRAINT one_due_count DO UPDATE SET number = instruments_duecount.number + excluded.number)
INSERT INTO instruments_itemcount (region, item, in_use, valid_month, number)
SELECT region, item, in_use, date_trunc('month', valid_until)::date, sum(number) FROM moved GROUP BY 1, 2, 3, 4
ON CONFLICT ON CONSTRAINT one_item_count DO UPDATE SET number = instruments_itemcount.number + excluded.number
"""
# Whole months by the counts of items, which are few; the days around today by the counts of days, found by an index.
BY_REGION = """
WITH changed AS (SELECT region, valid_until, number FROM instruments_countchange
                 WHERE in_use = 'in_use' AND region LIKE %(prefix)s),
by_month AS (SELECT region, valid_month AS month, number FROM instruments_itemcount
             WHERE in_use = 'in_use' AND region LIKE %(prefix)s
             UNION ALL SELECT region, date_trunc('month', valid_until)::date, number FROM changed),
by_day AS (SELECT region, valid_until, number FROM instruments_duecount
           WHERE in_use = 'in_use' AND region LIKE %(prefix)s AND valid_until BETWEEN %(this_month)s AND %(soon)s
           UNION ALL SELECT region, valid_until, number FROM changed
           WHERE valid_until BETWEEN %(this_month)s AND %(soon)s),
counted AS (SELECT region, sum(number) AS number, sum(number) FILTER (WHERE month = '0001-01-01') AS never,
                sum(number) FILTER (WHERE month > '0001-01-01' AND month < %(this_month)s) AS overdue, 0 AS soon
            FROM by_month GROUP BY 1
            UNION ALL SELECT region, 0, 0, sum(number) FILTER (WHERE valid_until < %(today)s),
                sum(number) FILTER (WHERE valid_until >= %(today)s) FROM by_day GROUP BY 1)
SELECT {group}, sum(number), sum(never), sum(overdue), sum(soon)
FROM counted GROUP BY 1 HAVING sum(number) > 0 ORDER BY 1
"""
BY_MONTH = """
SELECT month, sum(number)
FROM (SELECT region, in_use, valid_month AS month, number FROM instruments_itemcount
      UNION ALL SELECT region, in_use, date_trunc('month', valid_until)::date, number
      FROM instruments_countchange) AS counted
WHERE in_use = 'in_use' AND region LIKE %(prefix)s AND month BETWEEN %(first)s AND %(last)s GROUP BY 1
"""
BY_ITEM = """
SELECT item, sum(number), sum(number) FILTER (WHERE month = '0001-01-01'),
    sum(number) FILTER (WHERE month > '0001-01-01' AND month < %(this_month)s)
FROM (SELECT region, item, in_use, valid_month AS month, number FROM instruments_itemcount
      UNION ALL SELECT region, item, in_use, date_trunc('month', valid_until)::date, number
      FROM instruments_countchange) AS counted
WHERE in_use = 'in_use' AND region LIKE %(prefix)s GROUP BY 1 HAVING sum(number) > 0 ORDER BY 2 DESC, 1
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Instruments in use of a region: all, never verified, overdue, and due within the days asked for."""

    region: str
    number: int
    never: int
    overdue: int
    soon: int


@dataclass(frozen=True, slots=True)
class ItemStanding:
    """Instruments in use of an item: all, never verified, and whose validity ended before this month."""

    item: str
    number: int
    never: int
    overdue: int


def add_up() -> None:
    """Add the changes to the counts; returns at once where another does it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if cursor.fetchone()[0]:
            cursor.execute(ADD_UP)


def standing_by_region(within: str, today: date, soon: date) -> Sequence[Standing]:
    """One row a city of the province, or a county of a city; raises UnknownDivisionError."""
    group = "left(region, 4) || '00'" if division(within).level is Level.PROVINCE else "region"
    with connection.cursor() as cursor:
        values = {"today": today, "this_month": today.replace(day=1), "soon": soon, "prefix": _prefix(within)}
        cursor.execute(BY_REGION.format(group=group), values)
        return [Standing(region, *(int(n or 0) for n in numbers)) for region, *numbers in cursor.fetchall()]


def standing_by_item(within: str, today: date) -> Sequence[ItemStanding]:
    """One row an item of the catalogue, the most frequent first; raises UnknownDivisionError."""
    with connection.cursor() as cursor:
        cursor.execute(BY_ITEM, {"this_month": today.replace(day=1), "prefix": _prefix(within)})
        return [ItemStanding(item, *(int(n or 0) for n in numbers)) for item, *numbers in cursor.fetchall()]


def due_by_month(within: str, first: date, months: int) -> Sequence[tuple[date, int]]:
    """How many instruments in use are valid until each of so many months from that of `first` on, by its first day.

    Raises UnknownDivisionError.
    """
    start = first.year * 12 + first.month - 1
    wanted = [date((start + n) // 12, (start + n) % 12 + 1, 1) for n in range(months)]
    with connection.cursor() as cursor:
        cursor.execute(BY_MONTH, {"prefix": _prefix(within), "first": wanted[0], "last": wanted[-1]})
        found = dict(cursor.fetchall())
    return [(month, int(found.get(month, 0))) for month in wanted]


def _prefix(within: str) -> str:
    level = division(within).level
    if level is Level.PROVINCE:
        return "44%"
    return f"{within[:4]}%" if level is Level.CITY else within
