"""Parts of the fleet kernel against closed forms and independent computations."""

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import norm

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.fleet.averages import Whole, block_sums, panel_of, write_averaged
from yuejingzhun.metrology.fleet.columns import without_starts
from yuejingzhun.metrology.fleet.gaps import filled, filled_total, runs, shifted
from yuejingzhun.metrology.fleet.leaky import integrate
from yuejingzhun.metrology.fleet.marginal import marginal
from yuejingzhun.metrology.fleet.noise import Noise, fitted_noise
from yuejingzhun.metrology.fleet.posterior import inverses, posterior
from yuejingzhun.metrology.fleet.prior import Prior, default_prior, learn, responsibilities


@pytest.mark.parametrize("points", [1, 5, 16, 17, 96, 2880, 2881])
@pytest.mark.parametrize("leak", [0.0, 0.6, 0.985])
def test_the_leaky_integrator_is_the_recursion(points, leak):
    values = np.random.default_rng(1).standard_normal((3, points))
    wanted = lfilter([1], [1, -leak], values, axis=1)
    np.testing.assert_allclose(integrate(values.copy(), leak), wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("gain", [1.0, 0.25])
@pytest.mark.parametrize("points", [24, 64, 65, 700])
def test_a_gain_multiplies_what_leaves_the_integrator(points, gain):
    values = np.random.default_rng(8).standard_normal((3, points))
    wanted = gain * lfilter([1], [1, -0.98], values, axis=1)
    np.testing.assert_allclose(integrate(values.copy(), 0.98, gain=gain), wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("block", [1, 2, 3, 4, 6, 8])
def test_block_sums(block):
    registers = np.random.default_rng(2).standard_normal((3, 12 * block))
    np.testing.assert_allclose(block_sums(registers, block), registers.reshape(3, 12, block).sum(axis=2), atol=1e-12)


def some_whole(points: int) -> Whole:
    """Seven meters: two groups, one meter of no group, one fed in, one left out."""
    rng = np.random.default_rng(9)
    unit = np.array([0.01, 0.01, -0.01, 0.02, 0.01, 0.0, 0.01])
    groups = np.array([0, 1, 0, 1, 1, 0, -1])
    registers = 10**6 + np.cumsum(rng.poisson(20, (7, points)), axis=1)
    return Whole(registers, rng.uniform(1, 2, points - 1), unit, groups, np.array([0.5, 2.0]))


def averaged_the_long_way(whole: Whole, block: int) -> np.ndarray:
    """Running registers of all columns, means over blocks from the end on, and their differences."""
    load = np.diff(np.array([(whole.unit * (whole.groups == g)) @ whole.registers for g in range(2)]))
    losses = np.cumsum(load**2 / whole.load_scale[:, None], axis=1)
    balance = np.cumsum(whole.total_kwh - np.diff(whole.unit @ whole.registers))
    fixed = np.arange(1.0, balance.size + 1)
    rest = np.column_stack([np.zeros(5), [*losses, fixed, 0 * fixed, balance]])
    every = np.vstack([whole.registers * (whole.unit != 0)[:, None], rest])
    blocks = every.shape[1] // block
    means = every[:, every.shape[1] - blocks * block :].reshape(len(every), blocks, block).mean(axis=2)
    return np.diff(means)


@pytest.mark.parametrize(("points", "block"), [(97, 4), (96, 4), (98, 4), (33, 8), (31, 3)])
def test_averages_are_increments_of_the_mean_register_of_each_block(points, block):
    whole = some_whole(points)
    out = np.empty((12, points // block))
    found = write_averaged(whole, block, None, panel_of(whole.registers), out)
    assert not out[:, 0].any()
    np.testing.assert_allclose(out[:, 1:] / block, averaged_the_long_way(whole, block), atol=1e-7)
    energy = np.diff(whole.registers[:, -(out.shape[1] * block) :])
    load = np.diff(np.array([(whole.unit * (whole.groups == g)) @ whole.registers for g in range(2)]))
    np.testing.assert_allclose(found.loads[:, 1:], load[:, -energy.shape[1] :], atol=1e-9)
    counted = (energy**2)[:, 18::19] * (whole.unit != 0)[:, None]
    np.testing.assert_allclose(found.squares, counted.sum(axis=1))
    met = np.vstack([found.loads, np.zeros(found.loads.shape[1])])[whole.groups][:, 19::19]
    np.testing.assert_allclose(found.loading, (counted * met).sum(axis=1), rtol=1e-9)


@pytest.mark.parametrize(("row", "point", "value"), [(4, 50, -1), (0, 0, -1), (1, 20, 10**6)])
def test_nothing_is_averaged_where_a_register_falls_or_is_missing(row, point, value):
    whole = some_whole(97)
    whole.registers[row, point] = value
    assert write_averaged(whole, 4, None, panel_of(whole.registers), np.empty((12, 24))) is None


def test_averages_go_on_where_they_stopped():
    whole = some_whole(2 * 96 + 1)
    once = np.empty((12, 48))
    write_averaged(whole, 4, None, panel_of(whole.registers), once)
    first, second = np.empty((12, 24)), np.empty((12, 24))

    def part(begin: int, end: int) -> Whole:
        registers, total = whole.registers[:, begin:end], whole.total_kwh[begin : end - 1]
        return Whole(registers, total, whole.unit, whole.groups, whole.load_scale)

    found = write_averaged(part(0, 97), 4, None, panel_of(whole.registers), first)
    write_averaged(part(96, 193), 4, found.ahead, panel_of(whole.registers), second)
    np.testing.assert_allclose(np.hstack([first, second]), once, atol=1e-7)


def test_the_leak_of_rounding_and_of_white_noise_is_recognised():
    rng = np.random.default_rng(3)
    rounding = np.diff(rng.standard_normal(4001))
    white = rng.standard_normal(4000)
    start = Noise(0.6, 1.0)
    for noise, least, most in ((rounding, 0.96, 0.98), (white, 0.0, 0.0)):
        found = fitted_noise(lfilter([1], [1, -0.6], noise), start, 0.0)
        assert least <= found.leak <= most
        assert found.variance == pytest.approx(1.0, rel=0.1)


def test_the_noise_does_not_hang_on_the_last_value():
    """What the filter remembers beyond the last residual is no residual: only its own square counts."""
    rng = np.random.default_rng(11)
    residual = rng.standard_normal(720)
    residual[-1] = 4.0
    found = fitted_noise(residual, Noise(0.98, 1.0), 0.0)
    assert found.leak == 0.98
    assert found.variance == pytest.approx(float(residual @ residual) / 720, rel=1e-9)


def test_a_gap_takes_the_energy_that_the_register_after_it_tells():
    day = np.tile([1, 2, 3, 2], 5)
    register = np.concatenate([[100], 100 + np.cumsum(day)])
    gone = register.copy()
    gone[9:12] = -1
    found = filled(gone, 4)
    np.testing.assert_allclose(found.increments, day)
    assert not found.read[8:12].any() and found.read.sum() == 16 and not found.fell


def test_a_register_that_falls_leaves_one_interval_unread_and_one_with_little_is_not_filled():
    register = np.arange(41)
    register[20:] -= 20
    found = filled(register, 4)
    assert found.fell and not found.read[19] and found.read.sum() == 39
    assert filled(np.where(np.arange(41) < 30, -1, register), 4) is None


def test_a_gap_of_the_total_keeps_its_sum():
    total = np.array([0, 10, -1, -1, 40, 50])
    found = filled_total(total, 1.0, np.array([8.0, 8, 8, 8, 8]), False)
    assert found.increments.sum() == pytest.approx(50)
    assert found.read.tolist() == [True, False, False, False, True]


def test_what_depends_on_the_end_of_a_gap_is_projected_out_and_a_gap_at_the_end_leaves_nothing_to_do():
    read = np.array([True, True, False, True, True, True, False, True, True])
    white = np.random.default_rng(1).normal(size=(3, read.sum()))
    white[0, 2:5] = 0.9 ** np.arange(3)  # what a register unknown at the end of the first gap leaves
    result = without_starts(white.copy(), read, 0.9)
    np.testing.assert_array_equal(result[:, :2], white[:, :2])
    np.testing.assert_allclose(result[0, 2:5], 0, atol=1e-15)
    np.testing.assert_allclose(result[1:, 5:] @ 0.9 ** np.arange(2), 0, atol=1e-15)
    for whole in (np.arange(9) < 7, np.arange(9) >= 2, np.ones(9, dtype=bool)):
        part = np.ones((2, whole.sum()))
        np.testing.assert_array_equal(without_starts(part.copy(), whole, 0.9), part)


def test_runs_and_shifts():
    assert runs(np.array([True, False, True, True])) == [(0, 1), (2, 4)]
    steps = np.random.default_rng(4).uniform(size=50)
    np.testing.assert_allclose(shifted(steps, 3)[:-3], steps[3:], atol=1e-12)
    np.testing.assert_allclose(shifted(shifted(steps, 2), -2)[2:-2], steps[2:-2], atol=1e-12)


def one_component() -> Prior:
    """A prior whose components are the same, so that the posterior is normal and known in closed form."""
    return Prior(np.array([0.5, 0.5]), np.array([0.001, 0.001]), np.array([0.004, 0.004]))


def test_with_one_component_the_posterior_is_that_of_ridge_regression():
    rng = np.random.default_rng(5)
    columns = rng.standard_normal((2, 300, 12)) * 30
    answer = rng.standard_normal((2, 300))
    gram, rhs = columns.transpose(0, 2, 1) @ columns, (columns.transpose(0, 2, 1) @ answer[..., None])[..., 0]
    precision = np.full((2, 12), 0.1)
    found = posterior(gram.copy(), rhs, precision, 10, one_component())
    for n in range(2):
        added = np.diag([1 / 0.004**2] * 10 + [0.1] * 2)
        pull = rhs[n] + np.array([0.001 / 0.004**2] * 10 + [0, 0])
        inverse = np.linalg.inv(gram[n] + added)
        np.testing.assert_allclose(found.coefficients[n], inverse @ pull, rtol=1e-6, atol=1e-9)
        variance = np.diag(inverse)[:10]
        np.testing.assert_allclose(found.cavity_variance[n], 1 / (1 / variance - 1 / 0.004**2), rtol=1e-6)
    covariance = inverses(gram, precision, found.site)
    rhs[:, :10] += found.shift
    np.testing.assert_allclose((covariance @ rhs[..., None])[..., 0], found.coefficients, rtol=1e-6, atol=1e-9)


def test_a_sparse_prior_comes_close_to_the_sum_over_all_subsets():
    rng = np.random.default_rng(6)
    truth = np.array([0.0, 0.05, 0.001, -0.002, 0.0, 0.0])
    columns = rng.standard_normal((400, 6)) * 8
    rhs_of = columns.T @ (columns @ truth + rng.standard_normal(400))
    gram = columns.T @ columns
    prior = Prior(np.array([0.95, 0.05]), np.zeros(2), np.array([0.003, 0.05]))
    found = posterior(gram[None].copy(), rhs_of[None], np.zeros((1, 6)), 6, prior)
    weights, means = [], []
    for subset in range(64):
        large = np.array([subset >> k & 1 for k in range(6)])
        spread = prior.spreads[large]
        system = gram + np.diag(1 / spread**2)
        mean = np.linalg.solve(system, rhs_of)
        log = np.log(prior.weights[large]).sum() - 0.5 * np.linalg.slogdet(system)[1] - np.log(spread).sum()
        weights.append(log + 0.5 * rhs_of @ mean)
        means.append(mean)
    weights = np.exp(np.array(weights) - max(weights))
    exact = weights @ np.array(means) / weights.sum()
    np.testing.assert_allclose(found.coefficients[0], exact, atol=2e-4)


def test_an_interval_of_a_sharp_reading_is_normal_and_that_of_an_idle_meter_is_wide():
    prior = default_prior()
    sharp = marginal(prior, np.array([0.05]), np.array([1e-8]), 0.02)
    assert sharp.exceeds[0] > 0.999
    assert sharp.error[0] == pytest.approx(0.05 / 0.95, rel=1e-3)
    assert sharp.high[0] - sharp.low[0] == pytest.approx(2 * 1.96 * 1e-4 / 0.95**2, rel=0.02)
    idle = marginal(prior, np.array([0.0]), np.array([1.0]), 0.02)
    assert idle.low[0] < -0.08 and idle.high[0] > 0.08
    expected = float((prior.weights * 2 * norm.cdf(-0.02 / prior.spreads)).sum())
    assert idle.exceeds[0] == pytest.approx(expected, rel=0.05)


def test_learning_finds_the_spread_and_the_mean_of_the_small_errors():
    rng = np.random.default_rng(7)
    errors = rng.normal(0.002, 0.006, 20_000)
    errors[:200] = rng.normal(0, 0.06, 200)
    variance = np.full(20_000, 0.002**2)
    found = learn(default_prior(), errors + 0.002 * rng.standard_normal(20_000), variance, rounds=60)
    assert found.means[0] == pytest.approx(0.002, abs=2e-4)
    assert found.spreads[0] == pytest.approx(0.006, rel=0.05)
    assert responsibilities(found, np.array([[0.1]]), np.array([[1e-6]]))[0, 0] < 1e-6


def test_a_prior_says_what_is_wrong_with_it():
    with pytest.raises(ArgumentError, match="之和应为 1"):
        Prior(np.array([0.5, 0.4]), np.zeros(2), np.ones(2))
    with pytest.raises(ArgumentError, match="长度应相同"):
        Prior(np.array([0.5, 0.5]), np.zeros(3), np.ones(2))
