"""Facts out of the database as columns, in one pass: by binary COPY, whose rows are all of one size."""

from datetime import datetime

import numpy as np
from django.db import connection

from yuejingzhun.platform.supervision.credit.kinds import REPAIRED, rated_kinds
from yuejingzhun.platform.supervision.credit.mass_rating import NEVER, FactColumns

# As known at a moment: what was recorded by then and not superseded by then, withdrawn facts left out.
FACTS = """
COPY (
    SELECT f.party_id, array_position(%(kinds)s::text[], f.kind::text) - 1, f.occurred_on - date '2000-01-01',
        f.quantity, (c.id IS NOT NULL)::int, coalesce(r.occurred_on - date '2000-01-01', %(never)s)
    FROM credit_fact f
    LEFT JOIN credit_fact s ON s.supersedes_id = f.id AND s.recorded_at <= %(known_at)s
    LEFT JOIN credit_fact r ON r.repairs_id = f.id AND r.recorded_at <= %(known_at)s
    LEFT JOIN credit_contest c ON c.fact_id = f.id AND c.contested_at <= %(known_at)s
        AND (c.decided_at IS NULL OR c.decided_at > %(known_at)s)
    WHERE f.recorded_at <= %(known_at)s AND f.kind <> %(repaired)s AND NOT f.withdrawn AND s.id IS NULL
) TO STDOUT (FORMAT binary)
"""
NUMBERS = ("kind", "day", "quantity", "contested", "repaired")
HEADER, TRAILER = 19, 2  # bytes; a signature with two lengths, and the end mark
# PostgreSQL 17, "COPY", binary format: the number of fields, then each with its length; all big-endian.
ROW = np.dtype(
    [("fields", ">i2"), ("length", ">i4"), ("party", ">i8")]
    + [(f"{part}{name}", ">i4") for name in NUMBERS for part in ("length_of_", "")]
)


def read_columns(known_at: datetime) -> FactColumns:
    """All facts that were known at a moment, party by party."""
    values = {"kinds": list(rated_kinds()), "never": NEVER, "known_at": known_at, "repaired": REPAIRED}
    read = bytearray()
    with connection.cursor() as cursor, cursor.copy(FACTS, values) as rows:
        for piece in rows:
            read += piece
    table = np.frombuffer(read, ROW, (len(read) - HEADER - TRAILER) // ROW.itemsize, HEADER)
    party = table["party"].astype(np.int64)
    order = np.argsort(party, kind="stable")

    return FactColumns(party[order], *(table[name].astype(np.int64)[order] for name in NUMBERS))
