"""Merkle trees of RFC 9162 section 2.1: growing one, proving from one, and checking a proof without one.

A node is named by its level (0 for leaves) and its index in that level; only nodes over a full range have a name.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
Node = Callable[[int, int], bytes]
"""The hash of a full node by level and index."""


class ProofError(ValueError):
    """The proof doesn't prove it; the message says in Chinese why."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf (RFC 9162 2.1.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 9162 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def level_above(hashes: Sequence[bytes]) -> list[bytes]:
    """The hashes of the full nodes one level up; a last one without a sibling is left out."""
    sha256 = hashlib.sha256
    pairs = zip(hashes[::2], hashes[1::2], strict=False)
    return [sha256(b"\x01" + left + right).digest() for left, right in pairs]


def _all_hashes(hashes: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_SIZE for value in hashes)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes, from the definition; raises ProofError for hashes of another length."""
    return grow(EMPTY, leaves).root


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that is needed to append: the number of leaves, and the roots of the full subtrees, the largest first."""

    size: int
    peaks: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count() or not _all_hashes(self.peaks):
            raise ProofError("日志的前沿与其大小不符")

    @property
    def root(self) -> bytes:
        """The Merkle tree hash (RFC 9162 2.1.1)."""
        if not self.peaks:
            return EMPTY_ROOT
        return reduce(lambda right, left: node_hash(left, right), reversed(self.peaks))


EMPTY = Frontier(0, ())


def grow(
    frontier: Frontier, leaves: Iterable[bytes], on_node: Callable[[int, int, bytes], None] | None = None
) -> Frontier:
    """The frontier after appending leaf hashes; `on_node` hears of each node above the leaves that became full."""
    peaks, size = list(frontier.peaks), frontier.size
    for leaf in leaves:
        if len(leaf) != HASH_SIZE:
            raise ProofError(f"叶哈希为 {len(leaf)} 字节，应为 {HASH_SIZE} 字节")
        current, index, level = leaf, size, 0
        while index & 1:
            current, index, level = node_hash(peaks.pop(), current), index >> 1, level + 1
            if on_node is not None:
                on_node(level, index, current)
        peaks.append(current)
        size += 1
    return Frontier(size, tuple(peaks))


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """The audit path of a leaf (RFC 9162 2.1.3.1); raises ProofError where there is no such leaf."""
    if not 0 <= index < size:
        raise ProofError(f"日志只有 {size} 条，没有第 {index} 条")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_hash(middle, end, node))
            end = middle
        else:
            path.append(range_hash(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(first: int, second: int, node: Node) -> list[bytes]:
    """That the tree of size `first` is a beginning of the one of size `second` (RFC 9162 2.1.4.1)."""
    if not 0 < first <= second:
        raise ProofError(f"不能证明大小 {first} 与 {second} 一致：应为 0 < 前者 ≤ 后者")
    start, end, path = 0, second, []
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(range_hash(middle, end, node))
            end = middle
        else:
            path.append(range_hash(start, middle, node))
            start = middle
    if start:
        path.append(range_hash(start, end, node))
    return path[::-1]


def range_hash(start: int, end: int, node: Node) -> bytes:
    """The tree hash over the leaves from `start` to before `end`; `start` is a multiple of the first full subtree."""
    peaks = []
    while start < end:
        level = (end - start).bit_length() - 1
        peaks.append(node(level, start >> level))
        start += 1 << level
    return reduce(lambda right, left: node_hash(left, right), reversed(peaks))


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a leaf and its path lead to (RFC 9162 2.1.3.2); raises ProofError for a path of a wrong form."""
    if not 0 <= index < size:
        raise ProofError(f"日志只有 {size} 条，没有第 {index} 条")
    if len(leaf) != HASH_SIZE or not _all_hashes(path):
        raise ProofError(f"收录证明中的哈希应为 {HASH_SIZE} 字节")
    # Above the level where the path meets the right edge, only siblings on the left remain.
    inner = (index ^ (size - 1)).bit_length()
    if len(path) != inner + (index >> inner).bit_count():
        raise ProofError(f"收录证明有 {len(path)} 个哈希，应为 {inner + (index >> inner).bit_count()} 个")
    current = leaf
    for level, sibling in enumerate(path):
        on_the_left = level >= inner or index >> level & 1
        current = node_hash(sibling, current) if on_the_left else node_hash(current, sibling)
    return current


def check_consistency(first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]) -> None:
    """Raises ProofError unless the path proves it (RFC 9162 2.1.4.2). Nothing can be proven of an empty tree."""
    if not 0 < first <= second:
        raise ProofError(f"不能证明大小 {first} 与 {second} 一致：应为 0 < 前者 ≤ 后者")
    if not _all_hashes((first_root, second_root, *path)):
        raise ProofError(f"一致性证明中的哈希应为 {HASH_SIZE} 字节")
    if first == second:
        if path or first_root != second_root:
            raise ProofError("同样大小的两个根不同，或证明多余")
        return
    roots = _roots_from_consistency(first, second, first_root, path)
    if roots != (first_root, second_root):
        raise ProofError("一致性证明不成立：历史被改动，或不是同一日志")


def _roots_from_consistency(first: int, second: int, first_root: bytes, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    # The root of a full subtree is known already and not repeated in the path.
    whole = first & (first - 1) == 0
    hashes = [first_root, *path] if whole else list(path)
    if not path:
        raise ProofError("一致性证明是空的")
    trailing = (~(first - 1) & first).bit_length() - 1
    old, new = first - 1 >> trailing, second - 1 >> trailing
    old_root = new_root = hashes[0]
    for sibling in hashes[1:]:
        if new == 0:
            raise ProofError("一致性证明过长")
        if old & 1 or old == new:
            old_root, new_root = node_hash(sibling, old_root), node_hash(sibling, new_root)
            while old and not old & 1:
                old, new = old >> 1, new >> 1
        else:
            new_root = node_hash(new_root, sibling)
        old, new = old >> 1, new >> 1
    if new:
        raise ProofError("一致性证明过短")
    return old_root, new_root


def _split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return 1 << (count - 1).bit_length() - 1
