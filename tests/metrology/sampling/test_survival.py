import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.sampling.life import LifeLaw
from yuejingzhun.metrology.sampling.survival import kaplan_meier, probability_plot, survival_at, survival_interval

# Freireich et al. 1963, 6-mercaptopurine; survival as published, standard errors and limits as R's survfit prints them.
WEEKS = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
RELAPSED = [1] * 9 + [0] * 12
SURVIVAL = "0.8571 0.8067 0.7529 0.6902 0.6275 0.5378 0.4482"
ERRORS = "0.0764 0.0869 0.0963 0.1068 0.1141 0.1282 0.1346"


def test_published_curve(published: Published) -> None:
    curve = kaplan_meier(WEEKS, RELAPSED)
    assert curve.time.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.failures.tolist() == [3, 1, 1, 1, 1, 1, 1]
    survfit = "Freireich 等 1963；R 的 survfit"
    published.series("Kaplan-Meier，6-MP", survfit, "七个失效周的 S", SURVIVAL.split(), curve.survival)
    published.series("Kaplan-Meier，6-MP", survfit, "七个失效周的标准误", ERRORS.split(), curve.standard_error)
    low, high = survival_interval(curve)
    published("Kaplan-Meier，6-MP", "SAS，lifelines；log-log 区间", "第 6 周 95 % 下限", "0.6197", low[0])
    published("Kaplan-Meier，6-MP", "SAS，lifelines；log-log 区间", "第 6 周 95 % 上限", "0.9516", high[0])
    plain = survival_interval(curve, log_log=False)
    assert plain[0][0] == pytest.approx(0.8571 - 1.96 * 0.0764, abs=2e-4)
    assert plain[1][0] == 1
    np.testing.assert_array_equal(survival_at(curve, [0, 5.9]), [1, 1])
    np.testing.assert_allclose(survival_at(curve, [6, 8, 99]), [0.8571, 0.8067, 0.4482], atol=5e-5)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=2, max_size=40))
def test_without_censoring_it_is_the_empirical_distribution(ages: list[int]) -> None:
    curve = kaplan_meier(ages, np.ones(len(ages), dtype=bool))
    expected = [(np.array(ages) > t).mean() for t in curve.time]
    np.testing.assert_allclose(curve.survival, expected, atol=1e-12)
    s = np.array(expected)
    np.testing.assert_allclose(curve.standard_error, np.sqrt(s * (1 - s) / len(ages)), atol=1e-12)
    low, high = survival_interval(curve)
    assert np.all((low <= curve.survival + 1e-12) & (curve.survival <= high + 1e-12))


def test_counts_stand_for_rows() -> None:
    counted = kaplan_meier([3, 5, 7], [1, 0, 1], [2, 3, 4])
    rows = kaplan_meier([3] * 2 + [5] * 3 + [7] * 4, [1] * 2 + [0] * 3 + [1] * 4)
    np.testing.assert_allclose(counted.survival, rows.survival)
    np.testing.assert_allclose(counted.standard_error, rows.standard_error)


@pytest.mark.parametrize("law", [LifeLaw.WEIBULL, LifeLaw.LOG_NORMAL])
def test_a_probability_plot_is_straight_under_its_law(law: LifeLaw) -> None:
    from scipy import stats

    p = (np.arange(2000) + 0.5) / 2000
    reference = stats.lognorm(0.4, scale=9) if law is LifeLaw.LOG_NORMAL else stats.weibull_min(2.5, scale=9)
    x, y = probability_plot(kaplan_meier(reference.ppf(p), np.ones(2000)), law)
    slope, intercept = np.polyfit(x, y, 1)
    assert slope == pytest.approx(2.5, rel=1e-6)
    assert intercept == pytest.approx(-2.5 * np.log(9), rel=1e-6)


def test_bad_arguments_are_named() -> None:
    with pytest.raises(ArgumentError) as error:
        kaplan_meier([1.0, 2], [0, 0])
    assert error.value.argument == "failed"
    with pytest.raises(ArgumentError) as error:
        survival_interval(kaplan_meier([1.0, 2], [1, 0]), 2.0)
    assert error.value.argument == "level"
