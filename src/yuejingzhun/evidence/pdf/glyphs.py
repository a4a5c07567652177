"""Which characters our fonts have: one that they lack must be named, not printed as an empty box."""

import json
from bisect import bisect_right
from functools import cache
from pathlib import Path
from typing import Any


class MissingGlyphError(ValueError):
    """A text has a character that the certificate's fonts lack; the message names both."""


def check_glyphs(content: Any) -> None:
    """Raises MissingGlyphError for the first text in nested dictionaries and lists that can't be printed."""
    if isinstance(content, str):
        for character in content:
            if not is_covered(character):
                raise MissingGlyphError(
                    f"“{content[:40]}”中的字 {character!r}（U+{ord(character):04X}）无法印在证书上，请改用规范汉字"
                )
    elif isinstance(content, dict):
        for part in content.values():
            check_glyphs(part)
    elif isinstance(content, list | tuple):
        for part in content:
            check_glyphs(part)


def is_covered(character: str) -> bool:
    """Whether the regular font has the character; line ends are no glyphs."""
    starts, ends = _ranges()
    position = bisect_right(starts, ord(character)) - 1
    return character == "\n" or (position >= 0 and ord(character) <= ends[position])


@cache
def _ranges() -> tuple[list[int], list[int]]:
    text = (Path(__file__).parent / "fonts" / "coverage.json").read_text(encoding="utf-8")
    ranges: list[tuple[int, int]] = json.loads(text)
    return [start for start, _ in ranges], [end for _, end in ranges]
