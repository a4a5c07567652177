"""Putting the page together: script and style inline, allowed by their hashes and nothing else."""

import base64
import hashlib
import html
from pathlib import Path

FOLDER = Path(__file__).parent


def offline_page(roots_pem: str, policy: str) -> str:
    """The page as one file, with whom its maker trusts filled in, for the visitor to confirm or replace."""
    script = (FOLDER / "check.js").read_text(encoding="utf-8")
    style = (FOLDER / "check.css").read_text(encoding="utf-8")
    page = (FOLDER / "check.html").read_text(encoding="utf-8")
    filled = {
        "@STYLE_HASH@": _hash(style),
        "@SCRIPT_HASH@": _hash(script),
        "@ROOTS@": html.escape(roots_pem),
        "@TRUST@": html.escape(policy),
        "@STYLE@": style,
        "@SCRIPT@": script,
    }
    for mark, content in filled.items():
        page = page.replace(mark, content)
    return page


def content_security_policy() -> dict[str, list[str]]:
    """The same allowances as directives, for a server that sends them as a header."""
    script = _hash((FOLDER / "check.js").read_text(encoding="utf-8"))
    style = _hash((FOLDER / "check.css").read_text(encoding="utf-8"))
    return {
        "default-src": ["'none'"],
        "script-src": [f"'sha256-{script}'"],
        "style-src": [f"'sha256-{style}'"],
        "img-src": ["data:"],
    }


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
