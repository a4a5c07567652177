import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.conformity_risk import (
    Limits,
    NormalPrior,
    global_risk,
    posterior,
    specific_consumer_risk,
)
from yuejingzhun.metrology.guard_band import (
    quantile_factor,
    width_for_global_risk,
    width_for_specific_risk,
    width_of_factor,
)

BOTH = Limits(-1.0, 1.0)


def test_one_limit_has_the_normal_quantile() -> None:
    assert width_for_specific_risk(Limits(upper=10.0), 0.2, 0.05) == pytest.approx(1.6448536 * 0.2)
    assert width_for_specific_risk(Limits(lower=10.0), 0.2, 0.025, side="lower") == pytest.approx(1.959964 * 0.2)
    assert width_for_specific_risk(Limits(upper=10.0), 0.2, 0.7) < 0
    assert quantile_factor(0.05) == pytest.approx(0.822, abs=5e-4)
    assert width_of_factor(0.4, 0.83) == pytest.approx(0.332)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.02, 0.3), st.floats(0.01, 0.3), st.floats(-0.5, 0.5), st.floats(0.1, 1), st.booleans())
def test_an_item_at_the_limit_has_the_risk_asked_for(u: float, risk: float, mean: float, sd: float, up: bool) -> None:
    prior, side = NormalPrior(mean, sd), "upper" if up else "lower"
    for known in (None, prior):
        width = width_for_specific_risk(BOTH, u, risk, known, side)
        y = 1 - width if up else width - 1
        at = (y, u) if known is None else posterior(prior, y, u)
        assert float(specific_consumer_risk(BOTH, *at)) == pytest.approx(risk, rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.4, 1.0), st.floats(0.05, 0.4), st.floats(0.05, 0.9))
def test_the_global_risk_asked_for_is_met(sd: float, u: float, part: float) -> None:
    prior = NormalPrior(0.1, sd)
    start = global_risk(prior, u, BOTH)
    risk = part * start.consumer
    width = width_for_global_risk(prior, u, BOTH, risk)
    assert width > 0
    assert global_risk(prior, u, BOTH, BOTH.guarded(width)).consumer == pytest.approx(risk, rel=1e-6)


def test_share_among_the_accepted_and_priors_of_scipy() -> None:
    prior, tolerance = stats.gamma(4, scale=0.25), Limits(upper=2.0)
    width = width_for_global_risk(prior, 0.25, tolerance, 0.001, of_accepted=True)
    found = global_risk(prior, 0.25, tolerance, tolerance.guarded(width))
    assert found.consumer_of_accepted == pytest.approx(0.001, rel=1e-6)
    lenient = width_for_global_risk(NormalPrior(0.0, 0.6), 0.2, BOTH, 0.06)
    assert lenient < 0


def test_targets_that_cannot_be_are_refused() -> None:
    with pytest.raises(ArgumentError, match="过大"):
        width_for_specific_risk(BOTH, 1.0, 0.01)
    with pytest.raises(ArgumentError, match="不合格率"):
        width_for_global_risk(NormalPrior(0.0, 0.1), 0.1, BOTH, 0.05)
    with pytest.raises(ArgumentError, match="达不到"):
        width_for_global_risk(NormalPrior(0.0, 3.0), 3.0, BOTH, 0.01, of_accepted=True)
    with pytest.raises(ArgumentError, match="side"):
        width_for_specific_risk(Limits(upper=1.0), 0.1, 0.05, side="lower")
    with pytest.raises(ArgumentError, match="risk"):
        width_for_specific_risk(BOTH, 0.1, 1.0)
