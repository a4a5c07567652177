"""Time scale of an ensemble of clocks: an algorithm like NIST's AT1, and a Kalman filter (原子钟组守时).

Both take the phases of all clocks against one common reference, which may be one of them: what the reference does
cancels. AT1 (Levine, Metrologia 49 (2012) 782) predicts each clock from its own frequency, averages the
predictions with weights from their past errors and steers nothing: the ensemble is the weighted mean clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, positive, whole, within
from yuejingzhun.metrology.clock.holdover import ClockNoise, process_covariance

# Keeps the covariance a little inside of what it may lose, so that rounding can't make it indefinite.
_NEARLY = 0.999


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Results of shape (epochs, clocks): phase of each clock minus ensemble time, its frequency, weight, rejection."""

    offset_s: Floats
    frequency: Floats
    weights: Floats
    rejected: NDArray[np.bool_]


def at1(
    phase_s: ArrayLike,
    interval_s: float,
    start_epochs: int = 10,
    frequency_memory: float = 20.0,
    variance_memory: float = 50.0,
    largest_weight: float = 0.3,
    rejection: float = 4.0,
) -> Ensemble:
    """Ensemble time by the method of AT1, from phases (epochs, clocks) in s against one reference.

    The first `start_epochs` give frequencies and variances, with equal weights. Then frequencies and error variances
    follow exponentially over their memories, counted in epochs; no weight exceeds `largest_weight` (or 1/clocks); a
    clock further from the others' mean than `rejection` standard deviations gets no weight in that epoch. Raises
    ArgumentError for fewer than 3 clocks or too few epochs, and for parameters out of range.
    """
    phase, tau, start = _readings(phase_s, interval_s, start_epochs)
    within("frequency_memory", frequency_memory, 1, np.inf)
    within("variance_memory", variance_memory, 1, np.inf)
    limit, k = float(within("largest_weight", largest_weight, 0, 1)), float(positive("rejection", rejection))
    result = _begin(phase, tau, start)
    x, y = result.offset_s[start - 1], result.frequency[start - 1]
    # Below the rounding of the readings no error means anything.
    rounding = (8 * np.finfo(np.float64).eps * float(np.abs(phase).max())) ** 2
    variance = np.maximum(_start_variance(result.offset_s[:start]), rounding)
    for epoch in range(start, len(phase)):
        predicted = x + tau * y
        votes = predicted - phase[epoch]  # what each clock says of reference minus ensemble
        keep, weights = _accepted(votes, variance, np.diag(variance), k, limit)
        now = phase[epoch] + weights @ votes
        alone, spread = _against_others(votes, weights, np.diag(variance))
        errors = np.maximum(alone**2 - (spread - variance), rounding)  # less what the other clocks' mean adds
        variance = np.where(keep, variance + (errors - variance) / variance_memory, variance)
        # A step in phase is no frequency: a rejected clock keeps the one it had.
        y = np.where(keep, y + ((now - x) / tau - y) / frequency_memory, y)
        x = now
        result.offset_s[epoch], result.frequency[epoch] = x, y
        result.weights[epoch], result.rejected[epoch] = weights, ~keep
    return result


def kalman(
    phase_s: ArrayLike, interval_s: float, noises: Sequence[ClockNoise], start_epochs: int = 10, rejection: float = 4.0
) -> Ensemble:
    """Ensemble time by a Kalman filter with two states a clock, from phases as for `at1` and the clocks' noise.

    The common phase can't be observed; its covariance is taken out in every epoch, which leaves the gain as it is
    (Greenhall, Metrologia 49 (2012) 311) and the numbers small. `weights` are the shares of the clocks' readings in
    the step of the ensemble, exact where white PM is small. Rejection is as in `at1`; flicker FM is not modelled.
    Raises ArgumentError as `at1` does, and for a clock without white or random-walk FM.
    """
    phase, tau, start = _readings(phase_s, interval_s, start_epochs)
    clocks = phase.shape[1]
    if len(noises) != clocks or any(noise.white_fm + noise.random_walk_fm == 0 for noise in noises):
        raise ArgumentError("noises", f"应为 {clocks} 台钟各给出白频率或随机游走频率噪声")
    k = float(positive("rejection", rejection))
    result = _begin(phase, tau, start)
    reading = np.array([noise.white_pm_s**2 for noise in noises])
    growth = np.zeros((2 * clocks, 2 * clocks))
    step = np.eye(2 * clocks)
    for i, noise in enumerate(noises):
        growth[np.ix_([i, clocks + i], [i, clocks + i])] = process_covariance(noise, tau)
        step[i, clocks + i] = tau
    state = np.concatenate([result.offset_s[start - 1], result.frequency[start - 1]])
    # Frequencies from the ends of the start: their variance is that of the phase between, over its length squared.
    span = (start - 1) * tau
    ends = [process_covariance(noise, span)[0, 0] + 2 * noise.white_pm_s**2 for noise in noises]
    covariance = np.diag(np.concatenate([reading + np.diagonal(growth)[:clocks], np.array(ends) / span**2]))
    for epoch in range(start, len(phase)):
        state, covariance = step @ state, step @ covariance @ step.T + growth
        covariance = _without_common_phase(covariance, clocks)
        votes = state[:clocks] - phase[epoch]
        phases = covariance[:clocks, :clocks] + np.diag(reading)
        keep, weights = _accepted(votes, np.diagonal(growth)[:clocks] + reading, phases, k, 1.0)
        state, covariance, shares = _update(state, covariance, phase[epoch], reading, keep)
        # A rejected clock starts again where it was read, as uncertain as its prediction.
        for i in np.flatnonzero(~keep).tolist():
            state[i] = phase[epoch, i] + weights @ votes
            covariance[i, :] = covariance[:, i] = 0.0
            covariance[i, i] = phases[i, i]
        result.offset_s[epoch], result.frequency[epoch] = state[:clocks], state[clocks:]
        result.weights[epoch], result.rejected[epoch] = shares, ~keep
    return result


def capped(shares: ArrayLike, limit: float) -> Floats:
    """Weights in proportion to `shares`, adding up to 1, none above the limit (or 1/n where that is more)."""
    positive_shares = finite("shares", shares)
    ceiling = max(limit, 1 / max(int((positive_shares > 0).sum()), 1))
    weights = positive_shares / positive_shares.sum()
    full = np.zeros(weights.shape, bool)
    while (weights > ceiling * (1 + 1e-12)).any():
        full |= weights > ceiling
        free = np.where(full, 0.0, positive_shares)
        room = 1 - ceiling * full.sum()
        weights = np.where(full, ceiling, free * (room / free.sum() if free.sum() > 0 else 0.0))
    return np.asarray(weights / weights.sum())


def _readings(phase_s: ArrayLike, interval_s: float, start_epochs: int) -> tuple[Floats, float, int]:
    phase, start = finite("phase_s", phase_s), whole("start_epochs", start_epochs, 3)
    if phase.ndim != 2 or phase.shape[1] < 3 or len(phase) < start:
        raise ArgumentError("phase_s", f"应为 历元 × 钟，至少 {start} 个历元、3 台钟，形状为 {phase.shape}")
    return phase, float(positive("interval_s", interval_s)), start


def _begin(phase: Floats, tau: float, start: int) -> Ensemble:
    """Results with the first epochs filled: the plain mean of the clocks, frequencies from end to end."""
    clocks = phase.shape[1]
    offset = phase - phase.mean(axis=1, keepdims=True)
    frequency = np.zeros_like(phase)
    frequency[:start] = (offset[start - 1] - offset[0]) / ((start - 1) * tau)
    return Ensemble(offset, frequency, np.full(phase.shape, 1 / clocks), np.zeros(phase.shape, bool))


def _start_variance(offset: Floats) -> Floats:
    """Variance of a step of each clock, robust against one bad reading (MADe, ISO 13528:2022 C.2.2)."""
    steps = np.diff(offset, axis=0)
    deviation = np.abs(steps - np.median(steps, axis=0))
    return np.asarray((1.4826 * np.median(deviation, axis=0)) ** 2)


def _inverse(variance: Floats) -> Floats:
    """1/variance, with a floor far below the largest; equal where all are zero."""
    largest = float(variance.max())
    return np.ones_like(variance) if largest == 0 else 1 / np.maximum(variance, 1e-12 * largest)


def _against_others(votes: Floats, weights: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """Each vote less the weighted mean of the other clocks', and its variance, in which what is common cancels."""
    rows = np.eye(len(votes)) - weights
    rows /= np.maximum(1 - weights, 1e-12)[:, None]
    return rows @ votes, np.maximum(np.einsum("ij,jk,ik->i", rows, covariance, rows), 0.0)


def _accepted(
    votes: Floats, variance: Floats, covariance: Floats, k: float, limit: float
) -> tuple[NDArray[np.bool_], Floats]:
    """Clocks that agree, rejecting the worst one at a time while three are left, and weights by 1/variance."""
    keep = np.ones(votes.shape, bool)
    weights = capped(_inverse(variance), limit)
    while keep.sum() > 2:
        alone, spread = _against_others(votes, weights, covariance)
        excess = np.divide(np.abs(alone), np.sqrt(spread), out=np.zeros_like(alone), where=spread > 0) * keep
        worst = int(np.argmax(excess))
        if excess[worst] <= k:
            break
        keep[worst] = False
        weights = capped(np.where(keep, _inverse(variance), 0.0), limit)
    return keep, weights


def _without_common_phase(covariance: Floats, clocks: int) -> Floats:
    common = np.zeros(2 * clocks)
    common[:clocks] = 1.0
    # The most that the direction of the common phase can lose while the matrix stays positive semi-definite. In
    # units of each state's own size the matrix is well conditioned.
    size = np.sqrt(np.diagonal(covariance))
    solved = np.linalg.lstsq(covariance / np.outer(size, size), common / size, rcond=None)[0]
    share = float((common / size) @ solved)
    reduced: Floats = covariance - (_NEARLY / share) * np.outer(common, common) if share > 0 else covariance
    return reduced


def _update(
    state: Floats, covariance: Floats, phase: Floats, reading: Floats, keep: NDArray[np.bool_]
) -> tuple[Floats, Floats, Floats]:
    """The filter's step with the differences of the accepted clocks from the first of them; shares of the clocks."""
    pivot, *rest = np.flatnonzero(keep).tolist()
    rows = np.zeros((len(rest), len(state)))
    rows[np.arange(len(rest)), rest] = 1.0
    rows[:, pivot] = -1.0
    noise = np.diag(reading[rest]) + reading[pivot]
    innovation = (phase[rest] - phase[pivot]) - rows @ state
    gain = np.linalg.solve(rows @ covariance @ rows.T + noise, rows @ covariance).T
    remaining = np.eye(len(state)) - gain @ rows
    updated = remaining @ covariance @ remaining.T + gain @ noise @ gain.T
    shares = np.zeros(len(phase))
    shares[rest] = -gain[pivot]
    shares[pivot] = 1 - shares.sum()
    return state + gain @ innovation, (updated + updated.T) / 2, shares
