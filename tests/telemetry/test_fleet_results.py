"""Results summed up and scored, by hand on a few meters."""

import pyarrow as pa
import pytest

from yuejingzhun.telemetry.fleet import RESULT
from yuejingzhun.telemetry.fleet_remark import Remark
from yuejingzhun.telemetry.fleet_results import refused_districts, remarked, score, summary, suspicious_first

NOTHING = dict.fromkeys(RESULT.names)


def meter(district: str, number: str, error: float | None, exceeds: float | None, **more: object) -> dict[str, object]:
    width = None if error is None else 0.01
    known = {"district": district, "meter": number, "role": "meter", "error": error, "exceeds": exceeds}
    return NOTHING | known | {
        "uncertainty": width and width / 2,
        "low": None if error is None else error - 0.01,
        "high": None if error is None else error + 0.01,
    } | more  # fmt: skip


def table(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=RESULT)


FOUND = table(
    meter("A", "1", 0.05, 0.9995),
    meter("A", "2", -0.06, 0.9996),
    meter("A", "3", 0.001, 0.01),
    meter("A", "4", 0.015, 0.4),
    meter("A", "5", None, None, remark=Remark.IDLE.value),
    meter("A", "P", None, None, role="feed_in"),
    meter("B", "6", None, None, reason="甲", remark=f"{Remark.CLOCK}；{Remark.FALLING}"),
    meter("B", "7", None, None, reason="甲"),
    NOTHING | {"district": "C", "reason": "没有总表的示值"},
    NOTHING | {"district": "D", "reason": "没有总表的示值"},
)


def test_districts_and_meters_are_counted() -> None:
    found = summary(FOUND)
    assert (found.districts, found.kept) == (4, 1)
    assert list(found.refused.items()) == [("没有总表的示值", 2), ("甲", 1)]
    assert (found.meters, found.stated, found.clear, found.doubtful) == (5, 4, 2, 1)
    assert found.expected == pytest.approx(0.9995 + 0.9996 + 0.01 + 0.4)
    refused = refused_districts(FOUND).to_pylist()
    assert [(row["district"], row["meters"]) for row in refused] == [("C", 0), ("D", 0), ("B", 2)]


def test_the_most_suspicious_stand_first_and_of_equal_ones_the_largest_error() -> None:
    assert suspicious_first(FOUND)["meter"].to_pylist() == ["2", "1", "4", "3"]
    assert suspicious_first(FOUND, 0.5)["meter"].to_pylist() == ["2", "1"]


def test_remarks_are_found_alone_and_with_others() -> None:
    assert remarked(FOUND, Remark.FALLING)["meter"].to_pylist() == ["6"]
    assert remarked(FOUND, Remark.IDLE, Remark.CLOCK)["meter"].to_pylist() == ["5", "6"]
    assert remarked(FOUND, Remark.FOREIGN).num_rows == 0


def test_the_score_counts_silent_meters_as_missed_and_refused_districts_apart() -> None:
    errors = {("A", "1"): 0.052, ("A", "2"): -0.01, ("A", "4"): 0.03, ("A", "5"): 0.08, ("B", "6"): 0.09}
    found = score(FOUND, errors, 0.02)
    assert found is not None
    assert (found.meters, found.bad, found.bad_refused, found.unknown) == (4, 3, 1, 1)
    # By probability: 2 (good), 1 (bad), 4 (bad), 5 (bad, silent): precision at the bad ones 1/2, 2/3, 3/4.
    assert found.average_precision == pytest.approx((1 / 2 + 2 / 3 + 3 / 4) / 3)
    assert found.recall == 0, "a precision of 0.9 is never reached"
    squares = [0.05**2, 0.002**2, 0.015**2, 0.08**2]
    assert found.rmse == pytest.approx((sum(squares) / 4) ** 0.5)
    assert found.rmse_bad == pytest.approx((sum(squares[1:]) / 3) ** 0.5)
    assert found.brier == pytest.approx(((1 - 0.9995) ** 2 + 0.9996**2 + 0.6**2) / 3)
    assert (float(found.coverage.small.value), float(found.coverage.large.value)) == (0.0, 0.5)
    assert found.reliability.meters.sum() == 3


def test_without_a_bad_meter_recall_is_undefined_and_other_meters_are_refused() -> None:
    good = score(FOUND, {("A", "3"): 0.0}, 0.02)
    assert good is not None
    assert good.recall != good.recall
    assert good.rmse == pytest.approx(0.001)
    assert score(FOUND, {("A", "5"): 0.0}, 0.02) is None, "of an idle meter nothing is stated"
    assert score(FOUND, {("B", "6"): 0.0}, 0.02) is None, "nor of a refused district's"
    with pytest.raises(ValueError, match="没有一只被评价的表"):
        score(FOUND, {("A", "9"): 0.0}, 0.02)
