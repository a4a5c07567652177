"""Branches and phases that nobody filed: found from voltages, told by the balance, or left unknown and paid for."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from yuejingzhun.demo.fleet.batch import balance_of
from yuejingzhun.demo.fleet.district import Design, simulate
from yuejingzhun.demo.fleet.voltage import Network, simulate_voltages
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.fleet.balance import UNKNOWN
from yuejingzhun.metrology.fleet.columns import Steps
from yuejingzhun.metrology.fleet.estimate import estimate
from yuejingzhun.metrology.fleet.noise import Noise
from yuejingzhun.metrology.fleet.regroup import regrouped
from yuejingzhun.metrology.fleet.unknown_groups import GROUPS, UNEVEN, unknown_loss
from yuejingzhun.metrology.fleet.verdict import Reason
from yuejingzhun.metrology.fleet.voltage_groups import groups_from_voltages

WEEK = Design(days=7)


def share_right(found: np.ndarray, true: np.ndarray) -> float:
    """Share of the meters in the right group, groups being named at best."""
    together = np.zeros((found.max() + 1, true.max() + 1))
    np.add.at(together, (found, true), 1)
    return float(together[linear_sum_assignment(-together)].sum() / len(true))


@pytest.mark.parametrize("seed", [11, 12])
def test_groups_are_found_from_a_week_of_voltages(seed):
    found = groups_from_voltages(simulate_voltages(seed, design=WEEK))
    assert share_right(found.groups, simulate(seed, design=WEEK).groups) > 0.98
    assert (found.known() >= 0).mean() > 0.95


def test_meters_without_a_usable_voltage_stay_unknown():
    volts = simulate_voltages(13, design=Design(meters=60, days=7))
    volts[3] = np.nan
    volts[4] = 230.0
    volts[5, ::3] = np.nan  # two thirds of the points, but a third of the differences only
    found = groups_from_voltages(volts, 12)
    assert found.known()[[3, 4, 5]].tolist() == [UNKNOWN] * 3
    rest = np.setdiff1d(np.arange(60), [3, 4, 5])
    assert share_right(found.groups[rest], simulate(13, design=Design(meters=60, days=7)).groups[rest]) > 0.9


def test_voltages_that_say_nothing_of_branches_are_not_certain():
    noise = np.random.default_rng(1).normal(230, 1, (60, 960))
    assert (groups_from_voltages(noise).known() == UNKNOWN).mean() > 0.5


@pytest.mark.parametrize("shape", [(10, 95), (2, 200), (200,)])
def test_voltages_of_a_wrong_shape_are_told(shape):
    with pytest.raises(ArgumentError, match="voltages"):
        groups_from_voltages(np.zeros(shape))


def test_a_weak_sag_is_less_certain_than_a_strong_one():
    weak = Network(line_ohm=(0.0, 1e-6), neutral=0.0, transformer_ohm=0.0, noise_v=1.0)
    certain = [
        groups_from_voltages(simulate_voltages(14, design=Design(meters=60, days=2), network=each), 12).certainty.mean()
        for each in (weak, Network())
    ]
    assert certain[0] < certain[1]


def test_the_covariance_is_that_of_losses_of_groups_drawn_at_random():
    rng = np.random.default_rng(2)
    energy = rng.gamma(2.0, 0.05, (8, 6))
    steps = Steps(energy, energy.sum(axis=0), np.ones(8), np.full(8, UNKNOWN), np.ones(1))
    covariance, mean = unknown_loss(steps, Noise(0.0, 1.0))
    drawn = np.zeros((40_000, 6))
    for each in drawn:
        member = np.eye(GROUPS)[rng.integers(0, GROUPS, 8)].T
        each[:] = (1 + UNEVEN * rng.standard_normal(GROUPS)) @ (member @ energy) ** 2
    np.testing.assert_allclose(mean, drawn.mean(axis=0), rtol=0.02)
    of_pairs, of_all = np.cov(drawn.T), covariance
    assert np.trace(of_all) == pytest.approx(np.trace(of_pairs), rel=0.25)
    assert np.corrcoef(of_all.ravel(), of_pairs.ravel())[0, 1] > 0.95


def test_only_pairs_with_an_unknown_meter_are_uncertain():
    rng = np.random.default_rng(3)
    energy = rng.gamma(2.0, 0.05, (5, 6))
    known = Steps(energy, energy.sum(axis=0), np.ones(5), np.zeros(5, dtype=int), np.ones(1))
    covariance, mean = unknown_loss(known, Noise(0.0, 1.0))
    np.testing.assert_allclose(covariance, 0, atol=1e-15)
    np.testing.assert_allclose(mean, 0, atol=1e-15)


def test_a_district_of_unknown_topology_is_estimated_with_honest_uncertainty_or_refused():
    made = [simulate(seed) for seed in (910004, 910009)]
    known, blind = estimate(balance_of(made)), estimate(balance_of(made, topology_known=False))
    truth = np.array([each.errors for each in made])
    assert all(each.reason in (None, Reason.UNKNOWN_TOPOLOGY) for each in blind.verdicts)
    assert any(each.is_supported for each in blind.verdicts)
    inside = (blind.meters.low <= truth) & (truth <= blind.meters.high)
    assert inside.mean() > 0.92
    assert all(b.power < k.power for b, k in zip(blind.verdicts, known.verdicts, strict=True))
    assert (np.abs(truth[blind.meters.exceeds > 0.9]) > 0.02).mean() >= 0.6


def test_the_more_meters_are_filed_the_more_is_found():
    made = simulate(970001)
    powers = []
    for unfiled in (0, 10, 60):
        groups = made.groups.copy()
        groups[:unfiled] = UNKNOWN
        powers.append(estimate(replace(balance_of([made]), groups=groups[None])).verdicts[0].power)
    assert all(more > less for more, less in pairwise(powers))


def test_a_wrong_place_is_corrected_and_no_right_one_is_lost():
    made = simulate(970003)
    busy = np.argsort(-made.registers[:, -1] + made.registers[:, 0])[[10, 30, 50]]
    groups = made.groups.copy()
    groups[busy] = (groups[busy] + 5) % 12
    found = regrouped(replace(balance_of([made]), groups=groups[None]), 0, 12)
    moved = found.groups != groups
    assert moved.sum() >= 2
    np.testing.assert_array_equal(found.groups[moved], made.groups[moved])


def test_regrouping_needs_most_meters_filed_and_some_days():
    made = simulate(1, design=Design(meters=30, days=3))
    assert regrouped(balance_of([made], topology_known=False), 0, 12) is None
    balance = balance_of([made])
    short = replace(balance, registers=balance.registers[:, :, :40], total=balance.total[:, :40])
    assert regrouped(short, 0, 12) is None
