"""A log in memory, published as its files, to be tampered with."""

from collections.abc import Callable, Iterable, Mapping

import pytest

from yuejingzhun.evidence.log.checkpoint import Checkpoint
from yuejingzhun.evidence.log.merkle import EMPTY, grow, leaf_hash
from yuejingzhun.evidence.log.note import KeyKind, Note
from yuejingzhun.evidence.log.note_signer import NoteSigner, generate
from yuejingzhun.evidence.log.tile import Tile, encode_entries, tiles_between

Publish = Callable[..., dict[str, bytes]]
NOW = 1_795_000_000


@pytest.fixture(scope="session")
def log_key() -> NoteSigner:
    return generate("log.example/yjz", KeyKind.ED25519)


def publish_entries(
    entries: list[bytes], key: NoteSigner, cosigners: Iterable[NoteSigner] = (), also: Mapping[str, bytes] | None = None
) -> dict[str, bytes]:
    """The files of a log with these entries, those of an earlier size among them if given."""
    leaves = [leaf_hash(entry) for entry in entries]
    hashes = {(0, index): leaf for index, leaf in enumerate(leaves)}
    frontier = grow(EMPTY, leaves, lambda level, index, value: hashes.__setitem__((level, index), value))
    files = dict(also or {})
    for tile in tiles_between(0, len(entries)):
        first = tile.index * 256
        files[tile.path] = b"".join(hashes[(tile.level or 0) * 8, first + n] for n in range(tile.width))
        if tile.level == 0:
            files[Tile(None, tile.index, tile.width).path] = encode_entries(entries[first : first + tile.width])
    text = Checkpoint(key.key.name, frontier.size, frontier.root).text
    files["checkpoint"] = Note(text, tuple(signer.sign(text, NOW) for signer in (key, *cosigners))).encode()
    return files


@pytest.fixture(scope="session")
def published(log_key: NoteSigner) -> Publish:
    return lambda entries, **more: publish_entries(entries, log_key, **more)
