"""Annex E of ISO 13528:2022, the creosote data of ISO 5725-5:1998, and the iteration written out plainly."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.comparison.robust import algorithm_a, consensus_uncertainty, made, median, niqr

# ISO 5725-5:1998, creosote, level 5: cell means, as in the documentation of algA in the R package metRology.
CREOSOTE = [24.14, 20.155, 19.5, 20.3, 20.705, 17.57, 20.1, 20.94, 21.185]
# ISO 13528:2022 Table E.4, atrazine in drinking water.
ATRAZINE = [
    *(0.040, 0.055, 0.178, 0.202, 0.206, 0.227, 0.228, 0.230, 0.230, 0.235, 0.236, 0.237, 0.243, 0.244, 0.245),
    *(0.2555, 0.260, 0.264, 0.267, 0.270, 0.273, 0.274, 0.274, 0.278, 0.2811, 0.287, 0.287, 0.288, 0.289),
    *(0.295, 0.296, 0.311, 0.331, 0.4246),
]
# ISO 13528:2022 Table E.1: censored results ignored, deleted, halved.
IGNORED = [10, 10, 12, 19, 20, 20, 23, 23, 25, 25, 26, 28, 28, 30, 28, 29, 30, 30, 31, 32, 32, 45, 50]
DELETED = [12, 19, 20, 23, 23, 25, 25, 26, 28, 28, 28, 29, 30, 30, 31, 32, 32, 45]
HALVED = [5, 5, 12, 19, 10, 20, 23, 23, 25, 25, 26, 28, 28, 15, 28, 29, 30, 30, 31, 32, 32, 45, 25]
# ISO 13528:2022 Table E.7, mercury in feed, and Table E.11, averages of 25 participants.
MERCURY = [
    *(0.013, 0.013, 0.0135, 0.014, 0.014, 0.016, 0.017, 0.019, 0.0239, 0.037, 0.039, 0.04, 0.04, 0.040),
    *(0.0424, 0.044, 0.045, 0.045, 0.046, 0.049, 0.053),
]
AVERAGES = [
    *(2.15, 1.85, 1.80, 1.80, 1.90, 1.90, 1.90, 2.05, 2.35, 2.03, 2.08, 1.25, 1.13, 1.00, 1.08, 1.20, 1.35, 1.23),
    *(1.23, 0.90, 1.48, 1.20, 1.73, 1.43, 1.28),
]


def plain(values: np.ndarray) -> tuple[float, float]:
    """C.3.1 step by step, far beyond the third significant figure."""
    x = np.median(values)
    s = 1.483 * np.median(np.abs(values - x)) or values.std(ddof=1)
    for _ in range(20_000):
        bounded = np.clip(values, x - 1.5 * s, x + 1.5 * s)
        before, x, s = (x, s), bounded.mean(), 1.134 * bounded.std(ddof=1)
        if max(abs(x - before[0]), abs(s - before[1])) < 1e-15 * s:
            break
    return float(x), float(s)


def test_creosote() -> None:
    result = algorithm_a(CREOSOTE)
    # sector.json, from metRology: 20.412142857142857 and 1.0698397029536175, its stopping rule costing digits of s*.
    assert result.location == pytest.approx(20.412142857142857, rel=1e-14)
    assert result.scale == pytest.approx(1.0698397029536175, rel=1e-11)
    assert result.participants == 9


def test_atrazine_e3(published: Published) -> None:
    result = algorithm_a(ATRAZINE)
    row = partial(published, "ISO 13528 E.3", "ISO 13528:2022 E.3（二手）")
    row("莠去津 中位数", "0.2620", median(ATRAZINE), "µg/L")
    row("莠去津 nIQR", "0.0402", niqr(ATRAZINE), "µg/L")
    row("莠去津 MADe", "0.0386", made(ATRAZINE), "µg/L")
    row("莠去津 算法 A x*", "0.2570", result.location, "µg/L")
    row("莠去津 算法 A s*", "0.0395", result.scale, "µg/L")
    row("莠去津 算法 A u(x_pt)", "0.0085", result.uncertainty, "µg/L")
    row("莠去津 nIQR 的 u(x_pt)", "0.0086", consensus_uncertainty(niqr(ATRAZINE), 34), "µg/L")


def test_censored_e1(published: Published) -> None:
    # To the third significant figure, as C.3.1 stops; the third column is printed as 23.95 and 8.60, its rule gives
    # 23.96 and 8.59, the limit 23.9585 and 8.5960.
    row = partial(published, "ISO 13528 E.1", "ISO 13528:2022 表 E.1（二手）")
    off = {"within": "1.5", "because": "由印出的数据按 C.3.1 重算得 23.96 与 8.59"}
    for name, values, location, scale, slack in (
        ("略去小于号", IGNORED, "26.01", "7.23", {}),
        ("删去", DELETED, "26.81", "5.29", {}),
        ("取一半", HALVED, "23.95", "8.60", off),
    ):
        result = algorithm_a(values, third_figure=True)
        row(f"截尾结果{name}，x*", location, result.location, **slack)
        row(f"截尾结果{name}，s*", scale, result.scale, **slack)
    halved = algorithm_a(HALVED, third_figure=True)
    assert (round(float(halved.location), 2), round(float(halved.scale), 2)) == (23.96, 8.59)
    limit = algorithm_a(HALVED)
    assert (round(float(limit.location), 4), round(float(limit.scale), 4)) == (23.9585, 8.5960)


@pytest.mark.parametrize("third_figure", [False, True])
def test_mercury_e7_and_averages_e13(third_figure: bool, published: Published) -> None:
    result = algorithm_a(MERCURY, third_figure=third_figure)
    row = partial(published, source="ISO 13528:2022 表 E.7、E.13（二手）")
    stop = "三位有效数字" if third_figure else "到极限"
    row("ISO 13528 E.4", case=f"汞，迭代{stop}，x*", expected="0.03161", obtained=result.location, unit="mg/kg")
    row("ISO 13528 E.4", case=f"汞，迭代{stop}，s*", expected="0.0164", obtained=result.scale, unit="mg/kg")
    row("ISO 13528 E.4", case=f"汞，迭代{stop}，u(x*)", expected="0.0045", obtained=result.uncertainty, unit="mg/kg")
    averages = algorithm_a(AVERAGES, third_figure=third_figure).location
    row("ISO 13528 表 E.13", case=f"25 家平均值，迭代{stop}，x*", expected="1.57", obtained=averages)


def test_iterations_follow_the_printed_recipe() -> None:
    # By hand: median 20.3, MADe 1.483 x 0.64; winsorised to 20.3 -+ 1.42368, mean 20.38722.
    start, first = algorithm_a(CREOSOTE, iterations=0), algorithm_a(CREOSOTE, iterations=1)
    assert (float(start.location), float(start.scale)) == pytest.approx((20.3, 1.483 * 0.64))
    bounded = np.clip(CREOSOTE, 20.3 - 1.42368, 20.3 + 1.42368)
    assert float(first.location) == pytest.approx(bounded.mean())
    assert float(first.scale) == pytest.approx(1.134 * bounded.std(ddof=1))


def test_many_rounds_end_where_the_iteration_does() -> None:
    # Up to half outliers: then several fixed points exist and only the iteration says which is meant.
    generator = np.random.default_rng(13528)
    rounds = generator.standard_normal((600, 17))
    for row, values in enumerate(rounds):
        outliers = row % 9
        values[:outliers] += (3.0, 10.0, 100.0, 1e4)[row % 4] * generator.standard_normal(outliers)
        rounds[row] = np.round(values, 1) if row % 3 == 0 else values
    result = algorithm_a(rounds.reshape(20, 30, 17))
    assert result.location.shape == (20, 30)
    expected = np.array([plain(row) for row in rounds])
    size = expected[:, 1]
    np.testing.assert_allclose((result.location.ravel() - expected[:, 0]) / size, 0, atol=1e-10)
    np.testing.assert_allclose(result.scale.ravel() / size, 1, rtol=1e-10)


def test_absent_participants_leave_no_trace() -> None:
    generator = np.random.default_rng(2)
    rounds, present = generator.standard_normal((50, 12)), generator.random((50, 12)) < 0.7
    present[:, :3] = True
    rounds[~present] = np.nan
    together = algorithm_a(rounds, present)
    for row in range(50):
        alone = algorithm_a(rounds[row, present[row]])
        assert together.location[row] == pytest.approx(float(alone.location), rel=1e-12)
        assert together.scale[row] == pytest.approx(float(alone.scale), rel=1e-12)
        assert together.participants[row] == alone.participants
        for estimator in (median, made, niqr):
            assert estimator(rounds, present)[row] == estimator(rounds[row, present[row]])


def test_majority_that_coincides() -> None:
    assert made([5, 5, 5, 5, 9, 1, 5]) == 0
    result = algorithm_a([5] * 19 + [6])
    assert (float(result.location), float(result.scale)) == (5.0, 0.0)
    spread = algorithm_a([5, 5, 5, 5, 9, 1, 3, 7])  # MADe is not zero only by the half that differs
    assert float(spread.scale) == pytest.approx(plain(np.array([5.0, 5, 5, 5, 9, 1, 3, 7]))[1])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-50, 50), min_size=3, max_size=15).filter(lambda values: len(set(values)) > 2),
    st.floats(0.01, 100),
    st.floats(-1000, 1000),
    st.randoms(),
)
def test_unit_origin_and_order(values: list[int], unit: float, origin: float, random: object) -> None:
    base = algorithm_a(values)
    mirrored = algorithm_a([-value for value in reversed(values)])
    assert float(mirrored.location) == pytest.approx(-float(base.location), abs=1e-9)
    assert float(mirrored.scale) == pytest.approx(float(base.scale), abs=1e-9)
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert algorithm_a(shuffled) == base
    # A tie of a result with a cut point may fall either way in another unit; the limit is the same.
    moved = algorithm_a(origin + unit * np.array(values))
    slack = 1e-7 * (abs(origin) + 50 * unit)
    assert float(moved.location) == pytest.approx(origin + unit * float(base.location), abs=slack)
    assert float(moved.scale) == pytest.approx(unit * float(base.scale), abs=slack)


def test_large_outlier_has_bounded_influence() -> None:
    near, far = (algorithm_a([*CREOSOTE[1:], outlier]) for outlier in (100.0, 1e12))
    assert float(near.location) == pytest.approx(float(far.location), rel=1e-9)
    assert float(near.scale) == pytest.approx(float(far.scale), rel=1e-9)


@pytest.mark.parametrize("estimator", [median, made, niqr, algorithm_a])
@pytest.mark.parametrize(
    ("rounds", "present", "names", "reason"),
    [
        ([1.0, 2.0], None, "rounds", "至少需要 3 个参加者"),
        ([[], []], None, "rounds", "至少需要 3 个参加者"),
        (1.0, None, "rounds", "至少需要 3 个参加者"),
        ([[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]], None, "rounds", "第 2 轮：结果全部相等"),
        ([1.0, np.nan, 3.0], None, "rounds", "有限的数"),
        ([1.0, 2.0, 3.0], [True, True, False], "rounds", "至少需要 3 个参加者"),
        ([1.0, 2.0, 3.0], [True, True], "present", "形状不一致"),
        ([1.0, 2.0, 3.0], [1, 1, 1], "present", "布尔"),
    ],
)
def test_bad_rounds(estimator: object, rounds: object, present: object, names: str, reason: str) -> None:
    with pytest.raises(ArgumentError, match=reason) as error:
        estimator(rounds, present)  # type: ignore[operator]
    assert error.value.argument == names


def test_bad_numbers() -> None:
    with pytest.raises(ArgumentError, match="iterations"):
        algorithm_a(CREOSOTE, iterations=-1)
    with pytest.raises(ArgumentError, match="participants"):
        consensus_uncertainty(1.0, 0)
