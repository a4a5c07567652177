"""Tables 4 and 5 of ISO 5725-2:1994, and the tests that its example B.3 reports."""

from functools import partial

import numpy as np
import pytest

from metrology.comparison.precision_experiments import CREOSOTE
from published import FROM_MEMORY, Published
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


def test_cochran_critical_table_4(published: Published) -> None:
    row = partial(published, "ISO 5725-2 表 4", "ISO 5725-2:1994 表 4")
    for p, n, five, one in ((8, 3, "0.516", "0.615"), (9, 2, "0.638", "0.754"), (10, 2, "0.602", "0.717")):
        row(f"Cochran，p = {p}，n = {n}，5 %", five, cochran_critical(p, n, 0.05))
        row(f"Cochran，p = {p}，n = {n}，1 %", one, cochran_critical(p, n, 0.01))


def test_grubbs_critical_table_5(published: Published) -> None:
    row = partial(published, "ISO 5725-2 表 5", "ISO 5725-2:1994 表 5")
    off = {"within": "0.8", "because": "印出的末位不是修约所得"}
    for p, five, one, slack in (
        (3, "1.155", "1.155", off),
        (8, "2.126", "2.274", off),
        (9, "2.215", "2.387", {}),
        (10, "2.290", "2.482", {}),
    ):
        row(f"Grubbs，p = {p}，5 %", five, grubbs_critical(p, 0.05), **slack)
        row(f"Grubbs，p = {p}，1 %", one, grubbs_critical(p, 0.01))


def test_grubbs_pair_critical_table_5(published: Published) -> None:
    laboratories = (4, 5, 6, 7, 8, 9, 10, 12, 15)
    outlier = ["0.0000", "0.0018", "0.0116", "0.0308", "0.0563", "0.0851", "0.1150", "0.1738", "0.2530"]
    straggler = ["0.0002", "0.0090", "0.0349", "0.0708", "0.1101", "0.1492", "0.1864", "0.2537", "0.3367"]
    row = partial(published.series, "ISO 5725-2 表 5", "ISO 5725-2:1994 表 5（Grubbs 与 Beck 1972）")
    # p = 15 at 1 % and p = 10 at 5 %; all others to half a unit.
    off = {"because": "1972 年的表，一个末位由现在的计算重算不出"}
    one, five = ([float(grubbs_pair_critical(p, alpha)) for p in laboratories] for alpha in (0.01, 0.05))
    row("两个 Grubbs，p = 4 至 12，1 %", outlier[:-1], one[:-1])
    row("两个 Grubbs，p = 15，1 %", outlier[-1:], one[-1:], within="1.2", **off)
    row("两个 Grubbs，p = 4 至 15，5 %", straggler, five, within="0.6", **off)


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


def test_creosote_b3(published: Published) -> None:
    cells = cells_of(*padded(CREOSOTE))
    spread = cochran(cells)
    # Level 4: laboratory 7 is a straggler; level 5: laboratory 6 stays below 0.638.
    row = partial(published, "ISO 5725-2 B.3", f"ISO 5725-2:1994 附录 B.3{FROM_MEMORY}")
    row("水平 4，Cochran 统计量", "0.667", spread.statistic[3])
    row("水平 5，Cochran 统计量", "0.636", spread.statistic[4])
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
