import numpy as np
import pytest

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.clock.transfer import common_view, sagnac_delay, two_way
from yuejingzhun.metrology.uncertainty.budget import budget, given

EARTH_RADIUS_M = 6_378_137.0  # WGS 84


def test_satellite_clocks_cancel() -> None:
    generator = np.random.default_rng(10)
    satellite = 1e-3 * generator.standard_normal((5, 4))
    link = common_view(25e-9 - satellite, 5e-9 - satellite, {"calibration": 3e-9, "ionosphere": 4e-9})
    assert link.difference_s == pytest.approx(np.full(5, 20e-9), abs=1e-17)
    assert link.u_a_s == pytest.approx(np.zeros(5), abs=1e-17)
    assert link.u_s == pytest.approx(np.full(5, 5e-9))


def test_scatter_is_pooled_over_epochs() -> None:
    generator = np.random.default_rng(11)
    noise = 2e-9 * generator.standard_normal((2000, 5))
    tracked = np.ones((2000, 5), bool)
    tracked[0, 1:] = False
    link = common_view(noise, np.zeros((2000, 5)), {}, tracked)
    assert link.u_a_s[1] == pytest.approx(2e-9 / np.sqrt(5), rel=0.03)
    assert link.u_a_s[0] == pytest.approx(2e-9, rel=0.03)  # one satellite, its own scatter unknown
    assert link.satellites[:2].tolist() == [1, 5]
    assert link.difference_s[1:].std() == pytest.approx(link.u_a_s[1], rel=0.05)


def test_mean_and_scatter_by_hand() -> None:
    link = common_view([[1.0, 3.0]], [[0.0, 0.0]], {"cable": 0.5}, weights=[[1.0, 1.0]])
    assert (link.difference_s[0], link.u_a_s[0]) == pytest.approx((2, 1))  # s = sqrt(2), by sqrt(2)
    assert link.u_s[0] == pytest.approx(np.hypot(1, 0.5))
    weighted = common_view([[1.0, 3.0]], [[0.0, 0.0]], {}, weights=[[3.0, 1.0]])
    assert weighted.difference_s[0] == pytest.approx(1.5)


def test_untracked_readings_are_not_looked_at() -> None:
    tracked = [[True, True, False]]
    link = common_view([[1e-9, 2e-9, np.nan]], [[0.0, 0.0, 7.0]], {}, tracked)
    assert link.difference_s[0] == pytest.approx(1.5e-9)
    with pytest.raises(ArgumentError, match="a_minus_satellite_s"):
        common_view([[1e-9, 2e-9, np.nan]], [[0.0, 0.0, 7.0]], {})


def test_two_way_of_a_simulated_exchange() -> None:
    # Clock 1 ticks 100 ns before clock 2; ways of 0.26 s, unequal by the Earth's rotation and the equipment.
    ahead, path, sagnac = 100e-9, 0.26, 90e-9
    transmit, receive = (300e-9, 500e-9), (200e-9, 250e-9)
    there = transmit[0] + path + sagnac + receive[1]
    back = transmit[1] + path - sagnac + receive[0]
    result = two_way(
        given("TI 1", ahead + back, 1e-10),
        given("TI 2", -ahead + there, 1e-10),
        given("station 1", transmit[0] - receive[0], 2e-9),
        given("station 2", transmit[1] - receive[1], 2e-9),
        sagnac,
    )
    assert result.value == pytest.approx(ahead, abs=1e-15)
    table = budget(result)
    assert table.u == pytest.approx(np.sqrt(2 * (0.5e-10) ** 2 + 2 * 1e-18), rel=1e-12)
    assert {key.name for key in table.contributions} == {"TI 1", "TI 2", "station 1", "station 2"}


def test_sagnac_once_around_the_equator(published: Published) -> None:
    angle = np.linspace(0, 2 * np.pi, 5000)
    stops = EARTH_RADIUS_M * np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=1)
    source = "Ashby，Living Reviews in Relativity 6 (2003) 1，第 2 节"
    published("Ashby 2003", source, "沿赤道一周的 Sagnac 时延", "207.4", sagnac_delay(*stops) * 1e9, "ns")
    published("Ashby 2003", source, "沿赤道一周，反向", "-207.4", sagnac_delay(*stops[::-1]) * 1e9, "ns")


def test_sagnac_of_arrays_and_of_a_meridian() -> None:
    pole, equator = np.array([0, 0, 6.36e6]), np.array([6.38e6, 0, 0])
    assert sagnac_delay(pole, equator) == 0
    assert sagnac_delay(np.stack([pole, equator]), np.array([0, 4.2e7, 0])).shape == (2,)


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="形"):
        common_view([[1.0, 2.0]], [[1.0]], {})
    with pytest.raises(ArgumentError, match="第 2 个历元"):
        common_view(np.ones((2, 2)), np.ones((2, 2)), {}, [[True, True], [False, False]])
    with pytest.raises(ArgumentError, match="tracked"):
        common_view(np.ones((3, 1)), np.ones((3, 1)), {})
    with pytest.raises(ArgumentError, match="ionosphere"):
        common_view(np.ones((3, 2)), np.ones((3, 2)), {"ionosphere": -1.0})
    with pytest.raises(ArgumentError, match="stops_m"):
        sagnac_delay([1.0, 2.0, 3.0])
