"""What tests of the log share: a fixed now, and made-up entries."""

import hashlib

NOW = 1_795_000_000


def entries_of(count: int) -> list[bytes]:
    """So many entries, the same each time."""
    return [hashlib.sha256(b"statement %d" % n).digest() for n in range(count)]
