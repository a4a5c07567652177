"""Simulated water areas and gas zones: what they promise about themselves, and that each fault is there."""

import numpy as np
import pytest

from yuejingzhun.demo.fleet.flow_area import MISSING
from yuejingzhun.demo.fleet.flow_fault import FlowFault
from yuejingzhun.demo.fleet.gas_batch import gas_zones_of
from yuejingzhun.demo.fleet.gas_zone import GasDesign, simulate_gas
from yuejingzhun.demo.fleet.uses import Events, spread_over
from yuejingzhun.demo.fleet.water_area import WaterDesign, simulate_water
from yuejingzhun.demo.fleet.water_batch import water_areas_of

WATER = WaterDesign(homes=30, shops=1, days=6)
GAS = GasDesign(homes=30, restaurants=1, days=6)
BOTH = [(simulate_water, WATER), (simulate_gas, GAS)]


def volumes(area):
    return np.diff(area.registers) * area.step_m3


def test_events_are_spread_over_the_intervals_that_they_last():
    found = Events(np.array([0, 1, 1]), np.array([0.5, 0.0, 1.75]), np.array([1.0, 0.25, 4.0]), np.ones(3))
    got = spread_over(found, np.array([2.0, 3.0, 16.0]), homes=2, intervals=8, hours=0.5)
    np.testing.assert_allclose(got[0], [0, 1, 1, 0, 0, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(got[1], [3, 0, 0, 1, 2, 2, 2, 2], atol=1e-12)  # what lasts beyond the end is cut off


@pytest.mark.parametrize(("simulate", "design"), BOTH)
def test_an_area_is_the_same_for_the_same_seed_and_another_for_another(simulate, design):
    first, again, other = (simulate(seed, design=design) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.registers, again.registers)
    np.testing.assert_array_equal(first.inflow, again.inflow)
    assert (first.registers != other.registers).any()
    assert (np.diff(first.registers) >= 0).all() and (np.diff(first.inflow) >= 0).all()


def test_the_water_balance_closes_but_for_the_inlets_class():
    area = simulate_water(3, design=WATER)
    inflow = np.diff(area.inflow).sum() * area.inflow_step_m3
    use = area.zone_volume.sum()
    assert inflow == pytest.approx(use + area.loss_m3.sum(), rel=0.006)
    registered = (area.zone_volume * (1 + np.nan_to_num(area.zone_error))).sum()
    assert volumes(area).sum() == pytest.approx(registered, rel=0.01)  # uses go on at the end


def test_leakage_follows_pressure_and_drips_are_lost_below_the_starting_flow():
    area = simulate_water(4, design=WaterDesign(days=10))
    pressure = area.measured["pressure_kpa"]
    assert 0.5 < np.polyfit(np.log(pressure), np.log(area.loss_m3), 1)[0] < 1.6
    lowest = area.zone_error[:, 0][area.zone_volume[:, 0] > 0.1]
    assert np.nanmedian(lowest) < np.nanmedian(area.zone_error[:, 2])


@pytest.mark.parametrize(("simulate", "design"), BOTH)
def test_each_fault_is_there_when_its_switch_is_on(simulate, design):
    plain = simulate(6, design=design)

    def excess(area):
        return np.diff(area.inflow).sum() * area.inflow_step_m3 - volumes(area).sum()

    assert len(simulate(6, [FlowFault.UNLISTED_METER], design).registers) == 30
    assert excess(simulate(6, [FlowFault.THEFT], design)) > excess(plain) + 0.5
    assert excess(simulate(6, [FlowFault.FOREIGN_METER], design)) < excess(plain)
    assert len(simulate(6, [FlowFault.CLOCK_OFFSET], design).faulty) == 6
    assert simulate(6, [FlowFault.COARSE_REGISTERS], design).step_m3 == pytest.approx(10 * plain.step_m3)
    assert simulate(6, [FlowFault.COARSE_INFLOW], design).inflow_step_m3 == pytest.approx(100 * plain.inflow_step_m3)
    assert volumes(simulate(6, [FlowFault.LITTLE_USE], design)).sum() < 0.6 * volumes(plain).sum()
    stopped = simulate(6, [FlowFault.STOPPED_METER], design)
    assert np.ptp(stopped.registers[stopped.faulty[0], -96:]) == 0
    gone = simulate(6, [FlowFault.MISSING_DAYS], design)
    assert (gone.inflow == MISSING).sum() == 95 and not (gone.registers[:, ::96] == MISSING).any()


def test_a_burst_opens_and_is_mended_and_pressure_may_be_unknown():
    area = simulate_water(7, [FlowFault.BURST], WaterDesign(homes=30, days=20))
    high = area.loss_m3 > 1.5 * np.median(area.loss_m3)
    assert 96 * 0.8 < high.sum() < 96 * 7 and (np.diff(high.astype(int)) != 0).sum() <= 4
    unknown = simulate_water(7, [FlowFault.NO_PRESSURE], WATER)
    assert water_areas_of([unknown]).pressure_kpa is None


def test_batches_fill_up_what_is_smaller():
    areas = water_areas_of([simulate_water(8, design=WATER), simulate_water(8, [FlowFault.UNLISTED_METER], WATER)])
    assert areas.listed.sum(axis=1).tolist() == [31, 30]
    zones = gas_zones_of([simulate_gas(8, design=GAS), simulate_gas(8, [FlowFault.UNLISTED_METER], GAS)])
    assert zones.listed.sum(axis=1).tolist() == [31, 30]
    wrong = gas_zones_of([simulate_gas(8, [FlowFault.WRONG_SITE], GAS)])
    assert 0 < (wrong.site[0] != zones.site[0]).sum() < 12
