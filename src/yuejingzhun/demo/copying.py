"""Columns into a table by COPY, with keys taken in advance, and indexes built once instead of row by row."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from numpy.typing import NDArray
from pyarrow import csv

Numbers = NDArray[Any]
MEMORY = "384MB"  # of each of at most three processes that build an index
CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %s::regclass AND contype IN ('u', 'f') ORDER BY contype DESC, conname
"""
INDEXES = """
SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = %s::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
ORDER BY c.relname
"""


def text(words: Sequence[str], which: Numbers) -> pa.Array:
    """The words at those positions."""
    return pa.array(words, pa.string()).take(pa.array(which))


def always(word: str, count: int) -> pa.Array:
    """The same text in every row."""
    return pa.repeat(pa.scalar(word), count)


def digits(values: Numbers, width: int) -> pa.Array:
    """Whole numbers as text of a fixed width, with leading zeros."""
    return characters(digits_of(values, width) + 48)


def digits_of(values: Numbers, width: int) -> NDArray[np.uint8]:
    """The decimal digits, a row a number."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return (np.asarray(values, np.int64)[:, None] // powers % 10).astype(np.uint8)


def characters(codes: Numbers) -> pa.Array:
    """Text from a matrix of ASCII codes, a row a text; a code of 0 at the end leaves the character out."""
    rows = np.ascontiguousarray(codes, np.uint8)
    return pa.array(rows.view(f"S{rows.shape[1]}").ravel(), pa.binary()).cast(pa.string())


def joined(*parts: pa.Array | str) -> pa.Array:
    """Texts one after the other, row by row."""
    return pc.binary_join_element_wise(*(pa.scalar(p) if isinstance(p, str) else p for p in parts), "")


def copy(table: str, columns: Mapping[str, Any]) -> int:
    """Add rows by COPY, triggers and all; the number of rows."""
    batch = pa.table(dict(columns))
    sink = pa.BufferOutputStream()
    csv.write_csv(batch, sink, csv.WriteOptions(include_header=False))
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv)"
    with connection.cursor() as cursor, cursor.copy(statement) as rows:
        rows.write(memoryview(sink.getvalue()))
    return batch.num_rows


def reserve_keys(table: str, count: int) -> int:
    """The first of so many keys that no other row will get; they stay unused where the transaction fails."""
    with connection.cursor() as cursor:
        # What was copied with its key, and not by the sequence, must not be given again.
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
        (sequence,) = cursor.fetchone()
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [sequence])
        cursor.execute("SELECT nextval(%s)", [sequence])
        first = int(cursor.fetchone()[0])
        cursor.execute("SELECT setval(%s, %s)", [sequence, first + count - 1])
    return first


@contextmanager
def built_once(table: str, progress: Any) -> Iterator[None]:
    """Without its indexes, unique constraints and foreign keys inside, and with all of them again behind.

    In the caller's transaction: others wait for the table, and a failure leaves everything as it was. Rows that
    break one of them make it fail as they would have singly. Triggers and checks stay in force.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(CONSTRAINTS, [table])
        constraints = cursor.fetchall()
        cursor.execute(INDEXES, [table])
        indexes = cursor.fetchall()
        for name, _ in constraints:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        cursor.execute(f"SET LOCAL maintenance_work_mem = '{MEMORY}'")
        for name, definition in constraints:
            progress(f"建立约束 {name}")
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        for name, definition in indexes:
            progress(f"建立索引 {name}")
            cursor.execute(definition)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
