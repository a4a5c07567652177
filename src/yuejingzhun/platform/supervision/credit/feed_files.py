"""The files of a round for the provincial credit system: JSON and CSV, the same bytes each time. Pure."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from yuejingzhun.evidence.canonical import dump
from yuejingzhun.platform.foundation.tables.formulas import neutral
from yuejingzhun.platform.supervision.credit.published import instant, points_text

HEADINGS = ("统一社会信用代码", "单位名称", "行政区划", "级别", "分数", "评价日期", "批次", "规则版次")


@dataclass(frozen=True, slots=True)
class Head:
    """What is said of the round as a whole; `root` is that of the tree of its ratings."""

    number: str
    on: date
    known_at: datetime
    root: str
    rules: int
    rules_sha256: str


@dataclass(frozen=True, slots=True)
class Row:
    """A party's rating; `score` is in thousandths of a point."""

    credit_code: str
    name: str
    region: str
    grade: str
    score: int


def json_file(head: Head, rows: Sequence[Row]) -> bytes:
    """Canonical JSON."""
    return dump(
        {
            "format": 1,
            "known_at": instant(head.known_at),
            "number": head.number,
            "on": head.on.isoformat(),
            "ratings": [{name: getattr(row, name) for name in Row.__slots__} for row in rows],
            "root": head.root,
            "rules": {"sha256": head.rules_sha256, "version": head.rules},
        }
    )


def csv_file(head: Head, rows: Sequence[Row]) -> bytes:
    """UTF-8 with its mark, so that spreadsheets read the Chinese; a name is never taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    of_round = (head.on.isoformat(), head.number, head.rules)
    for row in rows:
        writer.writerow((row.credit_code, neutral(row.name), row.region, row.grade, points_text(row.score), *of_round))
    return text.getvalue().encode("utf-8-sig")
