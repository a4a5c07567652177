from functools import cache, partial

import allantools
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.clock.stability import (
    Deviation,
    Noise,
    identify_noise,
    stability_of_frequency,
    stability_of_phase,
)

# NIST SP 1065, Tables 30 and 31: the NBS14 data of nine frequencies and the 1000 frequencies of its generator.
NBS14 = [892, 809, 823, 798, 671, 644, 883, 903, 677]
SHORT = {
    Deviation.ADEV: ("91.22945", "115.8082"),
    Deviation.OADEV: ("91.22945", "85.95287"),
    Deviation.MDEV: ("91.22945", "74.78849"),
    Deviation.TDEV: ("52.67135", "86.35831"),
    Deviation.HDEV: ("70.80607", "116.7980"),
    Deviation.OHDEV: ("70.80607", "85.61487"),
    Deviation.TOTDEV: ("91.22945", "93.90379"),
    Deviation.MTOTDEV: ("75.50203", "75.83606"),
    Deviation.TTOTDEV: ("43.59112", "87.56794"),
    Deviation.HTOTDEV: ("70.80607", "91.16396"),
}
LONG = {
    Deviation.ADEV: ("2.922319e-01", "9.965736e-02", "3.897804e-02"),
    Deviation.OADEV: ("2.922319e-01", "9.159953e-02", "3.241343e-02"),
    Deviation.MDEV: ("2.922319e-01", "6.172376e-02", "2.170921e-02"),
    Deviation.TDEV: ("1.687202e-01", "3.563623e-01", "1.253382"),
    Deviation.HDEV: ("2.943883e-01", "1.052754e-01", "3.910860e-02"),
    Deviation.OHDEV: ("2.943883e-01", "9.581083e-02", "3.237638e-02"),
    Deviation.TOTDEV: ("2.922319e-01", "9.134743e-02", "3.406530e-02"),
    Deviation.MTOTDEV: ("2.418528e-01", "6.499161e-02", "2.287774e-02"),
    Deviation.TTOTDEV: ("1.396338e-01", "3.752293e-01", "1.320847"),
    Deviation.HTOTDEV: ("2.943883e-01", "9.614787e-02", "3.058103e-02"),
}
# The modified total deviations at m = 100 take seconds; the first two already tell.
SLOW = (Deviation.MTOTDEV, Deviation.TTOTDEV, Deviation.HTOTDEV)


# By deviation and averaging factor: figures whose seventh digit does not follow from the printed data.
LAST_DIGIT = {
    (Deviation.MTOTDEV, 2): {"within": "0.7", "because": "印出的第七位由印出的数据重算不出"},
    (Deviation.TTOTDEV, 2): {"within": "0.7", "because": "印出的第七位由印出的数据重算不出"},
    (Deviation.HDEV, 100): {"within": "0.7", "because": "印出的第七位由印出的数据重算不出"},
    (Deviation.HTOTDEV, 10): {"within": "0.7", "because": "印出的第七位由印出的数据重算不出"},
}


@cache
def thousand() -> np.ndarray:
    n = [1234567890]
    for _ in range(999):
        n.append(16807 * n[-1] % 2147483647)
    return np.array(n) / 2147483647


@pytest.mark.parametrize("deviation", SHORT)
def test_nine_points_of_sp_1065(deviation: Deviation, published: Published) -> None:
    found = stability_of_frequency(NBS14, 1.0, [1, 2], deviation, Noise.WHITE_FM, intervals=False)
    row = partial(published.series, "SP 1065 表 30", "NIST SP 1065 表 30，NBS14 的 9 个频率值")
    row(f"9 点，{deviation.name}，m = 1、2", SHORT[deviation], found.value, **LAST_DIGIT.get((deviation, 2), {}))


@pytest.mark.parametrize("deviation", LONG)
def test_thousand_points_of_sp_1065(deviation: Deviation, published: Published) -> None:
    factors = [1, 10] if deviation in SLOW else [1, 10, 100]
    found = stability_of_frequency(thousand(), 1.0, factors, deviation, intervals=False)
    row = partial(published.series, "SP 1065 表 31", "NIST SP 1065 表 31，1000 个频率值")
    case = f"1000 点，{deviation.name}，m = {'、'.join(map(str, factors))}"
    row(case, LONG[deviation][: len(factors)], found.value, **LAST_DIGIT.get((deviation, factors[-1]), {}))


def test_the_correction_that_allantools_leaves_out() -> None:
    phase = np.concatenate([[0], np.cumsum(thousand())])
    raw = allantools.mtotdev(phase, 1.0, "phase", [10.0])[1][0]
    ours = stability_of_frequency(thousand(), 1.0, [10], Deviation.MTOTDEV).value[0]
    assert ours / raw == pytest.approx(1.1704, abs=5e-5)


def test_interval_against_the_chi_squared_by_hand() -> None:
    # White FM, m = 10 of 1000: the interval at 68 %, by the Greenhall formula of SP 1065 5.4 as allantools has it.
    found = stability_of_frequency(thousand(), 1.0, [10], Deviation.OADEV, Noise.WHITE_FM)
    assert found.edf == pytest.approx([allantools.edf_greenhall(0, 2, 10, 1001, True, False)])
    low, high = allantools.confidence_interval(found.value[0], found.edf[0])
    assert (found.low[0], found.high[0]) == pytest.approx((low, high), rel=1e-9)
    wide = stability_of_frequency(thousand(), 1.0, [10], Deviation.OADEV, Noise.WHITE_FM, confidence=0.95)
    assert wide.low[0] < found.low[0] < found.value[0] < found.high[0] < wide.high[0]


@pytest.mark.parametrize("deviation", [d for d in SHORT if d not in SLOW])
def test_every_member_has_an_interval(deviation: Deviation) -> None:
    found = stability_of_frequency(thousand(), 1.0, [1, 2, 4, 8], deviation)
    assert (found.low < found.value).all() and (found.value < found.high).all()
    assert (np.diff(found.edf) < 0).all()


@pytest.mark.parametrize(("noise", "power"), [(Noise.WHITE_PM, 0), (Noise.WHITE_FM, 1), (Noise.RANDOM_WALK_FM, 2)])
def test_noise_is_identified(noise: Noise, power: int) -> None:
    x = np.random.default_rng(8).standard_normal(4000)
    for _ in range(power):
        x = np.cumsum(x)
    assert identify_noise(x) is noise


def test_coverage_of_the_interval() -> None:
    # White FM of known Allan deviation 1/sqrt(m): the interval at 90 % covers it in about 90 % of 200 records.
    generator = np.random.default_rng(9)
    covered = 0
    for _ in range(200):
        found = stability_of_frequency(generator.standard_normal(256), 1.0, [16], noise=Noise.WHITE_FM, confidence=0.9)
        covered += bool(found.low[0] <= 0.25 <= found.high[0])
    assert 165 <= covered <= 195


@settings(max_examples=20, deadline=None)
@given(st.floats(1e-12, 1e3), st.floats(0.01, 100), st.floats(-1, 1), st.integers(0, 99))
def test_units_offset_and_direction(scale: float, interval: float, offset: float, seed: int) -> None:
    x = np.cumsum(np.random.default_rng(seed).standard_normal(64))
    plain = stability_of_phase(x, 1.0, [1, 4], noise=Noise.WHITE_FM)
    moved = scale * (x[::-1] + offset * np.arange(64))
    other = stability_of_phase(moved, interval, [1, 4], noise=Noise.WHITE_FM)
    assert other.value == pytest.approx(plain.value * scale / interval, rel=1e-8)
    assert other.tau_s == pytest.approx([interval, 4 * interval])


def test_a_large_frequency_offset_costs_no_digits() -> None:
    y = thousand()
    assert stability_of_frequency(y + 1e6, 1.0, [10]).value == pytest.approx(
        stability_of_frequency(y, 1.0, [10]).value, rel=1e-8
    )


def test_octaves_are_the_default_and_interval_free_statistics_have_none() -> None:
    assert stability_of_phase(np.cumsum(thousand()), 1.0).averaging_factors.tolist() == [2**k for k in range(8)]
    mtie = stability_of_phase(np.cumsum(thousand()), 1.0, [1, 2], Deviation.MTIE)
    assert mtie.low is None and mtie.noise is None and mtie.value[1] >= mtie.value[0] > 0
    assert (stability_of_phase(np.cumsum(thousand()), 1.0, None, Deviation.THEO1).averaging_factors % 2 == 0).all()


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: stability_of_phase([1, 2], 1.0), "phase_s"),
        (lambda: stability_of_phase([[1, 2, 3]], 1.0), "phase_s"),
        (lambda: stability_of_phase([1, np.nan, 2, 3], 1.0), "phase_s"),
        (lambda: stability_of_phase(np.ones(100), 1.0), "phase_s"),
        (lambda: stability_of_phase(np.arange(10.0) ** 3, 1.0, [1]), "phase_s"),  # too short to identify its noise
        (lambda: stability_of_phase(np.arange(100.0) ** 3, 0.0), "interval_s"),
        (lambda: stability_of_phase(np.arange(100.0) ** 3, 1.0, [0]), "averaging_factors"),
        (lambda: stability_of_phase(np.arange(100.0) ** 3, 1.0, [60]), "averaging_factors"),
        (lambda: stability_of_phase(np.arange(100.0), 1.0, [1], noise=Noise.RANDOM_RUN_FM), "noise"),
        (lambda: stability_of_phase(np.arange(100.0), 1.0, [1], confidence=1.0), "confidence"),
        (lambda: stability_of_frequency([1.0], 1.0), "frequency"),
    ],
)
def test_bad_input_is_named(call, argument: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        call()
    assert refused.value.argument == argument
