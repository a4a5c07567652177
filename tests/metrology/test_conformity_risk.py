"""JCGM 106:2012 examples (quoted from memory), with a bivariate normal distribution as the second opinion."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

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

BOTH = Limits(-1.0, 1.0)


def test_jcgm_106_examples_of_one_limit() -> None:
    # 7.3: breakdown voltage of a Zener diode, at most -5.4 V, measured -5.47 V with 0.05 V; printed 0.92.
    assert conformance_probability(Limits(upper=-5.40), -5.47, 0.05) == pytest.approx(0.92, abs=5e-3)
    # 7.3: burst strength of a metal container, at least 490 kPa, measured 507 kPa with 8.6 kPa; printed 0.98.
    assert conformance_probability(Limits(lower=490), 507, 8.6) == pytest.approx(0.98, abs=5e-3)


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


def test_priors_of_scipy_agree_with_drawn_items() -> None:
    # JCGM 106:2012 9.5.4 has bearings, at most 2 um, whose values have a gamma distribution, u = 0.25 um.
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
