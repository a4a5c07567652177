from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from published import FROM_MEMORY, Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.sampling.life import (
    Life,
    LifeLaw,
    Lifetimes,
    fit,
    hazard,
    intervals,
    log_survival,
    observed,
    profile_intervals,
    quantile,
    quantile_interval,
    survival,
)

# Remission in weeks under 6-mercaptopurine (Freireich et al. 1963).
WEEKS = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
RELAPSED = [1] * 9 + [0] * 12
REMISSION = observed(WEEKS, RELAPSED)

# Distance to failure of 38 shock absorbers in km (O'Connor 1985; Meeker & Escobar 1998, Table C.2); F: failed. Copies
# with 18420 for 18450 are about: the likelihoods that weibulltools prints for the set of R's SPREDA decide for 18450.
SHOCK = (
    "6700F 6950 7820 8790 9120F 9660 9820 11310 11690 11850 11880 12140 12200F 12870 13150F 13330 13470 14040 14300F "
    "17520F 17540 17890 18450 18960 18980 19410 20100F 20100 20150 20320 20900F 22700F 23490 "
    "26510F 27410 27490F 27890 28100"
)
ABSORBERS = observed([float(x.rstrip("F")) for x in SHOCK.split()], [x.endswith("F") for x in SHOCK.split()])

# Units found failed at inspections, and those still running at the end.
INSPECTED = Lifetimes(
    np.array([0.0, 2, 4, 6, 8, 10]), np.array([2.0, 4, 6, 8, 10, np.inf]), np.array([1.0, 3, 9, 12, 7, 5])
)


def test_weibull_of_the_remission_data(published: Published) -> None:
    life = fit(REMISSION)
    row = partial(published, "威布尔寿命，6-MP", "lifelines 0.30.3，Freireich 等 1963 的数据")
    row("η", "33.765", life.characteristic_life, "周")
    row("β", "1.3537", life.shape)
    row("对数似然", "-41.658678477", life.log_likelihood)
    assert life.characteristic_life == pytest.approx(33.76515096763496, rel=1e-9)
    assert life.shape == pytest.approx(1.3537345238262208, rel=1e-9)
    # lifelines 0.30.3: standard errors and log-likelihood.
    assert life.standard_errors == pytest.approx((9.230386, 0.376876), rel=1e-5)
    assert life.log_likelihood == pytest.approx(-41.658678477, abs=1e-8)
    assert (life.units, life.failures) == (21, 9)


def test_log_normal_of_the_remission_data() -> None:
    life = fit(REMISSION, LifeLaw.LOG_NORMAL)  # lifelines 0.30.3
    assert (life.location, life.spread) == pytest.approx((3.203068, 0.978734), abs=1e-5)
    assert np.sqrt(life.covariance[0, 0]) == pytest.approx(0.286134, abs=1e-5)
    assert np.sqrt(life.covariance[1, 1]) * life.spread == pytest.approx(0.250597, abs=2e-5)
    assert life.log_likelihood == pytest.approx(-40.680155871, abs=1e-8)


def test_exponential_of_the_remission_data() -> None:
    # Total time over failures: 359 / 9 weeks, with a relative standard error of 1 / 3.
    life = fit(REMISSION, LifeLaw.EXPONENTIAL)
    assert life.characteristic_life == pytest.approx(359 / 9, rel=1e-12)
    assert life.standard_errors == pytest.approx((359 / 27, 0.0), rel=1e-12)
    assert life.log_likelihood == pytest.approx(9 * np.log(9 / 359) - 9, rel=1e-12)


def test_published_fits_of_the_shock_absorbers(published: Published) -> None:
    weibull, log_normal = fit(ABSORBERS), fit(ABSORBERS, LifeLaw.LOG_NORMAL)
    row = partial(published, "寿命，减震器", "R 包 weibulltools 的说明，SPREDA 的 shock")
    row("威布尔 η", "27718.71", weibull.characteristic_life, "km", within="1", because="来源的迭代停得稍早")
    row("威布尔 β", "3.16", weibull.shape)
    row("威布尔 对数似然", "-123.9954", weibull.log_likelihood)
    row("对数正态 对数似然", "-124.6085", log_normal.log_likelihood)
    book = partial(published, "寿命，减震器", f"Meeker 与 Escobar 1998，8.3{FROM_MEMORY}")
    book("威布尔 μ", "10.23", weibull.location)
    book("威布尔 σ", "0.3164", weibull.spread)
    book("威布尔 se(μ)", "0.1099", np.sqrt(weibull.covariance[0, 0]))
    book("威布尔 se(σ)", "0.0732", np.sqrt(weibull.covariance[1, 1]) * weibull.spread)
    book("对数正态 μ", "10.14", log_normal.location)
    book("对数正态 σ", "0.5301", log_normal.spread)


def test_published_fit_of_units_stopped_at_500_hours(published: Published) -> None:
    # https://www.itl.nist.gov/div898/handbook/apr/section4/apr413.htm
    hours = [54, 187, 216, 240, 244, 335, 361, 373, 375, 386, 500]
    units = observed(hours, [1] * 10 + [0], [1] * 10 + [10])
    weibull, log_normal = fit(units), fit(units, LifeLaw.LOG_NORMAL)
    row = partial(published, "寿命，500 h 截尾", "NIST/SEMATECH 手册 8.4.1.3")
    row("威布尔 η", "606.5280", weibull.characteristic_life, "h", within="5", because="来源的迭代停得稍早")
    row("威布尔 β", "1.7208", weibull.shape)
    row("威布尔 负对数似然", "75.135", -weibull.log_likelihood)
    row("威布尔 AIC", "154.27", 4 - 2 * weibull.log_likelihood)
    row("对数正态 AIC", "154.39", 4 - 2 * log_normal.log_likelihood)


@pytest.mark.parametrize(
    ("law", "first", "second", "likelihood"),
    # lifelines 0.30.3, fit_interval_censoring: lambda, rho; mu, sigma.
    [
        (LifeLaw.WEIBULL, 7.854460, 2.970186, -59.442433143),
        (LifeLaw.LOG_NORMAL, 1.886111, 0.443074, -61.294914609),
    ],
)
def test_left_interval_and_right_censoring_together(
    law: LifeLaw, first: float, second: float, likelihood: float
) -> None:
    life = fit(INSPECTED, law)
    weibull = law is LifeLaw.WEIBULL
    found = (life.characteristic_life, life.shape) if weibull else (life.location, life.spread)
    assert found == pytest.approx((first, second), abs=5e-5)  # lifelines stops a little short
    assert life.log_likelihood == pytest.approx(likelihood, abs=1e-7)


def test_scipy_finds_the_same_weibull_without_censoring() -> None:
    times = np.random.default_rng(2).weibull(2.2, 400) * 11
    shape, _, scale = stats.weibull_min.fit(times, floc=0)
    life = fit(observed(times, np.ones(400)))
    assert (life.shape, life.characteristic_life) == pytest.approx((shape, scale), rel=1e-4)
    life = fit(observed(times, np.ones(400)), LifeLaw.LOG_NORMAL)
    logs = np.log(times)
    assert (life.location, life.spread) == pytest.approx((logs.mean(), logs.std()), rel=1e-10)
    np.testing.assert_allclose(life.covariance, np.diag([logs.var() / 400, 1 / 800]), rtol=1e-8, atol=1e-12)


def test_the_fast_way_and_the_general_way_agree() -> None:
    # A unit found failed before an age far past every life adds almost nothing, but sends the fit the general way.
    hidden = Lifetimes(
        np.append(REMISSION.lower, 1e-9), np.append(REMISSION.upper, 1e9), np.append(REMISSION.count, 1.0)
    )
    fast, general = fit(REMISSION), fit(hidden)
    assert (general.location, general.spread) == pytest.approx((fast.location, fast.spread), rel=1e-9)
    np.testing.assert_allclose(general.covariance, fast.covariance, rtol=1e-7)
    assert general.log_likelihood == pytest.approx(fast.log_likelihood, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.4, 6), st.sampled_from(list(LifeLaw)), st.floats(1e-3, 1e4))
def test_unit_order_and_counting_do_not_matter(seed: int, shape: float, law: LifeLaw, unit: float) -> None:
    draw = np.random.default_rng(seed)
    times, ends = draw.weibull(shape, 60) + 1e-3, draw.uniform(0.2, 2, 60)
    failed, seen = times <= ends, np.minimum(times, ends)
    if failed.sum() < 3:
        return
    life = fit(observed(seen, failed), law)
    order = draw.permutation(60)
    scaled = fit(observed(seen[order] * unit, failed[order]), law)
    assert scaled.location == pytest.approx(life.location + np.log(unit), abs=1e-6)
    assert scaled.spread == pytest.approx(life.spread, rel=1e-6)
    doubled = fit(observed(seen, failed, 2.0 * np.ones(60)), law)
    assert (doubled.location, doubled.spread) == pytest.approx((life.location, life.spread), rel=1e-6, abs=1e-7)
    np.testing.assert_allclose(doubled.covariance, life.covariance / 2, rtol=1e-4, atol=1e-9)
    repeated = fit(observed(np.tile(seen, 2), np.tile(failed, 2)), law)
    assert repeated.log_likelihood == pytest.approx(2 * life.log_likelihood, rel=1e-8)


def test_ten_thousand_rows_start_from_a_few_and_end_at_the_maximum() -> None:
    draw = np.random.default_rng(11)
    times, ends = 15 * draw.weibull(2.5, 20_000), draw.uniform(0, 20, 20_000)
    seen, failed = np.minimum(times, ends), times <= ends
    life = fit(observed(seen, failed))
    k, eta = life.shape, life.characteristic_life
    slope = (seen**k * np.log(seen)).sum() / (seen**k).sum() - np.log(seen[failed]).mean() - 1 / k
    assert slope == pytest.approx(0, abs=1e-12)
    assert eta == pytest.approx(((seen**k).sum() / failed.sum()) ** (1 / k), rel=1e-12)
    assert (k, eta) == pytest.approx((2.5, 15), rel=0.03)


def _log_likelihood(life: Life, theta: tuple[float, float]) -> float:
    w = (np.log(WEEKS) - theta[0]) / theta[1]
    failed = np.array(RELAPSED, dtype=bool)
    if life.law is LifeLaw.LOG_NORMAL:
        return float(
            (stats.norm.logpdf(w) - np.log(theta[1] * np.array(WEEKS)))[failed].sum()
            + stats.norm.logsf(w)[~failed].sum()
        )
    return float((w - np.log(theta[1] * np.array(WEEKS)))[failed].sum() - np.exp(w).sum())


@pytest.mark.parametrize("law", [LifeLaw.WEIBULL, LifeLaw.LOG_NORMAL])
def test_profile_limits_lose_what_chi_squared_allows(law: LifeLaw) -> None:
    life = fit(REMISSION, law)
    scale, shape = profile_intervals(REMISSION, life)
    loss = stats.chi2.ppf(0.95, 1) / 2
    for end in scale:
        best = optimize.minimize_scalar(
            lambda s, end=end: -_log_likelihood(life, (np.log(end), s)),
            bounds=(0.05, 5),
            method="bounded",
            options={"xatol": 1e-10},
        )
        assert -best.fun == pytest.approx(life.log_likelihood - loss, abs=1e-7)
    for end in shape:
        best = optimize.minimize_scalar(
            lambda m, end=end: -_log_likelihood(life, (m, 1 / end)),
            bounds=(0, 8),
            method="bounded",
            options={"xatol": 1e-10},
        )
        assert -best.fun == pytest.approx(life.log_likelihood - loss, abs=1e-7)
    for (low, high), centre in zip((scale, shape), (life.characteristic_life, life.shape), strict=True):
        assert low < centre < high


def test_exponential_profile_limits_have_one_parameter() -> None:
    life = fit(REMISSION, LifeLaw.EXPONENTIAL)
    scale, shape = profile_intervals(REMISSION, life)
    assert shape == (1.0, 1.0)
    for end in scale:
        assert 9 * np.log(1 / end) - 359 / end == pytest.approx(life.log_likelihood - stats.chi2.ppf(0.95, 1) / 2)


def test_delta_limits() -> None:
    life = fit(REMISSION)
    (low, high), (least, most) = intervals(life)
    assert np.sqrt(low * high) == pytest.approx(life.characteristic_life)
    assert np.sqrt(least * most) == pytest.approx(life.shape)
    assert np.log(high / low) / 2 == pytest.approx(1.959964 * 9.230386 / 33.765151, rel=1e-5)
    lower, upper = quantile_interval(life, [0.1, 1 - np.exp(-1)])
    assert (lower[1], upper[1]) == pytest.approx((low, high))
    assert lower[0] < quantile(life, 0.1) < upper[0]


@pytest.mark.parametrize("law", list(LifeLaw))
def test_survival_hazard_and_quantile_against_scipy(law: LifeLaw) -> None:
    spread = 1.0 if law is LifeLaw.EXPONENTIAL else 0.4
    life = Life(law, np.log(12), spread, np.eye(2), 0.0, 1, 1)
    reference = (
        stats.lognorm(spread, scale=12) if law is LifeLaw.LOG_NORMAL else stats.weibull_min(1 / spread, scale=12)
    )
    age = np.array([0.5, 3, 12, 30])
    np.testing.assert_allclose(survival(life, age), reference.sf(age), rtol=1e-12)
    np.testing.assert_allclose(log_survival(life, age * 5), reference.logsf(age * 5), rtol=1e-9)
    np.testing.assert_allclose(hazard(life, age), reference.pdf(age) / reference.sf(age), rtol=1e-9)
    np.testing.assert_allclose(survival(life, quantile(life, [0.01, 0.5])), [0.99, 0.5], rtol=1e-12)
    assert survival(life, 0.0) == 1


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("time", lambda: observed([1.0, -1], [1, 1])),
        ("time", lambda: observed([1.0, np.nan], [1, 1])),
        ("failed", lambda: observed([1.0, 2], [1, 2])),
        ("time、failed", lambda: observed([1.0, 2, 3], [1, 1])),
        ("count", lambda: observed([1.0, 2], [1, 1], [1, -1])),
        ("lower、upper", lambda: Lifetimes(np.array([3.0]), np.array([2.0]), np.array([1.0]))),
        ("lower、upper", lambda: Lifetimes(np.array([0.0]), np.array([np.inf]), np.array([1.0]))),
        ("upper", lambda: Lifetimes(np.array([0.0]), np.array([np.nan]), np.array([1.0]))),
        ("lower、upper、count", lambda: Lifetimes(np.ones(2), np.ones(3), np.ones(2))),
        ("lifetimes", lambda: fit(observed([1.0, 2], [0, 0]))),
        ("lifetimes", lambda: fit(observed([5.0, 5, 2], [1, 1, 0]))),
        ("lifetimes", lambda: fit(observed([5.0, 5], [1, 1]), LifeLaw.LOG_NORMAL)),
        ("lifetimes", lambda: fit(observed([5.0, 2], [1, 0]), LifeLaw.LOG_NORMAL)),
        ("lifetimes", lambda: fit(Lifetimes(np.array([2.0]), np.array([4.0]), np.array([9.0])))),
        ("lifetimes", lambda: fit(Lifetimes(np.array([0.0]), np.array([4.0]), np.array([9.0])))),
        ("lifetimes", lambda: fit(Lifetimes(np.array([0.0]), np.array([4.0]), np.array([9.0])), LifeLaw.EXPONENTIAL)),
        ("lifetimes", lambda: fit(Lifetimes(np.array([0.0, 9]), np.array([2.0, np.inf]), np.ones(2)))),
        ("fraction", lambda: quantile(fit(REMISSION), 1.0)),
        ("level", lambda: intervals(fit(REMISSION), 1.0)),
        ("time", lambda: survival(fit(REMISSION), -1.0)),
    ],
)
def test_bad_arguments_are_named(argument: str, call: object) -> None:
    with pytest.raises(ArgumentError) as error:
        call()  # type: ignore[operator]
    assert error.value.argument == argument


def test_all_failures_at_one_age_suffice_where_units_ran_longer() -> None:
    life = fit(observed([5.0, 5, 9], [1, 1, 0]))
    assert np.isfinite(life.shape)
    assert life.shape > 1
