"""Facts out of the database as columns, in one pass: by binary COPY, whose rows are all of one size.

What supersedes, repairs and contests facts comes in the same statement, so of the same moment, but is put to the facts
here: a join of millions of rows with the few of them is what the planner of the database misjudges the most.
"""

from datetime import datetime

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from yuejingzhun.platform.supervision.credit.kinds import REPAIRED, rated_kinds
from yuejingzhun.platform.supervision.credit.mass_rating import NEVER, FactColumns, Integers

# As known at a moment; the first column says what a row is about the fact with that key.
STANDS, SUPERSEDED, REPAIR, CONTESTED = range(4)
FACTS = """
COPY (
    SELECT 0, id, party_id, array_position(%(kinds)s::text[], kind::text) - 1, occurred_on - date '2000-01-01', quantity
    FROM credit_fact WHERE recorded_at <= %(known_at)s AND kind <> %(repaired)s AND NOT withdrawn
    UNION ALL
    SELECT 1, supersedes_id, 0, 0, 0, 0 FROM credit_fact
    WHERE supersedes_id IS NOT NULL AND recorded_at <= %(known_at)s
    UNION ALL
    SELECT 2, repairs_id, 0, 0, occurred_on - date '2000-01-01', 0 FROM credit_fact
    WHERE repairs_id IS NOT NULL AND recorded_at <= %(known_at)s
    UNION ALL
    SELECT 3, fact_id, 0, 0, 0, 0 FROM credit_contest
    WHERE contested_at <= %(known_at)s AND (decided_at IS NULL OR decided_at > %(known_at)s)
) TO STDOUT (FORMAT binary)
"""
HEADER, TRAILER = 19, 2  # bytes; a signature with two lengths, and the end mark
# PostgreSQL, "COPY", binary format: the number of fields, then each with its length; all big-endian.
FIELDS = (("about", ">i4"), ("id", ">i8"), ("party", ">i8"), ("kind", ">i4"), ("day", ">i4"), ("quantity", ">i4"))
ROW = np.dtype([("fields", ">i2"), *(part for name, of in FIELDS for part in ((f"size_of_{name}", ">i4"), (name, of)))])


def read_columns(known_at: datetime) -> FactColumns:
    """All facts that were known at a moment, party by party."""
    values = {"kinds": list(rated_kinds()), "known_at": known_at, "repaired": REPAIRED}
    read = bytearray()
    with connection.cursor() as cursor, cursor.copy(FACTS, values) as rows:
        for piece in rows:
            read += piece
    table = np.frombuffer(read, ROW, (len(read) - HEADER - TRAILER) // ROW.itemsize, HEADER)
    about = table["about"]

    def column(name: str, of: int) -> Integers:
        found: Integers = table[name][about == of].astype(np.int64)
        return found

    key = column("id", STANDS)
    stands = ~_among(key, column("id", SUPERSEDED))[0]
    is_repaired, place = _among(key, repaired := column("id", REPAIR))
    days = np.append(column("day", REPAIR)[np.argsort(repaired)], NEVER)
    contested = _among(key, column("id", CONTESTED))[0]
    kept = np.flatnonzero(stands)
    order = kept[np.argsort(column("party", STANDS)[kept], kind="stable")]
    return FactColumns(
        party=column("party", STANDS)[order],
        kind=column("kind", STANDS)[order],
        day=column("day", STANDS)[order],
        quantity=column("quantity", STANDS)[order],
        contested=contested.astype(np.int64)[order],
        repaired=np.where(is_repaired, days[place], NEVER)[order],
    )


def _among(keys: Integers, few: Integers) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Whether each key is among a few others, and its place among them in their order."""
    ordered = np.sort(few)
    if not len(ordered):
        return np.zeros(len(keys), bool), np.zeros(len(keys), np.intp)
    place = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
    found: NDArray[np.bool_] = ordered[place] == keys
    return found, place
