"""What our font can print of a text from a user's file: a character that it lacks is named, never an empty box."""

import re

from yuejingzhun.cli.terminal import UnusableError
from yuejingzhun.evidence.pdf.glyphs import is_covered

# Exponents and indices as in m·s⁻¹ and x₁, most of which the font lacks: a report sets them as such, a picture plain.
SCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄₅₆₇₈₉₊₋"
PLAIN = str.maketrans(SCRIPTS, "0123456789+-0123456789+-")
SAME = str.maketrans({"⋅": "·", "∙": "·", "\t": " ", "\r": " "})


def printable(text: str, where: str) -> str:
    """The text with look-alikes in place of what the font lacks, scripts left as they are.

    `where` says in Chinese what can't be made ("报告"). Raises UnusableError naming text and character.
    """
    typed = text.translate(SAME)
    for character in typed:
        if character not in SCRIPTS and not is_covered(character):
            code = f"U+{ord(character):04X}"
            raise UnusableError(f"“{text[:40]}”中的字 {character!r}（{code}）{where}的字体里没有，请改用常用字")
    return typed


def plain_scripts(text: str) -> str:
    """As it is usually typed where small figures can't be set: m·s-1 for m·s⁻¹; a lone ², ³ or ¹ stays."""
    return re.sub(
        f"[{SCRIPTS}]+", lambda run: run[0] if all(map(is_covered, run[0])) else run[0].translate(PLAIN), text
    )


def width(text: str) -> int:
    """How many narrow letters wide the text is, a Chinese character counting two."""
    return sum(1 if ord(character) < 0x2E80 else 2 for character in text)


def shortened(name: str, most: int = 24) -> str:
    """A name of about that width; of a longer one beginning and end, which often is a number, about an ellipsis."""
    if width(name) <= most:
        return name
    return _begin(name, 2 * most // 3) + "…" + _begin(name[::-1], most // 3)[::-1]


def _begin(name: str, most: int) -> str:
    return name[: next(place for place in range(len(name), -1, -1) if width(name[:place]) <= most)]
