"""Canonical JSON: the one spelling of statements that are signed or hashed, and reading it back from strangers."""

import json
import re
from typing import Any

LARGEST = 64 * 1024
DEEPEST = 8
_STRING, _BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL), re.compile(rb"[\[\]{}]")


def dump(content: object) -> bytes:
    """UTF-8, keys sorted, no white space."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def load(data: bytes, largest: int = LARGEST) -> Any:
    """The content of flat JSON; raises ValueError, also for what is too large or nested too deep.

    Measured before parsing: the parser's own guard is the interpreter's recursion limit, which libraries raise.
    """
    if len(data) > largest:
        raise ValueError(f"{len(data)} bytes")
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", data)):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise ValueError("nested too deep")
    return json.loads(data)
