"""Recomputing a log of a million entries from its published files, against bare SHA-256 of the same leaves and nodes.

Run: python benchmarks/audit_log.py [--entries N]
"""

import argparse
import hashlib
import platform
import tempfile
import time
from pathlib import Path

from yuejingzhun.evidence.log.audit import audit
from yuejingzhun.evidence.log.checkpoint import Checkpoint
from yuejingzhun.evidence.log.merkle import EMPTY, grow, leaf_hash
from yuejingzhun.evidence.log.note import KeyKind, Note
from yuejingzhun.evidence.log.note_signer import generate
from yuejingzhun.evidence.log.policy import Policy
from yuejingzhun.evidence.log.tile import Tile, encode_entries, tiles_between

KEY = generate("log.example/yjz", KeyKind.ED25519)
ROUNDS = 3


def main() -> None:
    """Publish, audit, and print the ratio (claim: at most 3)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    count = parser.parse_args().entries
    with tempfile.TemporaryDirectory(prefix="yjz-audit-") as name:
        folder = Path(name)
        _publish(folder, count)
        audited = min(_audit(folder) for _ in range(ROUNDS))
        bare = min(_bare(count) for _ in range(ROUNDS))
    print(f"{platform.machine()}, Python {platform.python_version()}, one core, {count:,} entries")
    print(f"audit {audited:.2f} s, bare SHA-256 of {count:,} leaves and {count - 1:,} nodes {bare:.2f} s")
    print(f"ratio {audited / bare:.2f} (claim: at most 3); {count / audited:,.0f} entries a second")


def _publish(folder: Path, count: int) -> None:
    entries = [hashlib.sha256(b"%d" % n).digest() for n in range(count)]
    hashes = {(0, index): leaf_hash(entry) for index, entry in enumerate(entries)}

    def keep(level: int, index: int, value: bytes) -> None:
        if level % 8 == 0:
            hashes[level, index] = value

    frontier = grow(EMPTY, [hashes[0, n] for n in range(count)], keep)
    for tile in tiles_between(0, count):
        first = tile.index * 256
        _write(folder / tile.path, b"".join(hashes[(tile.level or 0) * 8, first + n] for n in range(tile.width)))
        if tile.level == 0:
            _write(
                folder / Tile(None, tile.index, tile.width).path, encode_entries(entries[first : first + tile.width])
            )
    text = Checkpoint(KEY.key.name, frontier.size, frontier.root).text
    _write(folder / "checkpoint", Note(text, (KEY.sign(text, 0),)).encode())


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _audit(folder: Path) -> float:
    began = time.perf_counter()
    for _ in audit(lambda path: (folder / path).read_bytes(), Policy(KEY.key), int(time.time())):
        pass
    return time.perf_counter() - began


def _bare(count: int) -> float:
    sha256 = hashlib.sha256
    leaf, node = b"\x00" + bytes(32), b"\x01" + bytes(64)
    began = time.perf_counter()
    for _ in range(count):
        sha256(leaf).digest()
    for _ in range(count - 1):
        sha256(node).digest()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
