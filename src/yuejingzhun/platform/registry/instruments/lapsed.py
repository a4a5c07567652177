"""Mandatory verifications that lapsed, as news for supervision: a holder's, of the days that a round looks at."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from django.db import connection

from yuejingzhun.platform.foundation.events.services import Item, publish_many
from yuejingzhun.procedures.local_date import LOCAL

# Mandatory: on the catalogue, and for one of the four uses (Metrology Law, article 9). By the index of a due list.
LAPSED = """
SELECT holder_id, count(*), min(valid_until), max(valid_until) FROM instruments_instrument
WHERE holder_id = ANY(%s) AND valid_until BETWEEN %s AND %s AND in_use = 'in_use' AND use <> 'other' AND item <> ''
GROUP BY holder_id ORDER BY holder_id
"""


def publish_lapsed(holders: Sequence[int], first: date, last: date, day: date) -> int:
    """Publish, for each of the holders, how many lapsed from one day to another; seen on a day. How many holders.

    Inside the transaction of the round; what a round of the same day tells again is not heard.
    """
    with connection.cursor() as cursor:
        cursor.execute(LAPSED, [list(holders), first, last])
        rows = cursor.fetchall()
    at = datetime.combine(day, time(), LOCAL).astimezone(UTC)
    publish_many(
        [
            Item(
                "verification-overdue",
                holder,
                f"{holder}:{day}",
                at,
                {"number": number, "first_due": earliest, "last_due": latest, "on": day},
            )
            for holder, number, earliest, latest in rows
        ]
    )
    return len(rows)
