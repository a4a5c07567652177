import numpy as np
import pytest

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.gas_energy.compressibility import Equation
from yuejingzhun.metrology.gas_energy.energy_account import (
    compression_factor_with_uncertainty,
    energy,
    energy_account,
    mean_pressure,
    reference_volume,
)
from yuejingzhun.metrology.uncertainty.budget import given, standard_uncertainty
from yuejingzhun.metrology.uncertainty.dual import Uncertain

NAMES, X = ["methane", "ethane", "nitrogen"], [0.95, 0.03, 0.02]


def exact(value: float) -> Uncertain:
    return given("", value, 0.0)


def test_volume_at_reference_conditions_by_hand() -> None:
    # 1000 m3 at 4 MPa and 10 degC with Z 0.91 and 0.998: 1000 * 4000/101.325 * 293.15/283.15 * 0.998/0.91
    volume = reference_volume(
        given("V", 1000.0, 2.0), given("p", 4000.0, 4.0), given("T", 283.15, 0.3), given("Z", 0.91, 0.001), 0.998
    )
    assert volume.value == pytest.approx(44823.51, abs=0.01)
    relative = np.sqrt((2 / 1000) ** 2 + (4 / 4000) ** 2 + (0.3 / 283.15) ** 2 + (0.001 / 0.91) ** 2)
    assert standard_uncertainty(volume) == pytest.approx(volume.value * relative, rel=1e-12)


def test_compression_factor_follows_pressure_and_temperature() -> None:
    pressure, temperature = given("p", 4000.0, 40.0), given("T", 283.15, 0.5)
    z = compression_factor_with_uncertainty(NAMES, X, pressure, temperature, Equation.DETAIL)
    higher = compression_factor_with_uncertainty(NAMES, X, exact(4040.0), exact(283.15), Equation.DETAIL)
    slopes = {key.name: d for key, d in z.derivatives.items()}
    assert slopes["p"] * 40 == pytest.approx(higher.value - z.value, rel=0.01)
    assert slopes["T"] > 0 > slopes["p"]
    assert slopes["AGA8-DETAIL"] == z.value
    # The density grows faster than the pressure because Z falls: the pressure's share is more than 1 %.
    volume = reference_volume(exact(1.0), pressure, temperature, z, 0.998)
    assert volume.derivatives[next(iter(pressure.derivatives))] * 40 > 0.01 * volume.value


def test_mean_pressure_of_a_pipe() -> None:
    assert mean_pressure(exact(5000.0), exact(5000.0)).value == pytest.approx(5000, rel=1e-14)
    # 2/3 (6 + 4 - 24/10) = 5.0667 MPa: above the plain mean, as the gas is denser where it is faster to enter
    assert mean_pressure(exact(6000.0), exact(4000.0)).value == pytest.approx(5066.6667, abs=1e-3)


def test_a_shared_chromatograph_cancels() -> None:
    gross = given("H", 37.0, 0.37)
    account = energy_account([energy(exact(1000.0), gross)], [energy(exact(990.0), gross)])
    assert account.unaccounted_mj == pytest.approx(370)
    assert account.u_unaccounted_mj == pytest.approx(3.7)  # 1 % of the difference, not of what passed
    assert account.relative == pytest.approx(0.01)
    assert account.significant is True


def test_balance_with_line_pack_and_own_use() -> None:
    account = energy_account(
        [given("city gate 1", 600.0, 3.0), given("city gate 2", 400.0, 4.0)],
        [given("users", 950.0, 12.0)],
        line_pack_change_mj=given("line pack", 20.0, 0.0),
        own_use_mj=10.0,
    )
    assert account.unaccounted_mj == 20
    assert account.u_unaccounted_mj == pytest.approx(13)  # 3-4-12-13
    assert account.significant is False
    assert energy_account([given("", 100.0, 1.0)], [given("", 97.9, 0.0)]).significant is True
    assert {key.name: float(part) for key, part in account.budget.contributions.items()}["users"] == 12


def test_periods_as_arrays() -> None:
    supply, use = np.array([100.0, 100.0, 100.0]), np.array([99.0, 90.0, 104.0])
    account = energy_account([given("in", supply, 1.0)], [given("out", use, 1.0)])
    assert account.relative == pytest.approx([0.01, 0.1, -0.04])
    assert np.asarray(account.significant).tolist() == [False, True, True]


def test_correlated_meters() -> None:
    one, other = given("in", 100.0, 1.0), given("out", 99.0, 1.0)
    keys = frozenset((next(iter(one.derivatives)), next(iter(other.derivatives))))
    assert energy_account([one], [other], correlations={keys: 1.0}).u_unaccounted_mj == pytest.approx(0, abs=1e-12)


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="inputs_mj"):
        energy_account([], [exact(1.0)])
    with pytest.raises(ArgumentError, match="inputs_mj"):
        energy_account([exact(0.0)], [])
    with pytest.raises(ArgumentError, match="outputs_mj"):
        energy_account([exact(1.0)], [exact(float("nan"))])
    with pytest.raises(ArgumentError, match="coverage_factor"):
        energy_account([exact(1.0)], [], coverage_factor=0)
    with pytest.raises(ArgumentError, match="pressure_kpa"):
        reference_volume(exact(1.0), exact(0.0), exact(283.0), exact(0.9), 0.998)
    with pytest.raises(ArgumentError, match="reference_compression_factor"):
        reference_volume(exact(1.0), exact(1.0), exact(283.0), exact(0.9), 0.0)
    with pytest.raises(ArgumentError, match="gross_mj_m3"):
        energy(exact(1.0), exact(-1.0))
