import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.evidence.log.merkle import (
    EMPTY,
    ProofError,
    check_consistency,
    consistency_proof,
    grow,
    inclusion_proof,
    leaf_hash,
    root_from_inclusion,
    root_of,
)
from yuejingzhun.evidence.log.tile import Tile, decode_entries, encode_entries, nodes_from_tiles, tiles_between

SIZE = 70_000
LEAVES = [leaf_hash(b"%d" % n) for n in range(SIZE)]


def store(size: int) -> dict[str, bytes]:
    """All tiles of a tree, out of the nodes that growing it tells of."""
    hashes: dict[tuple[int, int], bytes] = {(0, index): leaf for index, leaf in enumerate(LEAVES[:size])}
    grow(EMPTY, LEAVES[:size], lambda level, index, value: hashes.__setitem__((level, index), value))
    return {
        tile.path: b"".join(hashes[(tile.level or 0) * 8, tile.index * 256 + n] for n in range(tile.width))
        for tile in tiles_between(0, size)
    }


def test_the_tree_of_the_specification_has_its_tiles() -> None:
    tiles = list(tiles_between(0, 70_000))
    assert len(tiles) == 273 + 1 + 1 + 1 + 1
    assert [tile for tile in tiles if tile.width < 256] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles_between(0, 256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert Tile(0, 1234067).path == "tile/0/x001/x234/067"
    assert Tile(1, 1, 17).path == "tile/1/001.p/17"
    assert Tile(None, 0, 3).path == "tile/entries/000.p/3"


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_what_is_published_in_two_steps_serves_the_second(first: int, more: int) -> None:
    whole = {tile.path for tile in tiles_between(0, first + more)}
    steps = {tile.path for tile in (*tiles_between(0, first), *tiles_between(first, first + more))}
    assert whole <= steps


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 65_535, 65_536, 65_537, 70_000])
def test_proofs_come_from_tiles_alone(size: int) -> None:
    tiles = store(size)
    node = nodes_from_tiles(size, lambda tile: tiles[tile.path])
    root = root_of(LEAVES[:size])
    for index in {0, 1, size // 2, size - 1} & set(range(size)):
        assert root_from_inclusion(LEAVES[index], index, size, inclusion_proof(index, size, node)) == root
    for first in {1, size // 3, size - 1, size} - {0}:
        check_consistency(first, size, root_of(LEAVES[:first]), root, consistency_proof(first, size, node))


def test_a_tile_of_a_wrong_size_is_refused() -> None:
    with pytest.raises(ProofError):
        nodes_from_tiles(5, lambda _: b"short")(0, 0)
    with pytest.raises(ProofError):
        nodes_from_tiles(5, lambda _: bytes(160))(0, 300)


@given(st.lists(st.binary(max_size=40), max_size=30))
def test_entry_bundles_read_back(entries: list[bytes]) -> None:
    assert decode_entries(encode_entries(entries), len(entries)) == entries


@pytest.mark.parametrize(("data", "width"), [(b"\x00", 1), (b"\x00\x02a", 1), (b"\x00\x01ab", 1), (b"\x00\x01a", 2)])
def test_malformed_entry_bundles_are_refused(data: bytes, width: int) -> None:
    with pytest.raises(ProofError):
        decode_entries(data, width)
    with pytest.raises(ProofError):
        encode_entries([bytes(2**16)])
