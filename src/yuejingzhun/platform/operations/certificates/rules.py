"""Numbers and standing of certificates: pure decisions."""

import re
from datetime import date
from enum import Enum

NUMBER = re.compile(r"YJZ-44[0-9]{4}-[0-9]{4}-[0-9]{6,}")


class Standing(Enum):
    """What a certificate is worth today; the value is the term on the screen."""

    IN_FORCE = "有效"
    LAPSED = "已过有效期"
    SUPERSEDED = "已被替换"
    REVOKED = "已撤销"
    REJECTION = "检定结果通知书（不合格）"


def certificate_number(region: str, year: int, serial: int) -> str:
    """The number under which a certificate is known for ever."""
    return f"YJZ-{region}-{year}-{serial:06}"


def looks_like_a_number(text: str) -> bool:
    """Whether a certificate could have that number; spares the database what can't be."""
    return NUMBER.fullmatch(text) is not None


def standing(passed: bool, valid_until: date | None, superseded: bool, revoked: bool, on: date) -> Standing:
    """Computed anew each time; nothing of it is stored."""
    if revoked:
        return Standing.REVOKED
    if superseded:
        return Standing.SUPERSEDED
    if not passed:
        return Standing.REJECTION
    if valid_until is not None and valid_until < on:
        return Standing.LAPSED
    return Standing.IN_FORCE
