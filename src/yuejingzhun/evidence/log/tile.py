"""Tiles (C2SP tlog-tiles): the tree and its entries as static files that any web server can serve."""

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from yuejingzhun.evidence.log.merkle import HASH_SIZE, Node, ProofError, level_above

HEIGHT = 8
WIDTH = 1 << HEIGHT
LARGEST_ENTRY = 2**16 - 1


@dataclass(frozen=True, slots=True)
class Tile:
    """Which tile: its level in steps of 8 (None for entries), its index, and its width (256 when full)."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it lies below the log's address."""
        parts = [f"{self.index % 1000:03}"]
        rest = self.index // 1000
        while rest:
            parts.append(f"x{rest % 1000:03}")
            rest //= 1000
        partial = f".p/{self.width}" if self.width < WIDTH else ""
        level = "entries" if self.level is None else str(self.level)
        return f"tile/{level}/{'/'.join(reversed(parts))}{partial}"


def tiles_between(old: int, new: int) -> Iterator[Tile]:
    """The tiles of hashes that a tree of size `new` has and one of size `old` had not."""
    level = 0
    while new >> HEIGHT * level:
        before, after = old >> HEIGHT * level, new >> HEIGHT * level
        for index in range(before // WIDTH, -(-after // WIDTH)):
            width = min(WIDTH, after - index * WIDTH)
            if index * WIDTH + width > before:
                yield Tile(level, index, width)
        level += 1


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """An entry bundle; raises ProofError for an entry that is too large for one."""
    if any(len(entry) > LARGEST_ENTRY for entry in entries):
        raise ProofError(f"条目过大，应不超过 {LARGEST_ENTRY} 字节")
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def decode_entries(data: bytes, width: int) -> list[bytes]:
    """The entries of a bundle; raises ProofError unless there are exactly `width` of them and nothing else."""
    entries, position = [], 0
    while position < len(data):
        (size,) = struct.unpack_from(">H", data, position) if position + 2 <= len(data) else (LARGEST_ENTRY,)
        position += 2 + size
        entries.append(data[position - size : position])
        if position > len(data) or len(entries) > width:
            raise ProofError("条目文件的长度与内容不符")
    if len(entries) != width:
        raise ProofError(f"条目文件有 {len(entries)} 条，应为 {width} 条")
    return entries


def decode_hashes(data: bytes, width: int) -> list[bytes]:
    """The hashes of a tile; raises ProofError for one of another width."""
    if len(data) != width * HASH_SIZE:
        raise ProofError(f"瓦片为 {len(data)} 字节，应为 {width * HASH_SIZE} 字节")
    return split_hashes(data)


def split_hashes(joined: bytes) -> list[bytes]:
    """Hashes that stand one behind the other."""
    return [joined[start : start + HASH_SIZE] for start in range(0, len(joined), HASH_SIZE)]


def nodes_from_tiles(size: int, fetch: Callable[[Tile], bytes]) -> Node:
    """Any full node of a tree of that size, out of its tiles; each tile is fetched once."""
    known: dict[tuple[int, int], list[list[bytes]]] = {}

    def node(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, HEIGHT)
        tile_index, position = divmod(index << height, WIDTH)
        if (tile_level, tile_index) not in known:
            width = min(WIDTH, (size >> HEIGHT * tile_level) - tile_index * WIDTH)
            if width < 1:
                raise ProofError(f"日志只有 {size} 条，没有瓦片 {tile_level}/{tile_index}")
            rows = [decode_hashes(fetch(Tile(tile_level, tile_index, width)), width)]
            while len(rows) < HEIGHT:
                rows.append(level_above(rows[-1]))
            known[tile_level, tile_index] = rows
        try:
            return known[tile_level, tile_index][height][position >> height]
        except IndexError as error:
            raise ProofError(f"日志只有 {size} 条，没有第 {level} 层第 {index} 个结点") from error

    return node
