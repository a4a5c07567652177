"""Frequency stability: the Allan family with confidence intervals (NIST SP 1065, IEEE 1139-2022, JJG 180).

The estimators and their degrees of freedom are the allantools library's. Added are the choice of the noise type, the
intervals, and the bias corrections of the modified, time and Hadamard total deviations, which allantools leaves out
and the tables of SP 1065 include: for white frequency noise factors of 1.1704, 1.1704 and 1.0025.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, positive, probability


class Deviation(Enum):
    """Statistic; the value is allantools' name."""

    ADEV = "adev"
    OADEV = "oadev"
    MDEV = "mdev"
    TDEV = "tdev"
    HDEV = "hdev"
    OHDEV = "ohdev"
    TOTDEV = "totdev"
    MTOTDEV = "mtotdev"
    TTOTDEV = "ttotdev"
    HTOTDEV = "htotdev"
    THEO1 = "theo1"
    MTIE = "mtie"
    TIERMS = "tierms"


class Noise(Enum):
    """Power-law noise; the value is the exponent alpha of the spectrum of fractional frequency."""

    WHITE_PM = 2
    FLICKER_PM = 1
    WHITE_FM = 0
    FLICKER_FM = -1
    RANDOM_WALK_FM = -2
    FLICKER_WALK_FM = -3
    RANDOM_RUN_FM = -4


# Variance of the modified total estimator by the modified Allan variance (SP 1065 5.2.12, Table 5).
_MODIFIED_TOTAL_BIAS = {
    Noise.WHITE_PM: 0.94,
    Noise.FLICKER_PM: 0.83,
    Noise.WHITE_FM: 0.73,
    Noise.FLICKER_FM: 0.70,
    Noise.RANDOM_WALK_FM: 0.69,
}
# Variance of the Hadamard total estimator by the Hadamard variance (same place); none at m = 1, which is OHDEV.
_HADAMARD_TOTAL_BIAS = {
    Noise.WHITE_FM: 0.995,
    Noise.FLICKER_FM: 0.851,
    Noise.RANDOM_WALK_FM: 0.771,
    Noise.FLICKER_WALK_FM: 0.717,
    Noise.RANDOM_RUN_FM: 0.679,
}
_BIASED = (Deviation.MTOTDEV, Deviation.TTOTDEV, Deviation.HTOTDEV)
# A deviation at m needs more readings than this many m, for two terms at least.
_SPAN = {
    Deviation.ADEV: 3,
    Deviation.OADEV: 2,
    Deviation.MDEV: 3,
    Deviation.TDEV: 3,
    Deviation.HDEV: 4,
    Deviation.OHDEV: 3,
    Deviation.MTOTDEV: 3,
    Deviation.TTOTDEV: 3,
    Deviation.HTOTDEV: 3,
}
# Order of difference, overlapping, modified: arguments of Greenhall's combined formula (SP 1065 5.4.1).
_GREENHALL = {
    Deviation.ADEV: (2, False, False),
    Deviation.OADEV: (2, True, False),
    Deviation.MDEV: (2, True, True),
    Deviation.TDEV: (2, True, True),
    Deviation.HDEV: (3, False, False),
    Deviation.OHDEV: (3, True, False),
}
_TOTAL_NOISE = (Noise.WHITE_FM, Noise.FLICKER_FM, Noise.RANDOM_WALK_FM)
_SHORTEST_TO_IDENTIFY = 30
ONE_SIGMA = 0.6826894921370859


@dataclass(frozen=True, slots=True)
class Stability:
    """One deviation over averaging times.

    `value` is fractional frequency, for TDEV, TTOTDEV, MTIE and TIERMS seconds. `low`, `high` bound it at the
    confidence asked for, `edf` are the degrees of freedom: None where no noise type was asked for or SP 1065 gives
    no formula (HTOTDEV, THEO1, MTIE, TIERMS). `noise` is the type taken for each averaging time.
    """

    deviation: Deviation
    tau_s: Floats
    averaging_factors: NDArray[np.int64]
    value: Floats
    noise: tuple[Noise, ...] | None
    edf: Floats | None
    low: Floats | None
    high: Floats | None


def stability_of_phase(
    phase_s: ArrayLike,
    interval_s: float,
    averaging_factors: Sequence[int] | None = None,
    deviation: Deviation = Deviation.OADEV,
    noise: Noise | None = None,
    confidence: float = ONE_SIGMA,
    intervals: bool = True,
) -> Stability:
    """A deviation of phase (time) readings in seconds, one-dimensional, evenly spaced by `interval_s`.

    `averaging_factors` m give tau = m interval_s; None takes the octaves up to a quarter of the record. `noise` is
    identified by lag-1 autocorrelation for each m where it is None (SP 1065 5.5), from at least 30 averages, else
    as for the largest m that has them. Without `intervals` only the total deviations with a bias need it.
    Raises ArgumentError for too few or equal readings, an m that the record is too short for, and a record too
    short to identify its noise.
    """
    import allantools  # type: ignore[import-untyped]  # here, not above: it is slow to import

    x = finite("phase_s", phase_s)
    if x.ndim != 1 or len(x) < 3:
        raise ArgumentError("phase_s", f"应为至少 3 个读数的一维数列，形状为 {x.shape}")
    tau0, level = float(positive("interval_s", interval_s)), probability("confidence", confidence)
    m = _factors(averaging_factors, len(x), deviation)
    value, tau = _deviations(allantools, x, tau0, m, deviation), m.astype(np.float64) * tau0
    wanted = deviation in _BIASED or (intervals and (deviation in _GREENHALL or deviation is Deviation.TOTDEV))
    types = _types(allantools, x, m, deviation, noise) if wanted else None
    edf = low = high = None
    if types and deviation in _BIASED:
        value = value / np.sqrt([_bias(deviation, kind, k) for kind, k in zip(types, m.tolist(), strict=True)])
    if types and intervals and deviation is not Deviation.HTOTDEV:
        edf = np.array([_edf(allantools, deviation, *pair, len(x)) for pair in zip(types, m.tolist(), strict=True)])
        # Chi-squared interval of a variance (SP 1065 5.3.2).
        low, high = (value * np.sqrt(edf / special.chdtri(edf, (1 + side * level) / 2)) for side in (-1, 1))
    return Stability(deviation, tau, m, value, types, edf, low, high)


def stability_of_frequency(
    frequency: ArrayLike,
    interval_s: float,
    averaging_factors: Sequence[int] | None = None,
    deviation: Deviation = Deviation.OADEV,
    noise: Noise | None = None,
    confidence: float = ONE_SIGMA,
    intervals: bool = True,
) -> Stability:
    """As `stability_of_phase`, from fractional frequencies averaged over `interval_s`, without gaps."""
    y = finite("frequency", frequency)
    if y.ndim != 1 or len(y) < 2:
        raise ArgumentError("frequency", f"应为至少 2 个读数的一维数列，形状为 {y.shape}")
    # The mean is taken off first: a frequency offset changes no deviation but costs digits in the sum.
    mean = y.mean() if deviation not in (Deviation.MTIE, Deviation.TIERMS) else 0.0
    phase = np.concatenate([[0.0], np.cumsum(y - mean)]) * float(positive("interval_s", interval_s))
    return stability_of_phase(phase, interval_s, averaging_factors, deviation, noise, confidence, intervals)


def identify_noise(phase_s: ArrayLike, averaging_factor: int = 1, drift: bool = False) -> Noise:
    """Dominant power-law noise at an averaging factor, by lag-1 autocorrelation (SP 1065 5.5.3).

    With `drift` down to random run FM, as the Hadamard deviations need it. Raises ArgumentError where fewer than 30
    averages remain or the readings don't vary.
    """
    import allantools

    x = finite("phase_s", phase_s)
    count = len(x[::averaging_factor]) if averaging_factor >= 1 and x.ndim == 1 else 0
    if count < _SHORTEST_TO_IDENTIFY:
        raise ArgumentError("phase_s", f"识别噪声类型至少需要 {_SHORTEST_TO_IDENTIFY} 个平均值，只有 {count}")
    if not np.ptp(np.diff(x, 2)) > 0:
        raise ArgumentError("phase_s", "读数没有起伏，无法识别噪声类型")
    alpha = int(allantools.autocorr_noise_id(x, averaging_factor, "phase", 0, 3 if drift else 2)[0])
    return Noise(min(max(alpha, -4 if drift else -2), 2))


def _factors(asked: Sequence[int] | None, count: int, deviation: Deviation) -> NDArray[np.int64]:
    if asked is None:
        octaves = 2 ** np.arange(max(1, int(np.log2(max(count // 4, 1))) + 1))
        return octaves[octaves > 1] if deviation is Deviation.THEO1 else octaves
    factors = finite("averaging_factors", asked)
    if factors.ndim != 1 or not len(factors) or np.any(factors < 1) or np.any(factors != np.floor(factors)):
        raise ArgumentError("averaging_factors", "应为不小于 1 的整数的数列")
    return np.unique(factors).astype(np.int64)


def _deviations(library: Any, x: Floats, tau0: float, m: NDArray[np.int64], deviation: Deviation) -> Floats:
    lost = [k for k in m.tolist() if len(x) <= _SPAN.get(deviation, 1) * k + 1]
    found: list[int] = []
    if not lost:
        # Unit spacing inside, so that tau never misses an integer by rounding.
        with np.errstate(all="ignore"):
            taus, values, _, _ = getattr(library, deviation.value)(x / tau0, 1.0, "phase", m.astype(np.float64))
        found = np.round(np.asarray(taus)).astype(np.int64).tolist()
        lost = sorted(set(m.tolist()) - set(found))
    if lost:
        raise ArgumentError("averaging_factors", f"{len(x)} 个读数不足以计算 m = {'、'.join(map(str, lost))}")
    in_seconds = (Deviation.TDEV, Deviation.TTOTDEV, Deviation.MTIE, Deviation.TIERMS)
    result: Floats = np.asarray(values, dtype=np.float64) * (tau0 if deviation in in_seconds else 1.0)
    return finite("phase_s", result)


def _types(
    library: Any, x: Floats, m: NDArray[np.int64], deviation: Deviation, noise: Noise | None
) -> tuple[Noise, ...]:
    drift = deviation in (Deviation.HDEV, Deviation.OHDEV, Deviation.HTOTDEV)
    types: list[Noise] = []
    for factor in m.tolist():
        if noise is not None:
            types.append(noise)
        elif len(x[::factor]) < _SHORTEST_TO_IDENTIFY and types:
            types.append(types[-1])
        else:
            # From the largest factor that leaves enough averages, if the first one asked for leaves too few.
            largest = max(1, (len(x) - 1) // (_SHORTEST_TO_IDENTIFY - 1))
            types.append(identify_noise(x, min(factor, largest), drift))
    return tuple(types)


def _bias(deviation: Deviation, noise: Noise, m: int) -> float:
    hadamard = deviation is Deviation.HTOTDEV
    if hadamard and m == 1:
        return 1.0
    known = _HADAMARD_TOTAL_BIAS if hadamard else _MODIFIED_TOTAL_BIAS
    if noise not in known:
        raise ArgumentError("noise", f"{deviation.name} 没有 {noise.name} 的偏差改正（SP 1065）")
    return known[noise]


def _edf(library: Any, deviation: Deviation, noise: Noise, m: int, count: int) -> float:
    """Equivalent degrees of freedom (SP 1065 5.4); at least one."""
    if deviation in _GREENHALL:
        order, overlapping, modified = _GREENHALL[deviation]
        if noise.value + 2 * order <= 1:
            raise ArgumentError("noise", f"{deviation.name} 对 {noise.name} 不收敛")
        edf = library.edf_greenhall(noise.value, order, m, count, overlapping, modified)
    elif deviation is Deviation.TOTDEV:
        # Table 7 knows frequency noise only; for phase noise the white one is the nearest.
        kind = noise if noise in _TOTAL_NOISE else _TOTAL_NOISE[0] if noise.value > 0 else _TOTAL_NOISE[-1]
        edf = library.edf_totdev(count, m, kind.value)
    else:
        edf = library.edf_mtotdev(count, m, noise.value)
    return max(float(edf), 1.0)
