"""The log in its tables, by plain SQL: appending a batch, and reading places, hashes and entries back."""

from dataclasses import dataclass

from django.db import connection, transaction

from yuejingzhun.evidence.log.merkle import EMPTY, Frontier, Node, grow, leaf_hash
from yuejingzhun.evidence.log.standing_list import Ended
from yuejingzhun.evidence.log.tile import HEIGHT, WIDTH, Tile, encode_entries, nodes_from_tiles, split_hashes
from yuejingzhun.platform.foundation.ledger.errors import SequencerBusyError

BATCH = 256
LOCK = 7_302_144  # of the database: one sequencer or signer at a time
HEAD = "select size, peaks from ledger_head where size = (select size from ledger_batch order by first desc limit 1)"
# The database fills the row out of its queue, or inserts none (migration 0002).
APPEND = """
insert into ledger_batch default values
returning first, hashes, (select peaks from ledger_head where size = ledger_batch.first)
"""
GROWN = """
with nodes as (
    insert into ledger_node (level, index, hash) select * from unnest(%s::int[], %s::bigint[], %s::bytea[]))
insert into ledger_head (size, peaks) values (%s, %s)
"""
# The batches from the one that holds the first index up to before another index.
BETWEEN = """
from ledger_batch where first < %s
    and first >= (select first from ledger_batch where first <= %s order by first desc limit 1) order by first
"""
# A statement's position in its batch counts from 1.
PLACE = """
select b.first + array_position(b.statements, s.id) - 1,
       substr(b.hashes, 32 * array_position(b.statements, s.id) - 31, 32)
from ledger_statement s join ledger_batch b on b.span @> s.id and s.id = any (b.statements)
where s.number = %s and s.event = %s order by 1 limit 1
"""


ENDED = """
select s.number, s.event, b.first + array_position(b.statements, s.id) - 1 as index
from ledger_statement s join ledger_batch b on b.span @> s.id and s.id = any (b.statements)
where s.event in ('revoked', 'superseded') and b.first < %s order by index
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement stands in the log."""

    index: int
    leaf: bytes


def lock_log(*, wait: bool) -> None:
    """Be the one who appends and signs until the transaction ends; raises SequencerBusyError where another is."""
    with connection.cursor() as cursor:
        cursor.execute(f"select pg_{'' if wait else 'try_'}advisory_xact_lock(%s)", [LOCK])
        if cursor.fetchone()[0] is False:
            raise SequencerBusyError("另一个定序器正在工作：同一时刻只能有一个")


def frontier() -> Frontier:
    """The tree over all that is appended."""
    with connection.cursor() as cursor:
        cursor.execute(HEAD)
        row = cursor.fetchone()
        return _frontier(*row) if row else EMPTY


def append_batch(*, wait: bool) -> int:
    """Append the statements that were queued first, in one transaction; how many those were."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_log(wait=wait)
        cursor.execute(APPEND)
        row = cursor.fetchone()
        if row is None:
            return 0
        first, hashes, peaks = row
        leaves = [leaf_hash(entry) for entry in split_hashes(bytes(hashes))]
        nodes: list[tuple[int, int, bytes]] = []

        def keep(level: int, index: int, value: bytes) -> None:
            if level % HEIGHT == 0:
                nodes.append((level // HEIGHT, index, value))

        new = grow(_frontier(first, peaks or b""), leaves, keep)
        columns = [list(column) for column in zip(*nodes, strict=True)] or [[], [], []]
        cursor.execute(GROWN, [*columns, new.size, b"".join(new.peaks)])
        return len(leaves)


def _frontier(size: int, peaks: bytes) -> Frontier:
    return Frontier(size, tuple(split_hashes(bytes(peaks))))


def place_of(number: str, event: str) -> Place | None:
    """Where the first statement of that kind about a number stands, or None while it waits for its place."""
    with connection.cursor() as cursor:
        cursor.execute(PLACE, [number, event])
        row = cursor.fetchone()
        return Place(row[0], leaf_hash(bytes(row[1]))) if row else None


def ended_before(size: int) -> list[Ended]:
    """What was revoked or superseded by the entries before an index, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(ENDED, [size])
        return [Ended(*row) for row in cursor.fetchall() if row[2] < size]


def node_of(size: int) -> Node:
    """Any full node of the tree of that size."""
    return nodes_from_tiles(size, read_tile)


def read_tile(tile: Tile) -> bytes:
    """The content of a tile, out of the tables."""
    first, end = tile.index * WIDTH, tile.index * WIDTH + tile.width
    if tile.level is None:
        return encode_entries(_appended_between(first, end))
    if not tile.level:
        return b"".join(map(leaf_hash, _appended_between(first, end)))
    with connection.cursor() as cursor:
        sql = "select hash from ledger_node where level = %s and index >= %s and index < %s order by index"
        cursor.execute(sql, [tile.level, first, end])
        return b"".join(bytes(value) for (value,) in cursor.fetchall())


def _appended_between(first: int, end: int) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute("select first, hashes " + BETWEEN, [end, first])
        rows = cursor.fetchall()
    hashes = [value for _, joined in rows for value in split_hashes(bytes(joined))]
    return hashes[first - rows[0][0] : end - rows[0][0]] if rows else []


def statements_between(first: int, end: int) -> list[tuple[int, int]]:
    """Index in the log and key of each statement, from one index to before another."""
    with connection.cursor() as cursor:
        cursor.execute("select first, statements " + BETWEEN, [end, first])
        pairs = [pair for start, statements in cursor.fetchall() for pair in enumerate(statements, start)]
    return [(index, statement) for index, statement in pairs if first <= index < end]


def entries_between(first: int, end: int) -> list[bytes]:
    """What should stand in the log from one index to before another: the hashes of the statements, computed anew."""
    keys = [key for _, key in statements_between(first, end)]
    with connection.cursor() as cursor:
        cursor.execute("select id, sha256(content) from ledger_statement where id = any (%s)", [keys])
        found = {key: bytes(value) for key, value in cursor.fetchall()}
    return [found.get(key, b"") for key in keys]
