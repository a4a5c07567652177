import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.sampling.life import Life, LifeLaw, hazard, survival
from yuejingzhun.metrology.sampling.replacement import (
    conditional_failure,
    cost_rate,
    expected_failures,
    mean_life,
    mean_use,
    optimal_replacement,
)


def life_of(law: LifeLaw, scale: float, spread: float) -> Life:
    return Life(law, float(np.log(scale)), spread, np.eye(2), 0.0, 1, 1)


LIVES = [life_of(LifeLaw.WEIBULL, 12, 0.4), life_of(LifeLaw.LOG_NORMAL, 10, 0.5), life_of(LifeLaw.EXPONENTIAL, 9, 1.0)]


@pytest.mark.parametrize("life", LIVES)
def test_mean_use_is_the_integral_of_survival(life: Life) -> None:
    for age in (0.5, 8.0, 25.0):
        area = integrate.quad(lambda t: float(survival(life, t)), 0, age, epsabs=1e-12)[0]
        assert float(mean_use(life, age)) == pytest.approx(area, rel=1e-9)
    assert float(mean_use(life, 1e6)) == pytest.approx(mean_life(life), rel=1e-12)


def test_mean_life_in_closed_form() -> None:
    assert mean_life(LIVES[0]) == pytest.approx(12 * special.gamma(1.4))
    assert mean_life(LIVES[1]) == pytest.approx(stats.lognorm(0.5, scale=10).mean())


def test_conditional_failure_in_the_next_year() -> None:
    weibull = stats.weibull_min(2.5, scale=12)
    age = np.arange(0, 20)
    expected = 1 - weibull.sf(age + 1) / weibull.sf(age)
    np.testing.assert_allclose(conditional_failure(LIVES[0], age), expected, rtol=1e-10)
    # Far past its life a unit still has a conditional probability, where both survivals are zero as floats.
    assert float(conditional_failure(LIVES[0], 400.0, 0.001)) == pytest.approx(
        0.001 * hazard(LIVES[0], 400.0), rel=0.05
    )
    np.testing.assert_allclose(conditional_failure(LIVES[2], age), -np.expm1(-1 / 9), rtol=1e-12)
    assert expected_failures(LIVES[0], age, 100) == pytest.approx(100 * expected.sum())


@settings(max_examples=40, deadline=None)
@given(st.floats(0.1, 0.9), st.floats(1.5, 50), st.floats(1e-2, 1e3))
def test_the_optimum_fulfils_the_condition_of_barlow_and_proschan(spread: float, ratio: float, unit: float) -> None:
    # 4.2: h(T) integral of S to T + S(T) = c_unplanned / (c_unplanned - c_planned).
    life = life_of(LifeLaw.WEIBULL, 10, spread)
    best = optimal_replacement(life, 1.0, ratio)
    if np.isinf(best.age):
        ages = np.geomspace(0.1, 100, 200)
        assert np.all(cost_rate(life, ages, 1.0, ratio) >= best.run_to_failure_rate * (1 - 1e-6))
        return
    left = hazard(life, best.age) * mean_use(life, best.age) + survival(life, best.age)
    assert float(left) == pytest.approx(ratio / (ratio - 1), rel=1e-4)
    assert best.cost_rate < best.run_to_failure_rate
    other = optimal_replacement(life_of(LifeLaw.WEIBULL, 10 * unit, spread), 1.0, ratio)
    assert other.age == pytest.approx(best.age * unit, rel=1e-5)
    assert other.cost_rate == pytest.approx(best.cost_rate / unit, rel=1e-9)


def test_no_age_pays_without_wear_or_without_a_saving() -> None:
    for life in (LIVES[2], life_of(LifeLaw.WEIBULL, 10, 1.3)):
        result = optimal_replacement(life, 1.0, 100.0)
        assert np.isinf(result.age)
        assert result.cost_rate == pytest.approx(100 / mean_life(life))
        assert "失效率不随使用时间上升" in result.reason
    assert "不比失效更换便宜" in optimal_replacement(LIVES[0], 2.0, 2.0).reason


def test_a_log_normal_life_is_replaced_where_a_fine_grid_has_its_least_cost() -> None:
    life = LIVES[1]
    best = optimal_replacement(life, 1.0, 20.0)
    ages = np.geomspace(0.5, 200, 200_001)
    costs = cost_rate(life, ages, 1.0, 20.0)
    assert best.age == pytest.approx(ages[costs.argmin()], rel=1e-3)
    assert best.cost_rate <= costs.min() * (1 + 1e-12)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("planned", lambda: optimal_replacement(LIVES[0], 0.0, 1.0)),
        ("unplanned", lambda: optimal_replacement(LIVES[0], 1.0, np.nan)),
        ("age", lambda: conditional_failure(LIVES[0], -1.0)),
        ("age、ahead", lambda: conditional_failure(LIVES[0], [1.0, 2], [1.0, 2, 3])),
        ("age", lambda: mean_use(LIVES[0], 0.0)),
        ("count", lambda: expected_failures(LIVES[0], [1.0], [-1.0])),
    ],
)
def test_bad_arguments_are_named(argument: str, call: object) -> None:
    with pytest.raises(ArgumentError) as error:
        call()  # type: ignore[operator]
    assert error.value.argument == argument
