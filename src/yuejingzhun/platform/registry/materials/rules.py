"""Numbers and classes of reference materials 标准物质, and whether a batch may be used: pure decisions.

标准物质管理办法 (1987): class 1 is GBW and five digits (two of the main kind, one of the subkind, two of order),
class 2 GBW(E) and six digits (two of the main kind, four of order); a lower-case letter after them names the batch
of production and belongs to the batch here.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum

NUMBER = {"一级": r"^GBW ?[0-9]{5}$", "二级": r"^GBW\(E\) ?[0-9]{6}$"}


class Grade(Enum):
    """Class of a reference material; the value is the term on the screen."""

    FIRST = "一级"
    SECOND = "二级"


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """What the rules need to know of a batch."""

    received_on: date
    expires_on: date
    withdrawn_on: date | None


def normal_number(text: str) -> str:
    """The number as it is kept: half-width, no spaces."""
    return re.sub(r"\s", "", text.translate(str.maketrans("（）", "()"))).upper()


def grade_of(number: str) -> Grade | None:
    """The class that a normal number tells, or None where it is no such number."""
    return next((grade for grade in Grade if re.match(NUMBER[grade.value], number)), None)


def refusal_to_use(batch: BatchFacts, on: date) -> str | None:
    """Why the batch may not be used on that day, in Chinese; the day of expiry is the last."""
    if batch.withdrawn_on is not None and on >= batch.withdrawn_on:
        return f"{batch.withdrawn_on} 已停用"
    if on < batch.received_on:
        return f"{batch.received_on} 才入库"
    if on > batch.expires_on:
        return f"有效期至 {batch.expires_on}，{on} 已过期"
    return None
