"""Constants against ISO 7870-2:2013 table 2 (as in every handbook); the eight patterns each on its own series."""

from functools import partial

import numpy as np
import pytest

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.control_chart import (
    Band,
    Pattern,
    c4,
    d2,
    d3,
    individuals_chart,
    mean_and_range_chart,
    mean_and_s_chart,
    patterns,
    patterns_of_means,
    spread_beyond_limits,
)

BAND = Band(0.0, -3.0, 3.0)  # one unit is one sigma


HANDBOOK = "ISO 7870-2:2013 表 2（经手册）"


@pytest.mark.parametrize(
    ("n", "of_s", "of_r", "sd_of_r"),
    [
        (2, "0.7979", "1.128", "0.853"),
        (3, "0.8862", "1.693", "0.888"),
        (5, "0.9400", "2.326", "0.864"),
        (10, "0.9727", "3.078", "0.797"),
        (25, "0.9896", "3.931", "0.708"),
    ],
)
def test_constants(n: int, of_s: str, of_r: str, sd_of_r: str, published: Published) -> None:
    published("ISO 7870-2 表 2", HANDBOOK, f"c4，n = {n}", of_s, c4(n))
    published("ISO 7870-2 表 2", HANDBOOK, f"d2，n = {n}", of_r, d2(n))
    published("ISO 7870-2 表 2", HANDBOOK, f"d3，n = {n}", sd_of_r, d3(n))


def test_constants_of_pairs_in_closed_form() -> None:
    assert c4(2) == pytest.approx((2 / np.pi) ** 0.5, rel=1e-14)
    assert d2(2) == pytest.approx(2 / np.pi**0.5, rel=1e-12)
    assert d3(2) == pytest.approx((2 - 4 / np.pi) ** 0.5, rel=1e-12)
    assert d2(3) == pytest.approx(3 / np.pi**0.5, rel=1e-12)


def test_limits_have_the_factors_of_the_tables(published: Published) -> None:
    groups = 10 + 0.1 * np.random.default_rng(2).standard_normal((25, 5))
    s_chart, r_chart = mean_and_s_chart(groups), mean_and_range_chart(groups)
    s, r = groups.std(axis=1, ddof=1).mean(), np.ptp(groups, axis=1).mean()
    row = partial(published, "ISO 7870-2 表 2", HANDBOOK)
    row("A3，n = 5", "1.427", (s_chart.mean.upper - s_chart.mean.centre) / s)
    row("B3，n = 5", "0", s_chart.spread.lower)
    row("B4，n = 5", "2.089", s_chart.spread.upper / s)
    row("A2，n = 5", "0.577", (r_chart.mean.upper - r_chart.mean.centre) / r)
    row("D3，n = 5", "0", r_chart.spread.lower)
    row("D4，n = 5", "2.114", r_chart.spread.upper / r)
    assert s_chart.spread.lower == r_chart.spread.lower == 0
    ten = mean_and_s_chart(np.concatenate([groups, groups], axis=1))
    row("B3，n = 10", "0.284", ten.spread.lower / ten.spread.centre)
    assert Pattern.BEYOND_LIMITS not in patterns(s_chart, groups)
    assert spread_beyond_limits(s_chart, groups + np.linspace(-1, 1, 5)) == tuple(range(25))
    assert spread_beyond_limits(r_chart, groups) == ()
    assert patterns(s_chart, groups[:3] + 1)[Pattern.BEYOND_LIMITS] == (0, 1, 2)


def zigzag(n: int, size: float) -> list[float]:
    return [size * (-1) ** k for k in range(n)]


@pytest.mark.parametrize(
    ("pattern", "short", "full"),
    [
        (Pattern.BEYOND_LIMITS, [3.0], [3.01]),
        (Pattern.ONE_SIDE, [0.1, 0.5] * 4, [0.1, 0.5] * 4 + [0.2]),
        (Pattern.TREND, [-1.9, -1.0, 0.2, 0.3, 0.4], [-1.9, -1.0, 0.2, 0.3, 0.4, 0.9]),
        (Pattern.ALTERNATING, zigzag(13, 0.5), zigzag(14, 0.5)),
        (Pattern.TWO_OF_THREE, [2.1, 0.0, 0.0, 2.1], [2.1, 0.0, 2.1]),
        (Pattern.FOUR_OF_FIVE, [1.5, 1.1, -0.1, 0.0, 1.2, 1.3], [1.5, 1.1, -0.1, 1.2, 1.3]),
        (Pattern.HUGGING, [0.3, 0.2, -0.4, -0.5, 0.1] * 2 + [0.3, 0.2, -0.4, -0.5], [0.3, 0.2, -0.4, -0.5, 0.1] * 3),
        (Pattern.AVOIDING, [1.2, -1.2, -1.5, 1.4, 1.3, -1.1, 1.2], [1.2, -1.2, -1.5, 1.4, 1.3, -1.1, 1.2, -1.3]),
    ],
)  # fmt: skip
def test_each_pattern_appears_with_its_last_point(pattern: Pattern, short: list[float], full: list[float]) -> None:
    assert pattern not in patterns_of_means(BAND, short)
    assert patterns_of_means(BAND, full)[pattern] == (len(full) - 1,)
    mirrored = patterns_of_means(BAND, [-x for x in full])
    assert mirrored[pattern] == (len(full) - 1,)


def test_a_quiet_series_shows_nothing_and_false_alarms_are_rare() -> None:
    assert patterns_of_means(BAND, [0.3, -1.2, 0.9, -0.2, 1.4, -0.8]) == {}
    many = patterns_of_means(BAND, np.random.default_rng(4).standard_normal(100_000))
    assert len(many[Pattern.BEYOND_LIMITS]) / 100_000 == pytest.approx(0.0027, abs=0.0005)
    assert len(many[Pattern.ONE_SIDE]) / 100_000 == pytest.approx(2**-8, abs=0.0007)


def test_charts_of_too_little_are_refused() -> None:
    groups = np.random.default_rng(2).standard_normal((25, 5))
    for bad in (
        lambda: mean_and_s_chart(groups[:19]),
        lambda: mean_and_s_chart(groups[:, :1]),
        lambda: mean_and_range_chart(np.ones((25, 5))),
        lambda: patterns(mean_and_s_chart(groups), groups[:, :4]),
        lambda: patterns_of_means(Band(0.0, 0.0, 0.0), [1.0]),
        lambda: c4(1),
        lambda: mean_and_s_chart(np.full((25, 5), np.nan)),
    ):
        with pytest.raises(ArgumentError):
            bad()


# NIST/SEMATECH e-Handbook of Statistical Methods 6.3.2.2: flow rate of ten batches.
FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]


def test_individuals_chart_of_the_nist_handbook(published: Published) -> None:
    chart = individuals_chart(FLOW, least=10)
    row = partial(published, "NIST e-Handbook 6.3.2.2", "NIST/SEMATECH e-Handbook（凭记忆，待核对）")
    row("单值图中心线", "50.81", chart.mean.centre)
    row("平均移动极差", "1.8778", chart.spread.centre)
    # The handbook takes d2 as 1.128.
    row("单值图上限", "55.8041", chart.mean.upper, within=25, because="手册取 d2 = 1.128")
    row("单值图下限", "45.8159", chart.mean.lower, within=25, because="手册取 d2 = 1.128")
    assert patterns_of_means(chart.mean, FLOW) == {}


def test_individuals_chart_refuses_what_has_no_limits() -> None:
    for wrong in ([1.0] * 20, [1.0, 2.0], [[1.0, 2.0]] * 20, [float("nan")] * 20):
        with pytest.raises(ArgumentError, match="values"):
            individuals_chart(wrong)


def test_individuals_chart_has_the_factors_of_the_tables() -> None:
    chart = individuals_chart(np.tile([0.0, 1.0], 10))
    assert chart.mean.upper - chart.mean.centre == pytest.approx(2.66, abs=2e-3)  # E2 for n = 2, from d2 = 1.128
    assert (chart.spread.lower, chart.spread.upper) == (0.0, pytest.approx(3.267, abs=5e-4))  # D4 for n = 2
