"""ISO 13528:2022 E.13, R's robustbase and metRology on the same numbers, and the recipes of C.4 and C.5.2.1 plainly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.comparison.scale import ADJUSTMENT_FACTORS, LIMIT_FACTORS, QN_SMALL, algorithm_s, qn

# ISO 13528:2022 Table E.11: standard deviations of four replicates, 25 participants; E.13 prints w* = 0.34.
DEVIATIONS = [
    *(0.13, 0.21, 0.08, 0.24, 0.36, 0.32, 0.14, 0.26, 0.39, 0.53, 0.25, 0.24, 0.72, 0.26, 0.17, 0.32, 0.40),
    *(0.36, 0.33, 0.43, 0.40, 0.55, 0.39, 0.30, 0.22),
]
# ISO 5725-5:1998, creosote, level 5: ranges of two results, as in the documentation of algS in the R package metRology.
RANGES = [0.28, 0.49, 0.40, 0.00, 0.35, 1.98, 0.80, 0.32, 0.95]
# Drawn sets of the library pt13528 (crosscheck/r_sets.csv) and Qn of robustbase for them (r_reference.csv).
QN_OF_R = [
    ([17.4, 8.6, 8.2, 12.9, 4.3, 3.2, 14.1, 0.8, 10.8, 11.2, 5.4, 3.0], 5.5467825936599979),
    ([83.8, 90.7, 89.7, 87.2, 120.0, 83.8, 88.8, 86.9, 84.6, 79.9, 85.2], 4.5377817993200225),
    ([36.4, 28.2, 29.6, 27.4, 37.0, 102.8, 32.8, 34.8], 6.2440075328400049),
    ([31.7, 34.5, 33.2, 30.1, 34.4, 32.4, 31.6, 33.7, 30.1, 35.3, 68.1, 37.2, 32.6], 3.0035099562256242),
    (
        [
            *(11.0, 10.9, 10.4, 10.3, 10.3, 10.8, 10.8, 10.2, 10.0, 10.7, 10.9, 10.1, 10.6, 11.3, 10.4, 10.4),
            *(10.6, 9.9),
        ],
        0.36657849837372658,
    ),
    (
        [
            *(100.1, 100.4, 97.8, 112.3, 98.9, 96.1, 96.6, 98.8, 101.7, 96.1, 98.2, 95.1, 97.1, 99.5, 94.1, 100.9),
            *(98.1, 100.0, 98.0),
        ],
        2.676988211703923,
    ),
]
# The same for algS of metRology, ten degrees of freedom each; R takes eta and xi with all their digits.
ALGORITHM_S_OF_R = [
    (
        [
            *(13.62413027208201, 2.1717906744445354, 1.5245253287168086, 2.6066696774057054, 2.857290994836689),
            *(2.374512963817134, 1.6614781763361053, 2.4901298983302813, 2.880493135357928, 2.98067356600703),
            2.5346284588288666,
        ],
        2.5792742560310695,
    ),
    (
        [
            *(1.939526011708828, 2.239449302615822, 2.837563692991145, 4.790887016550476, 1.722266110344564),
            *(2.351814406882317, 2.271003625194284, 2.057164985273934, 2.361498322002329, 2.8011903829944997),
            *(2.198042312458454, 2.4867125761465845, 3.152210059882876),
        ],
        2.5077848013340414,
    ),
]


def plain_s(values: np.ndarray, dof: int) -> float:
    """C.4 step by step, far beyond the third significant figure."""
    eta, xi = LIMIT_FACTORS[dof - 1], ADJUSTMENT_FACTORS[dof - 1]
    w = float(np.median(values)) or float(np.sqrt(np.mean(values**2)))
    for _ in range(20_000):
        before, w = w, xi * float(np.sqrt(np.mean(np.minimum(values, eta * w) ** 2)))
        if abs(w - before) <= 1e-15 * w:
            break
    return w


def test_averages_e13(published) -> None:
    source = "ISO 13528:2022 E.13（数值据 pt13528 的测试）"
    published("ISO 13528:2022 C.4", source, "算法 S，25 个实验室的标准差", "0.34", algorithm_s(DEVIATIONS, 3))
    stopped = algorithm_s(DEVIATIONS, 3, third_figure=True)
    published("ISO 13528:2022 C.4", source, "算法 S，按条文的终止规则", "0.34", stopped)


def test_table_c1_follows_from_the_chi_squared_law() -> None:
    # As the documentation of metRology's algS derives it; the table has three decimals, the last not always rounded.
    for dof, (eta, xi) in enumerate(zip(LIMIT_FACTORS, ADJUSTMENT_FACTORS, strict=True), start=1):
        exact = np.sqrt(stats.chi2.isf(0.1, dof) / dof)
        assert eta == pytest.approx(exact, abs=6e-4)
        assert xi == pytest.approx(1 / np.sqrt(stats.chi2.cdf(dof * exact**2, dof + 2) + 0.1 * exact**2), abs=1.1e-3)
    # Beyond the table there is no jump.
    last, next_one = (float(algorithm_s(DEVIATIONS, dof)) for dof in (10, 11))
    assert last == pytest.approx(next_one, rel=0.01)


@pytest.mark.parametrize(("values", "expected"), ALGORITHM_S_OF_R)
def test_algorithm_s_of_r(values: list[float], expected: float) -> None:
    assert float(algorithm_s(values, 10)) == pytest.approx(expected, rel=1e-3)


def test_ranges_and_their_standard_deviations_say_the_same() -> None:
    ranges, deviations = algorithm_s(RANGES, 1), algorithm_s(np.array(RANGES) / np.sqrt(2), 1)
    assert float(ranges / np.sqrt(2)) == pytest.approx(float(deviations), rel=1e-14)
    assert float(ranges) == pytest.approx(plain_s(np.array(RANGES), 1), rel=1e-12)


def test_a_limit_by_hand() -> None:
    # Two degrees of freedom: while the 9 is limited, w^2 = xi^2 (3 + eta^2 w^2)/4, so w^2 = 3 xi^2/(4 - xi^2 eta^2).
    square = 1.054**2
    w = np.sqrt(3 * square / (4 - square * 1.517**2))
    assert 1 < 1.517 * w < 9
    assert float(algorithm_s([1, 9, 1, 1], 2)) == pytest.approx(w, rel=1e-14)


def test_many_rounds_end_where_the_iteration_does() -> None:
    generator = np.random.default_rng(5725)
    rounds = np.abs(generator.standard_normal((400, 11)))
    for row in range(400):
        outliers = row % 6
        rounds[row, :outliers] *= (0.0, 4.0, 30.0, 1e5)[row % 4]
        rounds[row] = np.round(rounds[row], 1) if row % 3 == 0 else rounds[row]
    dof = 1 + np.arange(400) % 10
    found = algorithm_s(rounds.reshape(20, 20, 11), dof.reshape(20, 20))
    assert found.shape == (20, 20)
    expected = [plain_s(values, free) for values, free in zip(rounds, dof, strict=True)]
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-9)


def test_mostly_zeros() -> None:
    assert float(algorithm_s([0] * 9 + [5.0], 1)) == 0
    assert float(algorithm_s([0] * 9 + [5.0], 1, third_figure=True)) == 0
    assert float(algorithm_s([0, 0, 0, 3.0, 4.0, 5.0, 6.0], 3)) > 0


@pytest.mark.parametrize(("values", "expected"), QN_OF_R)
def test_qn_of_r(values: list[float], expected: float) -> None:
    # ISO prints the factors to four decimals.
    assert float(qn(values)) == pytest.approx(expected, rel=1e-4)


def test_qn_by_hand() -> None:
    # Differences 1, 2, 3, 4, 6, 7; h = 4//2 + 1 = 3, the h (h - 1)/2 = third.
    assert float(qn([1.0, 2.0, 4.0, 8.0])) == pytest.approx(2.2191 * 3.0 * QN_SMALL[2], rel=1e-15)
    assert float(qn([1.0, 5.0])) == pytest.approx(2.2191 * 4.0 * QN_SMALL[0], rel=1e-15)
    assert qn([5.0, 5, 5, 5, 5, 9, 1]) == 0


def test_both_estimate_the_standard_deviation() -> None:
    generator = np.random.default_rng(8)
    for size in (5, 8, 12, 13, 14, 31):
        # b_p makes Qn unbiased; its relative standard deviation is about 0.75/sqrt(size).
        assert qn(generator.normal(0, 3, (20_000, size))).mean() == pytest.approx(3, rel=0.01)
    for dof in (1, 3, 10, 25):
        deviations = 3 * np.sqrt(generator.chisquare(dof, (2000, 200)) / dof)
        assert algorithm_s(deviations, dof).mean() == pytest.approx(3, rel=0.006)


def test_absent_participants_leave_no_trace() -> None:
    generator = np.random.default_rng(2)
    rounds, present = np.abs(generator.standard_normal((60, 17))), generator.random((60, 17)) < 0.7
    present[:, :2] = True
    rounds[~present] = np.nan
    pooled, spread = algorithm_s(rounds, 3, present), qn(rounds, present)
    for row in range(60):
        assert pooled[row] == pytest.approx(float(algorithm_s(rounds[row, present[row]], 3)), rel=1e-12)
        assert spread[row] == qn(rounds[row, present[row]])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 60), min_size=3, max_size=14).filter(lambda values: len(set(values)) > 2),
    st.floats(0.01, 100),
    st.floats(-1000, 1000),
)
def test_unit_origin_and_order(values: list[int], unit: float, origin: float) -> None:
    numbers = np.array(values, dtype=float)
    assert float(algorithm_s(unit * numbers[::-1], 2)) == pytest.approx(unit * float(algorithm_s(numbers, 2)), rel=1e-9)
    moved = qn(origin - unit * numbers)
    assert float(moved) == pytest.approx(unit * float(qn(numbers)), rel=1e-9, abs=1e-9 * (abs(origin) + unit))


@pytest.mark.parametrize(
    ("call", "names", "reason"),
    [
        (lambda: algorithm_s([0.1, -0.2, 0.3], 1), "spreads", "不应为负"),
        (lambda: algorithm_s([0.1, np.nan, 0.3], 1), "spreads", "有限的数"),
        (lambda: algorithm_s([[0.1, 0.2], [0.0, 0.0]], 1), "spreads", "第 2 轮：全部为零"),
        (lambda: algorithm_s([0.1], 1), "spreads", "至少需要 2 个"),
        (lambda: algorithm_s(0.1, 1), "spreads", "至少需要 2 个"),
        (lambda: algorithm_s([0.1, 0.2], 0), "dof", "不小于 1 的整数"),
        (lambda: algorithm_s([0.1, 0.2], 1.5), "dof", "不小于 1 的整数"),
        (lambda: algorithm_s([[0.1, 0.2]] * 3, [1, 2]), "dof", "形状不一致"),
        (lambda: algorithm_s([0.1, 0.2], 1, [True]), "present", "形状不一致"),
        (lambda: qn([1.0]), "rounds", "至少需要 2 个"),
        (lambda: qn([[1.0, 2.0], [3.0, 3.0]]), "rounds", "第 2 轮：结果全部相等"),
    ],
)
def test_bad_arguments(call: object, names: str, reason: str) -> None:
    with pytest.raises(ArgumentError, match=reason) as error:
        call()  # type: ignore[operator]
    assert error.value.argument == names
