"""The log in its tables, by plain SQL: appending a batch, and reading hashes and entries back."""

from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction

from yuejingzhun.evidence.log.merkle import HASH_SIZE, Frontier, Node, grow
from yuejingzhun.evidence.log.tile import HEIGHT, WIDTH, Tile, encode_entries, nodes_from_tiles
from yuejingzhun.platform.foundation.ledger.errors import SequencerBusyError

BATCH = 256
HEAD = "select size, peaks from ledger_head"
# One statement for all: what the server can do by itself needn't travel to us and back.
PLACE = """
with taken as (
    delete from ledger_pending where statement_id in (
        select statement_id from ledger_pending order by statement_id limit %s for update)
    returning statement_id),
placed as (
    select row_number() over (order by s.id) - 1 + %s as index, s.id, sha256('\\x00'::bytea || s.sha256) as leaf
    from ledger_statement s join taken on taken.statement_id = s.id)
insert into ledger_entry (index, statement_id, leaf) select index, id, leaf from placed returning index, leaf
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement stands in the log."""

    index: int
    leaf: bytes


def lock_head(*, wait: bool) -> Frontier:
    """The head, locked until the transaction ends; raises SequencerBusyError where it is taken and we don't wait."""
    try:
        # In a block of its own: a refused lock would otherwise end the whole transaction.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(HEAD + (" for update" if wait else " for update nowait"))
            return _frontier(cursor.fetchone())
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            raise SequencerBusyError("另一个定序器正在工作：同一时刻只能有一个") from error
        raise


def _frontier(row: tuple[int, bytes]) -> Frontier:
    size, peaks = row[0], bytes(row[1])
    return Frontier(size, tuple(peaks[start : start + HASH_SIZE] for start in range(0, len(peaks), HASH_SIZE)))


def head_size() -> int:
    """How many entries there are, as committed."""
    with connection.cursor() as cursor:
        cursor.execute("select size from ledger_head")
        return int(cursor.fetchone()[0])


def append_batch(*, wait: bool, limit: int = BATCH) -> int:
    """Give the oldest pending statements their places, in one transaction; how many those were."""
    with transaction.atomic():
        frontier = lock_head(wait=wait)
        with connection.cursor() as cursor:
            cursor.execute(PLACE, [limit, frontier.size])
            leaves = [bytes(leaf) for _, leaf in sorted(cursor.fetchall())]
        if leaves:
            _write(frontier, leaves)
    return len(leaves)


def _write(old: Frontier, leaves: list[bytes]) -> None:
    nodes: list[tuple[int, int, bytes]] = []

    def keep(level: int, index: int, value: bytes) -> None:
        if level % HEIGHT == 0:
            nodes.append((level // HEIGHT, index, value))

    new = grow(old, leaves, keep)
    with connection.cursor() as cursor:
        if nodes:
            cursor.executemany("insert into ledger_node (level, index, hash) values (%s, %s, %s)", nodes)
        cursor.execute(
            "update ledger_head set size = %s, peaks = %s where size = %s", [new.size, b"".join(new.peaks), old.size]
        )


def node_of(size: int) -> Node:
    """Any full node of the tree of that size."""
    return nodes_from_tiles(size, read_tile)


def read_tile(tile: Tile) -> bytes:
    """The content of a tile, out of the tables."""
    if tile.level is None:
        return encode_entries(entries_between(tile.index * WIDTH, tile.index * WIDTH + tile.width))
    first = tile.index * WIDTH
    if tile.level:
        sql = "select hash from ledger_node where level = %s and index >= %s and index < %s order by index"
        return b"".join(_column(sql, [tile.level, first, first + tile.width]))
    return b"".join(
        _column(
            "select leaf from ledger_entry where index >= %s and index < %s order by index", [first, first + tile.width]
        )
    )


def entries_between(first: int, end: int) -> list[bytes]:
    """What stands in the log from one index to before another: the hashes of statements, computed anew."""
    sql = """select sha256(s.content) from ledger_entry e join ledger_statement s on s.id = e.statement_id
             where e.index >= %s and e.index < %s order by e.index"""
    return _column(sql, [first, end])


def _column(sql: str, values: list[Any]) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [bytes(value) for (value,) in cursor.fetchall()]
