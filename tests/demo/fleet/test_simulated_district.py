"""Simulated districts: what they promise about themselves, and that each fault is there when its switch is on."""

import numpy as np
import pytest

from yuejingzhun.demo.fleet.batch import balance_of
from yuejingzhun.demo.fleet.district import GROUPS, MISSING, Design, simulate
from yuejingzhun.demo.fleet.fault import Fault
from yuejingzhun.demo.fleet.voltage import simulate_voltages

SMALL = Design(meters=40, days=6)


def energies(district):
    return np.diff(district.registers) * district.resolution_kwh


def test_a_district_is_the_same_for_the_same_seed_and_another_for_another():
    first, again, other = simulate(1, design=SMALL), simulate(1, design=SMALL), simulate(2, design=SMALL)
    np.testing.assert_array_equal(first.registers, again.registers)
    assert (first.registers != other.registers).any()


def test_the_balance_closes_within_the_steps_of_the_registers():
    district = simulate(3, design=SMALL)
    total = (district.total[-1] - district.total[0]) * district.total_resolution_kwh
    true = (energies(district).sum(axis=1) / (1 + district.errors)).sum()
    assert total - true == pytest.approx(district.losses_kwh.sum(), abs=40 * 0.011 + 0.008)


def test_registers_rise_and_losses_have_the_promised_share():
    for seed in range(5):
        district = simulate(seed)
        assert district.registers.shape == (200, 30 * 96 + 1)
        assert (np.diff(district.registers) >= 0).all() and (np.diff(district.total) >= 0).all()
        share = district.losses_kwh.sum() / (np.diff(district.total).sum() * district.total_resolution_kwh)
        assert 0.014 < share < 0.046
        assert set(district.groups) == set(range(GROUPS))


def test_two_meters_are_bad_and_the_others_are_spread_as_the_design_says():
    errors = np.array([simulate(seed, design=Design(meters=200, days=1)).errors for seed in range(20)])
    bad = np.abs(errors) >= 0.02
    assert (bad.sum(axis=1) == 2).all() and np.abs(errors).max() <= 0.10
    assert errors[~bad].std() == pytest.approx(0.0035, rel=0.05)


def test_missing_days_are_marked_and_the_midnight_register_is_kept():
    district = simulate(4, [Fault.MISSING_DAYS], Design(meters=100, days=10))
    gone = district.registers == MISSING
    assert gone.any() and not gone[:, ::96].any()
    assert (district.total == MISSING).sum() == 95


def test_feed_in_adds_rows_of_the_other_sign():
    district = simulate(5, [Fault.FEED_IN], SMALL)
    assert (district.signs < 0).sum() == 4
    assert energies(district)[district.signs < 0].sum() > 0


def test_an_unlisted_meter_is_a_row_less_and_a_stolen_load_raises_the_total():
    assert len(simulate(6, [Fault.UNLISTED_METER], SMALL).signs) == 39
    excess = {}
    for faults in ((), (Fault.THEFT,)):
        district = simulate(6, faults, SMALL)
        rise = (district.total[-1] - district.total[0]) * district.total_resolution_kwh
        excess[faults] = rise - energies(district).sum()
    assert excess[Fault.THEFT,] > excess[()] + 1


def test_coarse_registers_have_coarse_steps():
    assert simulate(7, [Fault.COARSE_REGISTERS], SMALL).resolution_kwh == 0.1
    assert simulate(7, [Fault.COARSE_TOTAL], SMALL).total_resolution_kwh == pytest.approx(0.8)


def test_a_batch_is_filled_up_with_rows_of_no_sign():
    balance = balance_of([simulate(8, design=SMALL), simulate(8, [Fault.FEED_IN], SMALL)])
    assert balance.registers.shape[:2] == (2, 44)
    assert (balance.signs[0, 40:] == 0).all() and (balance.signs[1, 40:] == -1).all()


def test_voltages_of_one_branch_and_phase_sag_together():
    volts = simulate_voltages(9, design=SMALL)
    groups = simulate(9, design=SMALL).groups
    assert volts.shape == (40, 6 * 96) and (volts > 180).all() and (volts < 260).all()
    np.testing.assert_allclose(volts * 10, np.round(volts * 10), atol=1e-6)
    alike = np.corrcoef(np.diff(volts, axis=1))
    same = (groups[:, None] == groups) & ~np.eye(40, dtype=bool)
    assert alike[same].mean() > alike[groups[:, None] != groups].mean() + 0.2
