"""Canonical JSON: the one spelling of small statements that are signed, and reading it back from strangers."""

import json
from typing import Any

LARGEST = 64 * 1024
MOST_BRACKETS = 64


def dump(content: object) -> bytes:
    """UTF-8, keys sorted, no white space."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def load(data: bytes) -> Any:
    """The content of small, flat JSON; raises ValueError, also for what is too large or nested too deep.

    Counted before parsing: the parser's own guard is the interpreter's recursion limit, which libraries raise.
    """
    if len(data) > LARGEST:
        raise ValueError(f"{len(data)} bytes")
    if data.count(b"[") + data.count(b"{") > MOST_BRACKETS:
        raise ValueError("too many brackets")
    return json.loads(data)
