"""The one limit of a link against the plain meaning: an error of the standard carried to every point of the record."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from yuejingzhun.metrology.traceability.effect import Weight, effect
from yuejingzhun.platform.registry.traceability.limits import tightest_limit
from yuejingzhun.procedures.catalogue import procedure, procedures
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.sample import sample_record

SIZES = [float(size) for size in np.geomspace(1e-5, 1e3, 400)]


def plain(size: float, points: list[tuple[float, float, float, float]], passed: bool) -> Weight:
    """What an error of that size means, point by point: (share, mpe, U, margin)."""
    errors = [(abs(share) * size, mpe, u, margin) for share, mpe, u, margin in points]
    if any(error > mpe for error, mpe, _, _ in errors):
        return Weight.BEYOND_MPE
    if all(error <= u for error, _, u, _ in errors):
        return Weight.U_ALLOWS
    if passed and any(error > margin for error, _, _, margin in errors):
        return Weight.CONCLUSION_OPEN
    if not passed and all(error > -margin for error, _, _, margin in errors if margin < 0):
        return Weight.CONCLUSION_OPEN
    return Weight.NOT_COVERED


@pytest.mark.parametrize("passing", [True, False])
@pytest.mark.parametrize("code", list(procedures()))
def test_the_weight_of_a_link_is_that_of_all_its_points(code: str, passing: bool) -> None:
    regulation = procedure(code)
    record, standard = sample_record(
        regulation, passing=passing, generator=np.random.default_rng(7), tested_on=date(2026, 11, 24)
    )
    evaluation = evaluate(regulation, record, standard)
    points = []
    for found in evaluation.points:
        declared = regulation.find(found.test).from_standard
        share = declared(Decimal(1), record.parameters, found.point) if declared else Decimal(0)
        if share and found.mpe > 0:
            margin = found.mpe - abs(found.rounded)
            points.append(tuple(map(float, (share, found.mpe, found.expanded_uncertainty, margin))))
    limit = tightest_limit(evaluation, record.parameters, regulation.standard_unit)
    assert limit is not None, "every regulation declares how its standard enters"
    errors = np.array(SIZES) * float(limit.factor)
    got = effect(errors, *(float(value) for value in (limit.mpe, limit.expanded_uncertainty, limit.margin)))
    all_passed = all(point[3] >= 0 for point in points)
    assert got.weight.tolist() == [plain(size, points, all_passed) for size in SIZES]


def test_a_balance_by_hand() -> None:
    """0.01 % at 100 g is 0.01 g. A standard in another unit than the regulation's says nothing."""
    regulation = procedure("JJG 1036-2022")
    record, standard = sample_record(
        regulation, passing=True, generator=np.random.default_rng(7), tested_on=date(2026, 11, 24)
    )
    evaluation = evaluate(regulation, record, standard)
    limit = tightest_limit(evaluation, record.parameters, "%")
    assert limit is not None
    worst = min((p for p in evaluation.points if p.point.values["load_g"]),
                key=lambda p: p.mpe / p.point.values["load_g"])  # fmt: skip
    assert (limit.factor, limit.mpe, limit.unit) == (worst.point.values["load_g"] / 100, worst.mpe, "g")
    assert tightest_limit(evaluation, record.parameters, "g") is None
