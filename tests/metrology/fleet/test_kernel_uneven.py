"""Uneven noise, gaps and clocks of the fleet kernel against closed forms, and what each fault comes to."""

import numpy as np
import pytest
from scipy.linalg import toeplitz
from scipy.signal import lfilter
from scipy.stats import multivariate_normal

from yuejingzhun.demo.fleet.batch import balance_of
from yuejingzhun.demo.fleet.district import simulate
from yuejingzhun.demo.fleet.fault import Fault
from yuejingzhun.metrology.fleet.clock_offset import clock_offsets
from yuejingzhun.metrology.fleet.estimate import estimate
from yuejingzhun.metrology.fleet.gaps import shifted
from yuejingzhun.metrology.fleet.leaky import integrate
from yuejingzhun.metrology.fleet.noise import Noise, fitted_uneven, unevenness
from yuejingzhun.metrology.fleet.uneven import even_ratio, innovations, likelihoods, merged, uneven
from yuejingzhun.metrology.fleet.verdict import Reason


def covariance(ratio: np.ndarray) -> np.ndarray:
    """Of differences of rounding of variance 1, with a white part of their own."""
    band = np.zeros(ratio.size)
    band[:2] = 2.0, -1.0
    return toeplitz(band) + np.diag(ratio)


@pytest.mark.parametrize("points", [1, 15, 16, 17, 100])
def test_innovations_are_the_recursion(points):
    rng = np.random.default_rng(1)
    columns, weights = rng.standard_normal((3, points)), rng.uniform(0, 1, points)
    wanted, before = np.empty_like(columns), np.zeros(3)
    for t in range(points):
        before = columns[:, t] + weights[t] * before
        wanted[:, t] = before
    np.testing.assert_allclose(innovations(columns, weights), wanted, atol=1e-12)


def test_the_likelihood_is_that_of_the_normal_distribution_with_its_covariance():
    rng = np.random.default_rng(2)
    ratios, rest = rng.gamma(1.0, 2.0, (3, 40)), rng.standard_normal(40)
    squares, logarithms = likelihoods(rest, ratios)
    for n, ratio in enumerate(ratios):
        exact = multivariate_normal.logpdf(rest, cov=covariance(ratio))
        assert -0.5 * (squares[n] + logarithms[n] + 40 * np.log(2 * np.pi)) == pytest.approx(exact)


def test_the_uneven_filter_whitens_and_can_be_undone():
    ratio = np.random.default_rng(3).gamma(1.0, 2.0, 60)
    leak = 0.9
    filtered = uneven(leak, ratio - even_ratio(leak), None)
    white = filtered(np.eye(60))  # rows: what each interval's unit comes to
    np.testing.assert_allclose(white.T @ covariance(ratio) @ white, np.eye(60) / leak, atol=1e-9)
    np.testing.assert_allclose(filtered.undone(white[7]), np.eye(60)[7], atol=1e-12)
    rounding = white.T @ covariance(np.zeros(60)) @ white
    assert filtered.rounding_seen == pytest.approx(np.trace(rounding) * (1 + leak) / 2)


def test_with_even_noise_it_becomes_the_leaky_integrator():
    steps = np.random.default_rng(4).standard_normal((2, 900))
    white = uneven(0.9, np.zeros(900), None)(steps)
    np.testing.assert_allclose(white[:, 300:], integrate(steps.copy(), 0.9)[:, 300:], atol=1e-6)


def test_a_gap_becomes_one_interval_with_its_sum_and_ends_a_stretch():
    read = np.array([True, True, False, False, True, False])
    columns = np.arange(12.0).reshape(2, 6)
    np.testing.assert_allclose(merged(columns, read), [[0, 1, 5, 4, 5], [6, 7, 17, 10, 11]])
    filtered = uneven(0.9, np.zeros(5), read)
    np.testing.assert_allclose(filtered.lengths, [1, 1, 2, 1, 1])
    stretches = filtered.stretches
    assert stretches[0] == stretches[1] and len(set(stretches.tolist())) == 4


def test_the_scatter_of_a_loss_is_recognised_and_not_invented():
    rng = np.random.default_rng(5)
    loss = rng.gamma(2.0, 0.5, 3000)
    rounding = 0.04 * np.diff(rng.standard_normal(3001))
    start = Noise(0.9, 0.04**2 / 0.9)
    tried = fitted_uneven(rounding, loss, np.zeros(3000), start, 0.0)
    assert fitted_uneven(rounding, loss, np.zeros(3000), tried, 0.0).scatter == 0
    rough = rounding + 0.05 * loss * rng.standard_normal(3000)
    found = fitted_uneven(rough, loss, np.zeros(3000), start, 0.0)
    assert found.scatter == pytest.approx(0.05, rel=0.15)
    assert found.rounding == pytest.approx(0.04**2, rel=0.2)


def test_the_score_of_unevenness_is_standard_normal_for_even_noise():
    rng = np.random.default_rng(6)
    loss = rng.gamma(2.0, 0.5, 700)
    scores = np.array([unevenness(rng.standard_normal(700), loss) for _ in range(400)])
    assert abs(scores.mean()) < 0.2 and 0.85 < scores.std() < 1.2
    assert unevenness((1 + loss) * rng.standard_normal(700), loss) > 8
    assert unevenness(rng.standard_normal(700), np.zeros(700)) == 0


@pytest.mark.parametrize("late", [2.0, -3.0, 0.6])
def test_a_clock_that_is_late_is_found_with_its_offset(late):
    rng = np.random.default_rng(7)
    meters = rng.gamma(0.5, 0.15, (5, 2000))
    rest = shifted(meters[3], late) - meters[3] + 0.03 * np.diff(rng.standard_normal(2001))

    def whiten(columns: np.ndarray) -> np.ndarray:
        return lfilter([1], [1, -0.98], columns, axis=1)

    white = whiten(np.vstack([meters, rest]))
    found = clock_offsets(meters, white[:5], white[5], whiten, 0.03**2, np.zeros(2000, dtype=int))
    assert found.late == {3: pytest.approx(late, abs=0.11)}
    assert 3 in found.doubtful


def test_gaps_and_late_clocks_together_still_give_an_estimate():
    made = [simulate(seed, (Fault.MISSING_DAYS, Fault.CLOCK_OFFSET)) for seed in (80, 81, 82)]
    found = estimate(balance_of(made))
    supported = [each.is_supported for each in found.verdicts]
    assert sum(supported) >= 2
    for n, district in enumerate(made):
        assert set(found.districts[n].corrections.late) <= set(district.faulty.tolist())
        if supported[n]:
            assert np.sqrt(np.mean((found.meters.error[n] - district.errors) ** 2)) < 0.006


def test_a_loss_that_scatters_is_weighed_or_refused_for_that():
    made = [simulate(seed, (Fault.ROUGH_LOSS,)) for seed in (80, 81, 82, 83)]
    found = estimate(balance_of(made))
    assert {each.reason for each in found.verdicts} <= {None, Reason.LOSS_MODEL}
    for district in found.districts:
        assert 0.03 < district.noise.scatter < 0.07
    truth = np.array([each.errors for each in made])
    score = (found.meters.error - truth)[found.measured] / found.meters.uncertainty[found.measured]
    assert 0.85 < score.std() < 1.15


def test_a_coarse_total_is_refused_for_that():
    found = estimate(balance_of([simulate(seed, (Fault.COARSE_TOTAL,)) for seed in (80, 81)]))
    assert {each.reason for each in found.verdicts} == {Reason.COARSE_TOTAL}
