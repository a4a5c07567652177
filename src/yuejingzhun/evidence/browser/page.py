"""Putting the page together: script and style inline, allowed by their hashes and nothing else."""

import base64
import hashlib
import html
import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

from yuejingzhun.evidence.bundle import POLICIES

FOLDER = Path(__file__).parent
# In one script, in an order in which each file finds the constants of those before it.
SUBJECTS = (
    *("bytes", "container", "der", "name", "certificate", "suite", "chain", "sm3", "sm2", "keccak", "mldsa"),
    *("canonical_xml", "xades", "cms", "pdf", "timestamp", "note", "policy", "proof", "anchor"),
    *("entry", "parallel", "revocation", "notice", "verify", "page"),
)


def offline_page(roots_pem: str, policy: str, timestamp_policies: Collection[str] = POLICIES) -> str:
    """The page as one file, with whom its maker trusts filled in, for the visitor to confirm or replace."""
    filled = {
        "STYLE_HASH": _hash(_style()),
        "SCRIPT_HASH": _hash(_script()),
        "ROOTS": html.escape(roots_pem),
        "TRUST": html.escape(policy),
        "POLICIES": html.escape(" ".join(sorted(timestamp_policies))),
        "STYLE": _style(),
        "SCRIPT": _script(),
    }
    page = (FOLDER / "check.html").read_text(encoding="utf-8")
    # In one pass, so that a mark within what is filled in stays what it is.
    return re.sub("@([A-Z_]+)@", lambda mark: filled[mark[1]], page)


def content_security_policy() -> dict[str, list[str]]:
    """The same allowances as directives, for a server that sends them as a header."""
    return {
        "default-src": ["'none'"],
        "script-src": [f"'sha256-{_hash(_script())}'"],
        "style-src": [f"'sha256-{_hash(_style())}'"],
        "img-src": ["data:"],
    }


@cache
def _script() -> str:
    files = [(FOLDER / "script" / f"{subject}.js").read_text(encoding="utf-8") for subject in SUBJECTS]
    return '"use strict";\n' + "\n".join(files)


@cache
def _style() -> str:
    return (FOLDER / "check.css").read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
