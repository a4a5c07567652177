import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.evidence.log.merkle import (
    EMPTY,
    EMPTY_ROOT,
    Frontier,
    Node,
    ProofError,
    check_consistency,
    consistency_proof,
    grow,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_from_inclusion,
    root_of,
)

VECTORS = json.loads((Path(__file__).parents[2] / "reference" / "trust" / "rfc6962.json").read_text())
LEAVES = [leaf_hash(bytes.fromhex(leaf)) for leaf in VECTORS["leaves_hex"]]


def by_definition(leaves: Sequence[bytes]) -> bytes:
    """RFC 9162 2.1.1 word for word, and nothing of what is tested."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


def nodes(leaves: Sequence[bytes]) -> Node:
    return lambda level, index: by_definition(leaves[index << level : index + 1 << level])


def made(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % n) for n in range(count)]


def test_heads_of_the_published_tree() -> None:
    for size, head in VECTORS["tree_heads"].items():
        assert root_of(LEAVES[: int(size)]).hex() == head
    assert EMPTY.root == EMPTY_ROOT


def test_published_inclusion_proofs() -> None:
    for case in VECTORS["inclusion"]:
        path = [bytes.fromhex(value) for value in case["path"]]
        assert inclusion_proof(case["index"], case["size"], nodes(LEAVES[: case["size"]])) == path
        root = root_from_inclusion(LEAVES[case["index"]], case["index"], case["size"], path)
        assert root.hex() == VECTORS["tree_heads"][str(case["size"])]


def test_published_consistency_proofs() -> None:
    for case in VECTORS["consistency"]:
        path = [bytes.fromhex(value) for value in case["proof"]]
        first, second = case["first"], case["second"]
        assert consistency_proof(first, second, nodes(LEAVES[:second])) == path
        roots = [bytes.fromhex(VECTORS["tree_heads"][str(size)]) for size in (first, second)]
        check_consistency(first, second, *roots, path)


@pytest.mark.parametrize("size", [*range(1, 34), 63, 64, 65])
def test_every_proof_of_every_small_tree_holds_and_only_there(size: int) -> None:
    leaves = made(size)
    root = by_definition(leaves)
    for index in range(size):
        path = inclusion_proof(index, size, nodes(leaves))
        assert root_from_inclusion(leaves[index], index, size, path) == root
        for other in {0, index ^ 1, size - 1} - {index}:
            if other < size and len(inclusion_proof(other, size, nodes(leaves))) == len(path):
                assert root_from_inclusion(leaves[index], other, size, path) != root
    for first in range(1, size + 1):
        path = consistency_proof(first, size, nodes(leaves))
        check_consistency(first, size, by_definition(leaves[:first]), root, path)
        for position in range(len(path)):
            changed = [*path]
            changed[position] = bytes([changed[position][0] ^ 1]) + changed[position][1:]
            with pytest.raises(ProofError):
                check_consistency(first, size, by_definition(leaves[:first]), root, changed)


@given(st.integers(0, 300), st.lists(st.integers(0, 300), max_size=4))
def test_growing_in_steps_is_growing_at_once(start: int, steps: list[int]) -> None:
    leaves = made(min(700, start + sum(steps)))
    frontier, position = grow(EMPTY, leaves[:start]), start
    for step in steps:
        frontier = grow(frontier, leaves[position : position + step])
        position += step
    assert frontier.root == by_definition(leaves[: frontier.size])


def test_growing_tells_of_each_node_that_became_full() -> None:
    heard: dict[tuple[int, int], bytes] = {}
    leaves = made(37)
    grow(EMPTY, leaves, lambda level, index, value: heard.__setitem__((level, index), value))
    assert heard == {
        (level, index): nodes(leaves)(level, index) for level in range(1, 6) for index in range(37 >> level)
    }


# Malformed ones of the kinds on which textbook verifiers were seen to fail.
@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        (0, 8, []),
        (0, 0, []),
        (9, 8, []),
        (-1, 8, []),
        (8, 8, [LEAVES[0]]),
        (3, 8, []),
        (4, 8, []),
        (4, 8, [b""]),
        (4, 8, [LEAVES[0][:31]]),
        (4, 8, [LEAVES[0], LEAVES[1]]),
        (6, 8, [LEAVES[0]] * 70),
    ],
)
def test_malformed_consistency_is_refused(first: int, second: int, path: list[bytes]) -> None:
    roots = [root_of(LEAVES[: max(0, size)]) for size in (first, second)]
    with pytest.raises(ProofError):
        check_consistency(first, second, *roots, path)


def test_empty_hashes_prove_nothing() -> None:
    with pytest.raises(ProofError):
        check_consistency(4, 8, b"", b"", [b""])
    with pytest.raises(ProofError):
        root_from_inclusion(b"", 0, 1, [])
    with pytest.raises(ProofError):
        root_from_inclusion(LEAVES[0], 0, 2, [b""])
    for index, size in ((0, 0), (1, 1), (-1, 1), (8, 8)):
        with pytest.raises(ProofError):
            root_from_inclusion(LEAVES[0], index, size, [])
    for path in ([], LEAVES[:2], LEAVES[:4]):
        with pytest.raises(ProofError):
            root_from_inclusion(LEAVES[0], 0, 8, path)


def test_a_leaf_is_no_node() -> None:
    assert leaf_hash(LEAVES[0] + LEAVES[1]) != node_hash(LEAVES[0], LEAVES[1])


def test_a_frontier_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(ProofError):
        Frontier(3, (LEAVES[0],))
    with pytest.raises(ProofError):
        grow(EMPTY, [b"short"])
    with pytest.raises(ProofError):
        inclusion_proof(3, 3, nodes(LEAVES[:3]))
    with pytest.raises(ProofError):
        consistency_proof(0, 3, nodes(LEAVES[:3]))
