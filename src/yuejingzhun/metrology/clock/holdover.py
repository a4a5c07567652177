"""Holdover: what a clock will read when its reference is lost, with uncertainty from its noise (守时).

The deterministic part is x0 + y0 t + d t^2 / 2. The noise is white PM on the readings and white, flicker and
random-walk FM of the clock, whose phase grows with the square roots of t, t^2 and t^3 (SP 1065 8.2: prediction
error tau sigma_y(tau), for flicker FM tau sigma_y / sqrt(ln 2)).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, covariance_matrix, finite, not_negative, positive


@dataclass(frozen=True, slots=True)
class ClockNoise:
    """Noise of a clock: `white_pm_s` is u of a phase reading; the others are Allan deviations.

    White and random-walk FM at tau = 1 s, flicker FM its floor. Raises ArgumentError for a negative one.
    """

    white_fm: float
    random_walk_fm: float = 0.0
    flicker_fm: float = 0.0
    white_pm_s: float = 0.0

    def __post_init__(self) -> None:
        for name in ("white_fm", "random_walk_fm", "flicker_fm", "white_pm_s"):
            not_negative(name, getattr(self, name))


@dataclass(frozen=True, slots=True)
class ClockState:
    """Phase in s, fractional frequency and frequency drift in 1/s at a moment, with their covariance (3, 3)."""

    phase_s: float
    frequency: float
    drift_per_s: float
    covariance: Floats


@dataclass(frozen=True, slots=True)
class Prediction:
    """Predicted phase and its standard uncertainty in seconds, of the shape of the elapsed times."""

    phase_s: Floats
    u_s: Floats


def track(phase_s: ArrayLike, interval_s: float, noise: ClockNoise, drift: bool = False) -> ClockState:
    """State at the last of evenly spaced phase readings, by a Kalman filter with the clock's own noise.

    Without `drift` it is held at zero. Flicker FM has no finite state: it widens the frequency by its floor. Raises
    ArgumentError for fewer than 3 readings (4 with drift) or a noise whose other parts are all zero.
    """
    x, tau = finite("phase_s", phase_s), float(positive("interval_s", interval_s))
    if x.ndim != 1 or len(x) < (4 if drift else 3):
        raise ArgumentError("phase_s", f"读数太少或不是一维数列，形状为 {x.shape}")
    if not noise.white_fm + noise.random_walk_fm + noise.white_pm_s > 0:
        raise ArgumentError("noise", "白相位、白频率、随机游走频率噪声不应全为零")
    size = 3 if drift else 2
    step = np.array([[1, tau, tau * tau / 2], [0, 1, tau], [0, 0, 1]])[:size, :size]
    growth = np.zeros((size, size))
    growth[:2, :2] = process_covariance(noise, tau)
    state, covariance = _start(x, tau, size, noise)
    reading = noise.white_pm_s**2
    for value in x[size:]:
        state, covariance = step @ state, step @ covariance @ step.T + growth
        gain = covariance[:, 0] / (covariance[0, 0] + reading)
        state = state + gain * (value - state[0])
        keep = np.eye(size)
        keep[:, 0] -= gain
        covariance = keep @ covariance @ keep.T + reading * np.outer(gain, gain)
    full = np.zeros((3, 3))
    full[:size, :size] = covariance
    full[1, 1] += noise.flicker_fm**2
    return ClockState(float(state[0]), float(state[1]), float(state[2]) if drift else 0.0, full)


def predict(state: ClockState, noise: ClockNoise, elapsed_s: ArrayLike) -> Prediction:
    """Phase after `elapsed_s` seconds without reference, any shape, with its standard uncertainty.

    Raises ArgumentError for a negative time or a covariance that is not positive semi-definite.
    """
    t = not_negative("elapsed_s", elapsed_s)
    covariance = covariance_matrix("covariance", state.covariance, 3)
    path = np.stack([np.ones_like(t), t, t * t / 2], axis=-1)
    known = np.einsum("...i,ij,...j->...", path, covariance, path)
    white, walk = noise.white_fm**2 * t, noise.random_walk_fm**2 * t**3
    flicker = (noise.flicker_fm * t) ** 2 / np.log(2)
    phase = path @ np.array([state.phase_s, state.frequency, state.drift_per_s])
    return Prediction(np.asarray(phase)[()], np.sqrt(np.maximum(known + white + walk + flicker, 0.0))[()])


def holdover_time(
    state: ClockState, noise: ClockNoise, limit_s: float, coverage_factor: float = 2.0, longest_s: float = 3.2e7
) -> float:
    """Seconds until |predicted phase| + k u first exceeds the limit; inf if not within `longest_s` (about a year).

    Raises ArgumentError for a limit, factor or time that isn't positive.
    """
    limit, k = float(positive("limit_s", limit_s)), float(positive("coverage_factor", coverage_factor))
    end = float(positive("longest_s", longest_s))

    def excess(t: ArrayLike) -> Floats:
        prediction = predict(state, noise, t)
        return np.asarray(np.abs(prediction.phase_s) + k * prediction.u_s - limit)

    # Phase and drift may have opposite signs, so the excess isn't monotonic: find the first change on a fine grid.
    grid = np.concatenate([[0.0], np.geomspace(end * 1e-12, end, 4000)])
    beyond = excess(grid) > 0
    if not beyond.any():
        return float("inf")
    first = int(np.argmax(beyond))
    low, high = (grid[first - 1] if first else 0.0), grid[first]
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if excess(middle) > 0 else (middle, high)
    return float(high)


def process_covariance(noise: ClockNoise, tau_s: float) -> Floats:
    """Covariance that white and random-walk FM add to phase and frequency over tau, (2, 2).

    q1 = sigma_y(1 s)^2 for white FM, q2 = 3 sigma_y(1 s)^2 for random-walk FM (Zucca and Tavella 2005).
    """
    q1, q2 = noise.white_fm**2, 3 * noise.random_walk_fm**2
    return np.array([[q1 * tau_s + q2 * tau_s**3 / 3, q2 * tau_s**2 / 2], [q2 * tau_s**2 / 2, q2 * tau_s]])


def _start(x: Floats, tau: float, size: int, noise: ClockNoise) -> tuple[Floats, Floats]:
    """State at reading `size` from the first ones, by differences, with the covariance of readings and noise."""
    reading, added = noise.white_pm_s**2, process_covariance(noise, tau)
    # The first `size` readings determine phase, frequency and drift exactly; their errors are the readings' and
    # the phase steps' of each interval.
    t = (np.arange(size) - (size - 1)) * tau
    powers = np.stack([np.ones(size), t, t * t / 2], axis=1)[:, :size]
    inverse = np.linalg.inv(powers)
    steps = np.tril(np.ones((size, size)), -1)[:, : size - 1]
    centred = steps - steps[-1]
    covariance = inverse @ (reading * np.eye(size) + added[0, 0] * centred @ centred.T) @ inverse.T
    covariance[1, 1] += added[1, 1] * (size - 1)
    return inverse @ x[:size], covariance
