"""Recomputing a whole log from its published files: every leaf, every tile, the root, and what it continues."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from yuejingzhun.evidence.log.checkpoint import Checkpoint, parse_checkpoint
from yuejingzhun.evidence.log.merkle import EMPTY, Frontier, ProofError, grow, level_above
from yuejingzhun.evidence.log.policy import Policy, check_checkpoint
from yuejingzhun.evidence.log.tile import HEIGHT, WIDTH, Tile, decode_entries, decode_hashes

Read = Callable[[str], bytes]
"""A published file by its path below the log's address."""
Expected = Callable[[int, int], Sequence[bytes]]
"""The entries that a database holds, from one index to before another."""
Progress = Callable[[int, int], None]
Levels = tuple[tuple[bytes, ...], ...]
"""The hashes that fill no tile yet: of tiles of leaves, of tiles of those, and so on."""


class AuditError(ValueError):
    """The log isn't what it says; the message names in Chinese the first place that differs."""


@dataclass(frozen=True, slots=True)
class Audited:
    """How far a log was recomputed, in whole tiles of leaves, and the last checkpoint that was reached."""

    levels: Levels = ()
    checkpoint: Checkpoint | None = None

    @property
    def tiles(self) -> int:
        """How many whole tiles of leaves."""
        return sum(len(hashes) << HEIGHT * level for level, hashes in enumerate(self.levels))

    def root_with(self, leaves: Sequence[bytes]) -> bytes:
        """The root of the tree that has these leaves after the whole tiles."""
        peaks = [peak for hashes in reversed(self.levels) for peak in grow(EMPTY, hashes).peaks]
        size = self.tiles * WIDTH + len(leaves)
        return Frontier(size, (*peaks, *grow(EMPTY, leaves).peaks)).root

    def encode(self) -> str:
        """As text, to go on from later."""
        lines = "".join(" ".join(value.hex() for value in hashes) + "\n" for hashes in self.levels)
        return lines + "\n" + (self.checkpoint.text if self.checkpoint else "")


def decode_audited(text: str) -> Audited:
    """What `encode` wrote; raises AuditError."""
    lines, _, rest = text.partition("\n\n") if not text.startswith("\n") else ("", "", text[1:])
    try:
        levels = tuple(tuple(map(bytes.fromhex, line.split())) for line in lines.split("\n")) if lines else ()
        return Audited(levels, parse_checkpoint(rest) if rest else None)
    except ValueError as error:
        raise AuditError("审计进度文件无法读取，请删除后从头审计") from error


def audit(
    read: Read,
    policy: Policy,
    seconds: int,
    *,
    since: Audited | None = None,
    expected: Expected | None = None,
    progress: Progress = lambda _done, _size: None,
) -> Iterator[Audited]:
    """Recompute the log up to its checkpoint, yielding the state after each whole tile and at the end.

    Raises AuditError for what differs, NoteError for a checkpoint that the policy doesn't accept, and whatever
    `read` raises. `seconds` since 1970 is now. Each yielded state can be given as `since` to go on from it.
    """
    head = check_checkpoint(read("checkpoint"), policy, seconds).checkpoint
    state = since or Audited()
    remembered = state.checkpoint
    if remembered is not None and (remembered.origin != head.origin or remembered.size > head.size):
        raise AuditError(f"上次审计到 {remembered.size} 条，而日志现在只有 {head.size} 条：历史被收回，或不是同一日志")
    for index in range(state.tiles, head.size // WIDTH + 1):
        width = min(WIDTH, head.size - index * WIDTH)
        leaves = _check_leaves(read, index, width, expected)
        _check_remembered(state, leaves)
        if width < WIDTH:
            break
        state = Audited(_add(read, state.levels, index, leaves), remembered)
        progress((index + 1) * WIDTH, head.size)
        yield state
    _check_partial_tiles(read, state.levels, state.tiles)
    if state.root_with(leaves if width < WIDTH else ()) != head.root:
        raise AuditError(f"由全部 {head.size} 条重新计算的根与检查点不同")
    progress(head.size, head.size)
    yield Audited(state.levels, head)


def _check_leaves(read: Read, index: int, width: int, expected: Expected | None) -> list[bytes]:
    if not width:
        return []
    first = index * WIDTH
    try:
        entries = decode_entries(read(Tile(None, index, width).path), width)
        published = decode_hashes(read(Tile(0, index, width).path), width)
    except ProofError as error:
        raise AuditError(f"第 {first} 至 {first + width - 1} 条的文件无法读取：{error}") from error
    sha256 = hashlib.sha256
    leaves = [sha256(b"\x00" + entry).digest() for entry in entries]
    if leaves != published:
        raise AuditError(f"第 {first + _first_difference(leaves, published)} 条与瓦片中的叶哈希不同")
    if expected is not None and (held := list(expected(first, first + width))) != entries:
        raise AuditError(f"第 {first + _first_difference(held, entries)} 条与数据库中的不同")
    return leaves


def _first_difference(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((position for position, (a, b) in pairs if a != b), min(len(one), len(other)))


def _check_remembered(state: Audited, leaves: Sequence[bytes]) -> None:
    """Before a tile is added: the remembered checkpoint, if it ends in it, must head the same leaves."""
    seen = state.checkpoint
    if seen is None or seen.size // WIDTH != state.tiles:
        return
    if state.root_with(leaves[: seen.size % WIDTH]) != seen.root:
        raise AuditError(f"前 {seen.size} 条的根与上次审计的检查点不同：历史被改动")


def _add(read: Read, levels: Levels, index: int, leaves: Sequence[bytes]) -> Levels:
    """The levels after a whole tile; each tile above that becomes whole is compared with the published one."""
    made, level, value = [list(hashes) for hashes in levels], 0, _top(leaves)
    while True:
        if level == len(made):
            made.append([])
        made[level].append(value)
        if len(made[level]) < WIDTH:
            return tuple(map(tuple, made))
        index //= WIDTH
        _check_tile(read, Tile(level + 1, index), made[level])
        value, made[level] = _top(made[level]), []
        level += 1


def _check_partial_tiles(read: Read, levels: Levels, tiles: int) -> None:
    for level, hashes in enumerate(levels):
        if hashes:
            _check_tile(read, Tile(level + 1, tiles >> HEIGHT * (level + 1), len(hashes)), hashes)


def _check_tile(read: Read, tile: Tile, hashes: Sequence[bytes]) -> None:
    try:
        published = decode_hashes(read(tile.path), tile.width)
    except ProofError as error:
        raise AuditError(f"瓦片 {tile.path} 无法读取：{error}") from error
    if published != list(hashes):
        raise AuditError(f"瓦片 {tile.path} 的第 {_first_difference(published, hashes)} 个哈希与重新计算的不同")


def _top(hashes: Sequence[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = level_above(hashes)
    return hashes[0]
