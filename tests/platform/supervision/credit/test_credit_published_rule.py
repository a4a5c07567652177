"""Whoever has only docs/credit.md and a published file comes to the same grade: written from the page, not the code."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from credit_cases import changed, make_case, noted, recorded
from small_world import AT, World
from yuejingzhun.platform.foundation.ledger.services import sequence, sign_head
from yuejingzhun.platform.supervision.credit.models import Rating
from yuejingzhun.platform.supervision.credit.publishing import file_of
from yuejingzhun.platform.supervision.credit.services.rounds import rate_all

PAGE = Path(__file__).resolve().parents[4] / "docs" / "credit.md"
ROWS = re.findall(r"^\| (\d+)–\d+ \|(.*)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
T = [int(number) for _, row in ROWS for number in row.split("|")]


def grade_of(rules: dict[str, Any], facts: list[dict[str, Any]], day: str) -> tuple[str, int]:
    """Steps 1 to 5 of the page."""
    sums: dict[str, int] = {"start": rules["start"], **dict.fromkeys(rules["facts"], 0)}
    counted: list[tuple[str, int]] = []
    for fact in facts:
        weight = rules["facts"][fact["kind"]]
        age = (date.fromisoformat(day) - date.fromisoformat(fact["occurred_on"])).days
        excused = (fact["repaired_on"] or "9999") <= day or (fact["contested"] and rules["contested"] == "left_out")
        if age < 0 or excused:
            continue
        counted.append((fact["kind"], age))
        if age >= weight["ends"]:
            continue
        full = weight["points"] * min(fact["quantity"], weight["most"])
        if weight["half_life"] is not None:
            i = 64 * age // weight["half_life"]
            left = abs(full) * T[i % 64] // 2 ** (30 + i // 64)
            full = left if full > 0 else -left
        sums[fact["kind"]] += full

    def value(name: str) -> int:
        if name in sums:
            return sums[name]
        term = rules["terms"][name]
        total = sum(map(value, term["of"]))
        total = total if term["least"] is None else max(total, term["least"])
        return total if term["most"] is None else min(total, term["most"])

    score = value(rules["result"])
    grade = next(one["grade"] for one in rules["grades"] if one["least"] is None or score >= one["least"])
    for limit in rules["limits"]:
        if sum(kind == limit["kind"] and age < limit["days"] for kind, age in counted) >= limit["count"]:
            grade = max(grade, limit["best"])
    return grade, score


def test_the_table_is_whole() -> None:
    assert len(T) == 64
    assert [int(first) for first, _ in ROWS] == list(range(0, 64, 8))


@pytest.mark.parametrize("contested", ["counts", "left_out"])
def test_the_page_alone_gives_the_published_grades(world: World, contested: str) -> None:
    case = make_case(world, changed(contested=contested))
    for number, kind in enumerate(("penalty", "complaint-upheld", "commitment-kept", "instrument-sealed", "rectified")):
        recorded(case, kind, f"文 {number}", 37 * number + 3, quantity=number + 1)
    noted(case.party, "verification-overdue", "i:1", 555, quantity=40)
    noted(world.other_institute, "verification-failed", "c:1", 731)
    rate_all(AT)
    sequence()
    sign_head(AT)
    rows = Rating.objects.select_related("snapshot__rules")
    assert len(rows) == 2
    for row in rows:
        whole = json.loads(file_of(row))
        said = json.loads(whole["statement"])
        assert grade_of(json.loads(whole["rules"]), said["facts"], said["on"]) == (said["grade"], said["score"])
