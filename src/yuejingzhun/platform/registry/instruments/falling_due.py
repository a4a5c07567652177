"""How many instruments of each holder fall due in given spans of days: counted in the database, read by reminders."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

# One descent of the index of a holder's due list for each holder and span.
COUNT = """
SELECT holder, span, sum(number), min(first), max(last), jsonb_object_agg(item, number) FROM (
    SELECT h.id AS holder, s.name AS span, i.item, count(*) AS number,
        min(i.valid_until) AS first, max(i.valid_until) AS last
    FROM unnest(%(holders)s::bigint[]) AS h(id)
    CROSS JOIN unnest(%(names)s::text[], %(firsts)s::date[], %(lasts)s::date[]) AS s(name, first, last)
    CROSS JOIN LATERAL (
        SELECT item, valid_until FROM instruments_instrument
        WHERE holder_id = h.id AND valid_until BETWEEN s.first AND s.last AND in_use = 'in_use') AS i
    GROUP BY 1, 2, 3) AS of_items
GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included, under a name."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class FallingDue:
    """What a holder has in use that is valid until a day of a span; `items` counts by code of the catalogue."""

    holder_id: int
    span: str
    number: int
    first: date
    last: date
    items: dict[str, int]


def falling_due(holders: Sequence[int], spans: Sequence[Span]) -> list[FallingDue]:
    """For each holder and span in which anything falls due, by holder."""
    values = {
        "holders": list(holders),
        "names": [span.name for span in spans],
        "firsts": [span.first for span in spans],
        "lasts": [span.last for span in spans],
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values)
        rows = cursor.fetchall()
    return [
        FallingDue(holder, span, int(number), first, last, json.loads(items) if isinstance(items, str) else items)
        for holder, span, number, first, last, items in rows
    ]
