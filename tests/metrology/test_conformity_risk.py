"""JCGM 106:2012 examples, with a bivariate normal distribution as the second opinion."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from published import FROM_MEMORY, Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.conformity_risk import (
    Limits,
    NormalPrior,
    conformance_probability,
    global_risk,
    posterior,
    specific_consumer_risk,
    specific_producer_risk,
)
from yuejingzhun.metrology.guard_band import width_for_global_risk

BOTH = Limits(-1.0, 1.0)


def test_jcgm_106_examples_of_one_limit(published: Published) -> None:
    # Both examples from memory, to be read against the standard.
    # 7.3: breakdown voltage of a Zener diode, at most -5.4 V, measured -5.47 V with 0.05 V.
    source = f"JCGM 106:2012 7.3{FROM_MEMORY}"
    zener = conformance_probability(Limits(upper=-5.40), -5.47, 0.05)
    published("JCGM 106 7.3", source, "齐纳二极管击穿电压的合格概率", "0.92", zener)
    # 7.3: burst strength of a metal container, at least 490 kPa, measured 507 kPa with 8.6 kPa.
    container = conformance_probability(Limits(lower=490), 507, 8.6)
    published("JCGM 106 7.3", source, "金属容器爆破强度的合格概率", "0.98", container)


def bivariate(prior: tuple[float, float], u: float, tolerance: Limits, accept: Limits) -> tuple[float, float]:
    """Consumer's and producer's risk from the joint distribution of value and measured value."""
    mean, sd = prior
    joint = stats.multivariate_normal([mean, mean], [[sd**2, sd**2], [sd**2, sd**2 + u**2]])

    def box(a: float, b: float, c: float, d: float) -> float:
        corners = [(b, d, 1), (a, d, -1), (b, c, -1), (a, c, 1)]
        big = mean + 40 * np.hypot(sd, u)
        return sum(sign * float(joint.cdf([min(x, big), min(y, big)])) for x, y, sign in corners if min(x, y) > -np.inf)

    inside = box(tolerance.lower, tolerance.upper, accept.lower, accept.upper)
    accepted = box(-np.inf, np.inf, accept.lower, accept.upper)
    conforming = box(tolerance.lower, tolerance.upper, -np.inf, np.inf)
    return accepted - inside, conforming - inside


@settings(max_examples=30, deadline=None)
@given(st.floats(-1, 1), st.floats(0.05, 2), st.floats(0.02, 1), st.floats(-0.3, 0.5), st.booleans())
def test_normal_risks_agree_with_the_bivariate_normal(
    mean: float, sd: float, u: float, width: float, two: bool
) -> None:
    tolerance = BOTH if two else Limits(upper=1.0)
    accept = tolerance.guarded(width)
    found = global_risk(NormalPrior(mean, sd), u, tolerance, accept)
    consumer, producer = bivariate((mean, sd), u, tolerance, accept)
    assert found.consumer == pytest.approx(consumer, abs=2e-7)
    assert found.producer == pytest.approx(producer, abs=2e-7)
    assert found.conforming + found.consumer == pytest.approx(found.accepted + found.producer, abs=1e-12)


def test_published_risk_of_the_bearings(published: Published) -> None:
    # Radial error motion at most 2 um, u = 0.25 um, over a gamma distribution with mean 1 um and sd 0.5 um; recomputed
    # in the notebook "Risk - Ball Bearing" of sandialabs/suncal, which quotes the clause.
    prior, most = stats.gamma(4, scale=0.25), Limits(upper=2.0)
    found = global_risk(prior, 0.25, most)
    row = partial(published, "JCGM 106 9.5.4", "suncal（Sandia）按 JCGM 106:2012 9.5.4 的算例")
    row("轴承不检验时的不合格率", "0.042380112", 1 - found.conforming)
    row("轴承的使用方总体风险", "0.0080191119", found.consumer)
    row("使用方风险 0.1 % 的保护带", "0.32817123", width_for_global_risk(prior, 0.25, most, 0.001), "μm")


def test_priors_of_scipy_agree_with_drawn_items() -> None:
    generator = np.random.default_rng(11)
    for prior in (stats.gamma(4, scale=0.25), stats.uniform(0.5, 2.0), stats.arcsine(0.0, 2.4), stats.norm(1.5, 0.4)):
        found = global_risk(prior, 0.25, Limits(upper=2.0), Limits(upper=1.8))
        value = prior.rvs(2_000_000, random_state=generator)
        accepted = value + 0.25 * generator.standard_normal(value.size) <= 1.8
        assert found.consumer == pytest.approx(np.mean(accepted & (value > 2)), abs=3e-4)
        assert found.producer == pytest.approx(np.mean(~accepted & (value <= 2)), abs=1.5e-3)
    normal = global_risk(stats.norm(1.5, 0.4), 0.25, Limits(upper=2.0))
    assert normal.consumer == pytest.approx(global_risk(NormalPrior(1.5, 0.4), 0.25, Limits(upper=2.0)).consumer)


def test_limits_of_the_global_risk() -> None:
    prior = NormalPrior(0.0, 0.6)
    failing = 2 * stats.norm.sf(1 / 0.6)
    exact = global_risk(prior, 0.0, BOTH)
    assert (exact.consumer, exact.producer) == (0.0, pytest.approx(0.0, abs=1e-15))
    assert exact.conforming == pytest.approx(1 - failing)
    blind = global_risk(prior, 1e-9, BOTH, Limits(-50, 50))
    assert (blind.consumer, blind.producer) == (pytest.approx(failing), pytest.approx(0.0, abs=1e-14))
    # A prior far narrower than the measurement: nothing fails, so nothing is wrongly accepted.
    sure = global_risk(NormalPrior(0.0, 1e-6), 1.0, BOTH)
    assert sure.consumer == pytest.approx(0.0, abs=1e-15)
    assert sure.producer == pytest.approx(2 * stats.norm.sf(1.0))
    assert blind.consumer_of_accepted == pytest.approx(failing)


def test_arrays_give_what_each_gives_alone() -> None:
    generator = np.random.default_rng(5)
    shape = (4, 6)
    mean, sd, u = generator.normal(0, 1, shape), generator.uniform(0.05, 2, shape), generator.uniform(0, 1, shape)
    u[0], lower, upper = 0.0, np.full(6, -1.0), np.linspace(0.5, 2, 6)
    lower[2], upper[4] = -np.inf, np.inf
    together = global_risk(NormalPrior(mean, sd), u, Limits(lower, upper), Limits(lower, upper).guarded(0.1))
    for at in np.ndindex(shape):
        limits = Limits(lower[at[1]], upper[at[1]])
        alone = global_risk(NormalPrior(mean[at], sd[at]), u[at], limits, limits.guarded(0.1))
        for name in ("conforming", "accepted", "consumer", "producer", "consumer_of_accepted"):
            assert getattr(together, name)[at] == pytest.approx(getattr(alone, name), rel=1e-11, abs=1e-14)
    fleet = global_risk(stats.gamma([3.0, 4.0], scale=0.25), 0.25, Limits(upper=2.0))
    assert fleet.consumer[1] == pytest.approx(global_risk(stats.gamma(4, scale=0.25), 0.25, Limits(upper=2.0)).consumer)
    with pytest.raises(ArgumentError, match="形状不一致"):
        global_risk(NormalPrior(0.0, 1.0), [0.1, 0.2], Limits(lower, upper))
    with pytest.raises(ArgumentError, match="上限应大于下限"):
        Limits(lower, np.zeros(6) - 1)


def test_equal_shares_of_value_and_error_have_a_closed_form() -> None:
    # Value and error alike, one limit at the mean: P(X > 0, X + E < 0) = 1/8.
    found = global_risk(NormalPrior(0.0, 1.0), 1.0, Limits(upper=0.0))
    assert (found.consumer, found.producer) == (pytest.approx(0.125, abs=1e-13), pytest.approx(0.125, abs=1e-13))


@settings(deadline=None)
@given(st.floats(-3, 3), st.floats(0.01, 3))
def test_specific_risks_add_up_and_stay_within_bounds(y: float, u: float) -> None:
    consumer, producer = specific_consumer_risk(BOTH, y, u), specific_producer_risk(BOTH, y, u)
    assert float(consumer + producer) == pytest.approx(1.0)
    assert 0 <= float(consumer) <= 1


def test_far_tails_keep_their_digits() -> None:
    assert specific_consumer_risk(Limits(upper=1.0), 0.0, 0.1) == pytest.approx(stats.norm.sf(10), rel=1e-12)
    assert specific_producer_risk(Limits(upper=1.0, lower=-1.0), 2.0, 0.1) == pytest.approx(stats.norm.sf(10), rel=1e-9)


def test_measurement_and_prior_together() -> None:
    y, u = posterior(NormalPrior(0.0, 1.0), [2.0, 2.0], [1.0, 1e-9])
    assert y == pytest.approx([1.0, 2.0])
    assert u == pytest.approx([0.5**0.5, 1e-9])


def test_what_makes_no_sense_is_refused() -> None:
    for bad in (
        lambda: Limits(1.0, 1.0),
        lambda: Limits(),
        lambda: BOTH.guarded(1.0),
        lambda: NormalPrior(0.0, 0.0),
        lambda: conformance_probability(BOTH, 0.0, 0.0),
        lambda: conformance_probability(BOTH, float("nan"), 1.0),
        lambda: global_risk(NormalPrior(0.0, 1.0), -1.0, BOTH),
    ):
        with pytest.raises(ArgumentError):
            bad()
