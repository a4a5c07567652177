"""Parts of the water and gas estimate against closed forms, published formulas and independent computations."""

from decimal import Decimal

import numpy as np
import pytest

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.fleet.flow.attribution import zoned
from yuejingzhun.metrology.fleet.flow.error_curve import gas_curves, water_curves, zone_of
from yuejingzhun.metrology.fleet.flow.late_clock import late_clocks
from yuejingzhun.metrology.fleet.flow.register_noise import Noise, fitted_noise, noise_filter, rounding_weight
from yuejingzhun.metrology.fleet.gas_zone import base_volume, line_pack, site_temperatures
from yuejingzhun.metrology.fleet.water_area import leakage_exponent
from yuejingzhun.metrology.gas_energy.energy_account import reference_volume
from yuejingzhun.metrology.uncertainty.budget import given
from yuejingzhun.procedures import jjg_162_cold_water_meter, jjg_577_diaphragm_gas_meter
from yuejingzhun.procedures.procedure import Point
from yuejingzhun.procedures.record import VerificationKind


def covariance(noise: Noise, extra: np.ndarray) -> np.ndarray:
    size = extra.size
    return np.diag(2 * noise.rounding + noise.flow + extra) - noise.rounding * (np.eye(size, k=1) + np.eye(size, k=-1))


def test_zones_of_water_are_those_of_the_regulation():
    curves = water_curves([2.5, 16.0], [100.0, 100.0], [2, 1])
    np.testing.assert_allclose(curves.bounds_m3_h[0], [0.025, 0.04, 2.5])  # Q1 = Q3 / R, Q2 = 1.6 Q1
    for row, (grade, q3) in enumerate((("2", "2.5"), ("1", "16"))):
        known = {"accuracy_class": grade, "q3_m3_per_h": q3, "ratio": "100", "water": jjg_162_cold_water_meter.COOL}
        for zone, key in ((1, "Q1"), (2, "Q2"), (3, "Q3")):
            limit = jjg_162_cold_water_meter.mpe(known, Point(key, key, {}), VerificationKind.IN_SERVICE)
            assert curves.mpe[row, zone] == pytest.approx(float(limit) / 100)
    assert np.isnan(curves.mpe[:, 0]).all()
    np.testing.assert_array_equal(
        zone_of(np.array([0.01, 0.025, 0.039, 1.0, 2.6]), curves.bounds_m3_h[0]), [0, 1, 1, 2, 3]
    )


def test_zones_of_gas_are_those_of_the_regulation():
    curves = gas_curves([4.0], [0.025], [1.5])
    np.testing.assert_allclose(curves.bounds_m3_h[0], [0.025, 0.4])  # q_t = 0.1 q_max
    known = {"accuracy_class": "1.5", "q_max_m3_per_h": Decimal(4), "q_min_m3_per_h": Decimal("0.025")}
    points = jjg_577_diaphragm_gas_meter.points(known, VerificationKind.IN_SERVICE)
    for zone, point in ((1, points[0]), (2, points[1])):
        limit = jjg_577_diaphragm_gas_meter.mpe(known, point, VerificationKind.IN_SERVICE)
        assert curves.mpe[0, zone] == pytest.approx(float(limit) / 100)


@pytest.mark.parametrize("wrong", [3, 1.5])
def test_a_class_that_does_not_exist_is_told(wrong):
    with pytest.raises(ArgumentError, match="级"):
        water_curves([2.5], [100.0], [wrong])


def test_the_filter_makes_noise_of_that_covariance_white():
    rng = np.random.default_rng(1)
    noise, extra = Noise(2.0, 0.3), rng.uniform(0, 5, 40) * (rng.uniform(size=40) < 0.3)
    through = noise_filter(noise, extra)
    whitening = through.white(np.eye(40)).T
    np.testing.assert_allclose(whitening @ covariance(noise, extra) @ whitening.T, np.eye(40), atol=1e-10)
    assert through.log_determinant == pytest.approx(np.linalg.slogdet(covariance(noise, extra))[1])
    series = rng.standard_normal(40)
    np.testing.assert_allclose(through.weighted(series), np.linalg.solve(covariance(noise, extra), series), atol=1e-10)


def test_the_weight_of_rounding_is_the_trace():
    noise, extra = Noise(1.5, 0.4), np.zeros(200)
    difference = 2 * np.eye(200) - np.eye(200, k=1) - np.eye(200, k=-1)
    wanted = np.trace(np.linalg.solve(covariance(noise, extra), difference))
    assert rounding_weight(noise, extra) == pytest.approx(wanted, rel=1e-3)


@pytest.mark.parametrize(("rounding", "flow"), [(1.0, 0.01), (1.0, 1.0), (0.01, 1.0)])
def test_the_noise_of_registers_and_that_of_flows_are_told_apart(rounding, flow):
    rng = np.random.default_rng(2)
    residual = np.sqrt(rounding) * np.diff(rng.standard_normal(4001)) + np.sqrt(flow) * rng.standard_normal(4000)
    found = fitted_noise(residual, np.zeros(4000), Noise(1.0, 1.0), 0.0)
    assert 2 * found.rounding + found.flow == pytest.approx(2 * rounding + flow, rel=0.1)
    assert found.flow / found.rounding == pytest.approx(flow / rounding, rel=0.9)


def test_days_that_do_not_count_do_not_move_the_noise():
    rng = np.random.default_rng(3)
    residual, extra = rng.standard_normal(2000), np.zeros(2000)
    residual[500:700] *= 100
    extra[500:700] = 1e6
    assert fitted_noise(residual, extra, Noise(1e-3, 1.0), 0.0).flow == pytest.approx(1.0, rel=0.15)


def test_a_steady_flow_is_told_from_short_uses_and_no_volume_is_lost():
    hours = 0.25
    volumes = np.zeros((3, 96))
    volumes[0, 20:60] = 0.007  # 28 L/h, between Q1 and Q2, for ten hours
    volumes[0, 80] = 0.05
    volumes[1, ::3] = 0.008  # a tap now and then, of the same mean flow
    found = zoned(volumes, np.full((3, 3), [0.025, 0.04, 2.5]), np.full(3, 0.001), 6, hours, 2, pure=1.0)
    assert list(zip(found.row.tolist(), found.zone.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2)]
    inside = slice(23, 57)  # at the ends a window holds too much rest
    np.testing.assert_allclose(found.volumes[0, inside], volumes[0, inside])
    assert found.volumes[0, 80] == 0
    for row in range(3):
        np.testing.assert_allclose(found.volumes[found.row == row].sum(axis=0), volumes[row])


def test_expected_volumes_keep_the_sum_and_move_the_given_share():
    volumes = np.zeros((1, 96))
    volumes[0, 10:50], volumes[0, 80:90] = 0.007, 0.05
    bounds, step = np.array([[0.025, 0.04, 2.5]]), np.array([0.001])
    sure, doubted = (zoned(volumes, bounds, step, 6, 0.25, 2, pure) for pure in (1.0, 0.8))
    np.testing.assert_allclose(doubted.volumes[0], 0.8 * sure.volumes[0])
    np.testing.assert_allclose(doubted.volumes.sum(axis=0), volumes[0])


@pytest.mark.parametrize("late", [-3, -1, 2, 4])
def test_a_clock_that_is_late_by_whole_intervals_is_found(late):
    rng = np.random.default_rng(4)
    true = rng.exponential(1.0, (5, 1500)) * (rng.uniform(size=(5, 1500)) < 0.2)
    seen = true.copy()
    seen[2] = np.roll(true[2], late)
    residual = true.sum(axis=0) - seen.sum(axis=0) + 0.05 * rng.standard_normal(1500)
    found = late_clocks(seen, np.ones(5), residual, noise_filter(Noise(1e-6, 0.0025), np.zeros(1500)))
    assert list(found) == [2] and found[2] == pytest.approx(late, abs=0.1)


def test_base_volume_is_what_the_account_of_energy_says():
    volume, pressure, temperature, z = (given("", value, 0.0) for value in (10.0, 103.4, 288.15, 0.9975))
    known = reference_volume(volume, pressure, temperature, z, 0.998)
    assert base_volume(10.0, 103.4, 15.0, 0.998 / 0.9975) == pytest.approx(known.value)
    assert base_volume(7.0, 101.325, 20.0) == pytest.approx(7.0)
    # A kelvin is a third of a per cent: V T_b / T.
    assert base_volume(1.0, 101.325, 21.0) == pytest.approx(293.15 / 294.15)
    with pytest.raises(ArgumentError, match="大于零"):
        base_volume(1.0, 101.325, -300.0)


def test_line_pack_follows_pressure_and_temperature():
    assert line_pack(100.0, 2 * 101.325, 20.0) == pytest.approx(200.0)
    assert line_pack(100.0, 101.325, 20.0 + 293.15) == pytest.approx(50.0)


def test_rooms_swing_less_than_walls():
    air = 15 + 5 * np.sin(2 * np.pi * np.arange(960) / 96)
    indoor, outdoor = site_temperatures(air, 96)
    assert np.ptp(indoor[96:-96]) < 0.1 < np.ptp(outdoor[96:-96]) <= np.ptp(air)
    assert indoor[480] == pytest.approx((15 + 24) / 2, abs=0.1)


def test_the_exponent_of_leaks_is_between_those_of_fixed_and_variable_areas():
    # FAVAD, May 1994: N1 from 0.5 (holes in metal) to 1.5 (slits in plastic); 1.15 where 65 % is of variable area.
    assert leakage_exponent(1.0, 0.0) == 0.5
    assert leakage_exponent(0.0, 1.0) == 1.5
    assert leakage_exponent(0.35, 0.65) == pytest.approx(1.15)
    # The local exponent of Q(h) = c1 h^0.5 + c2 h^1.5 is its logarithmic slope.
    h = np.array([1.0, 1.0 + 1e-6])
    q = 0.4 * h**0.5 + 0.7 * h**1.5
    assert leakage_exponent(0.4, 0.7) == pytest.approx(np.diff(np.log(q))[0] / np.diff(np.log(h))[0], rel=1e-5)
