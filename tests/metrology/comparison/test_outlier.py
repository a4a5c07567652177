"""Tables 4 and 5 of ISO 5725-2:1994, and the tests that its example B.3 reports."""

import numpy as np
import pytest

from metrology.comparison.precision_experiments import CREOSOTE
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.comparison.outlier import (
    Finding,
    cochran,
    cochran_critical,
    grubbs,
    grubbs_critical,
    grubbs_pair,
    grubbs_pair_critical,
)
from yuejingzhun.metrology.comparison.precision import Cells, cells_of, padded


def test_cochran_critical_table_4() -> None:
    # Rows p = 8, n = 3; p = 9, n = 2; p = 10, n = 2.
    assert np.round(cochran_critical([8, 9, 10], [3, 2, 2], 0.05), 3).tolist() == [0.516, 0.638, 0.602]
    assert np.round(cochran_critical([8, 9, 10], [3, 2, 2], 0.01), 3).tolist() == [0.615, 0.754, 0.717]


def test_grubbs_critical_table_5() -> None:
    assert np.round(grubbs_critical([3, 8, 9, 10], 0.01), 3).tolist() == [1.155, 2.274, 2.387, 2.482]
    # Within one unit of the last digit: p = 3 is 1.1543 and printed as 1.155, p = 8 is 2.1266 and printed as 2.126.
    printed = [1.155, 2.126, 2.215, 2.290]
    np.testing.assert_allclose(grubbs_critical([3, 8, 9, 10], 0.05), printed, rtol=0, atol=1e-3)


@pytest.mark.parametrize(
    ("laboratories", "outlier", "straggler"),
    [
        (4, 0.0000, 0.0002),
        (5, 0.0018, 0.0090),
        (6, 0.0116, 0.0349),
        (7, 0.0308, 0.0708),
        (8, 0.0563, 0.1101),
        (9, 0.0851, 0.1492),
        (10, 0.1150, 0.1864),
        (12, 0.1738, 0.2537),
        (15, 0.2530, 0.3367),
    ],
)
def test_grubbs_pair_critical_table_5(laboratories: int, outlier: float, straggler: float) -> None:
    # The table comes from Grubbs and Beck (1972); computed now, p = 15 at 1 % is 0.25311: one unit of its last digit.
    assert grubbs_pair_critical(laboratories, 0.01) == pytest.approx(outlier, abs=1.2e-4)
    assert grubbs_pair_critical(laboratories, 0.05) == pytest.approx(straggler, abs=0.6e-4)


def test_critical_values_hold_in_simulation() -> None:
    means = np.random.default_rng(7).standard_normal((40_000, 7))
    spread = means.var(axis=1)
    largest = (means.max(axis=1) - means.mean(axis=1)) / np.sqrt(spread * 7 / 6)
    assert np.mean(largest > float(grubbs_critical(7, 0.05))) == pytest.approx(0.025, abs=0.003)
    rest = np.sort(means, axis=1)[:, :-2]
    pair = rest.var(axis=1) * 5 / (spread * 7)
    assert np.mean(pair < grubbs_pair_critical(7, 0.05)) == pytest.approx(0.025, abs=0.003)
    variances = np.random.default_rng(8).chisquare(2, (40_000, 6))
    share = variances.max(axis=1) / variances.sum(axis=1)
    assert np.mean(share > float(cochran_critical(6, 3, 0.05))) == pytest.approx(0.05, abs=0.004)


def test_creosote_b3() -> None:
    cells = cells_of(*padded(CREOSOTE))
    spread = cochran(cells)
    # Level 4: laboratory 7 is a straggler with 0.667; level 5: laboratory 6 stays below 0.638 with 0.636.
    assert np.round(spread.statistic[3:], 3).tolist() == [0.667, 0.636]
    assert spread.suspects[3:].tolist() == [6, 5]
    assert [Finding(number).term for number in spread.finding[3:]] == ["歧离值", "正常"]
    high = grubbs(cells.means)
    assert high.suspects.tolist() == [0] * 5
    assert [Finding(number) for number in high.finding[2:4]] == [Finding.OUTLIER] * 2


def test_two_outliers_that_hide_each_other() -> None:
    means = np.array([10.0, 10.1, 9.9, 10.05, 9.95, 10.02, 30.0, 30.5])
    assert grubbs(means).finding == Finding.CORRECT
    pair = grubbs_pair(means)
    assert sorted(pair.suspects.tolist()) == [6, 7]
    assert pair.finding == Finding.OUTLIER
    rest = means[:6]
    assert float(pair.statistic) == pytest.approx(rest.var() * 6 / (means.var() * 8))
    mirrored = grubbs_pair(-means, side="low")
    assert float(mirrored.statistic) == pytest.approx(float(pair.statistic))
    assert mirrored.suspects.tolist() == pair.suspects.tolist()


def test_absent_laboratories_and_unit() -> None:
    means = np.array([[1.0, 2.0, 9.0, 3.0, np.nan, 2.5], [1.0, 2.0, 3.0, 3.5, 7.0, 2.5]])
    present = np.isfinite(means)
    for test in (grubbs, grubbs_pair):
        together = test(means, present)
        alone = test(means[0, present[0]])
        assert together.statistic[0] == pytest.approx(float(alone.statistic))
        assert together.outlier_limit[0] == alone.outlier_limit
        scaled = test(1000 * means - 5, present)
        np.testing.assert_allclose(scaled.statistic, together.statistic)
    assert grubbs(means, present).suspects.tolist() == [2, 4]


def test_cochran_takes_the_usual_number_of_results() -> None:
    cells = Cells(np.array([3, 3, 4, 1, 0]), np.ones(5), np.array([1.0, 2.0, 1.0, 0.0, 0.0]))
    result = cochran(cells)
    assert float(result.statistic) == pytest.approx(4 / 6)
    assert float(result.straggler_limit) == float(cochran_critical(3, 3, 0.05))


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda: grubbs([1.0, 2.0]), "means"),
        (lambda: grubbs([2.0, 2.0, 2.0]), "means"),
        (lambda: grubbs([1.0, 2.0, np.nan]), "means"),
        (lambda: grubbs_pair([1.0, 2.0, 3.0]), "means"),
        (lambda: cochran(cells_of([[1.0, 2.0]])), "cells"),
        (lambda: cochran(cells_of([[1.0, 1.0], [2.0, 2.0]])), "cells"),
        (lambda: grubbs_critical(2, 0.05), "laboratories"),
        (lambda: grubbs_pair_critical(3, 0.05), "laboratories"),
        (lambda: cochran_critical(1, 2, 0.05), "laboratories、replicates"),
        (lambda: grubbs_critical(5, 0), "alpha"),
    ],
)
def test_bad_arguments(call: object, names: str) -> None:
    with pytest.raises(ArgumentError) as error:
        call()  # type: ignore[operator]
    assert error.value.argument == names
