"""Text that a spreadsheet would run as a formula, made harmless on the way out and restored on the way in.

A cell that begins with =, +, -, @, a tab or a line end may be evaluated when the file is opened (CWE-1236).
An apostrophe before it keeps it text. Text that already has apostrophes before such a character gets one more, so that
taking one away again gives back exactly what was there.
"""

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_QUOTED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")


def neutral(text: str) -> str:
    """The text as it may stand in a cell of csv or xlsx."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def restored(text: str) -> str:
    """What `neutral` was given; other text is left as it is."""
    return text[1:] if text[:1] == "'" and _QUOTED.match(text) else text
