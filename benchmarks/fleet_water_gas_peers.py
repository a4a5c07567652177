"""What is usually done: each takes an area of a batch, gives errors of its meters and standard uncertainties.

One error a meter, at all flows. All have the steady leak and its forms as the kernel has them, but no daily levels.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.signal import lfilter

from yuejingzhun.metrology.fleet.flow.supply import Supply

Answer = tuple[np.ndarray, np.ndarray]
SPREAD = 0.01


def columns(supply: Supply, area: int, leak: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Intervals x columns (meters, leaks) and the balance, m3."""
    factor = supply.factor[area][supply.site[area]]
    volumes = np.diff(supply.registers[area], axis=1) * supply.step_m3[area][:, None] * factor
    inflow = np.diff(supply.inflow[area]) * supply.inflow_step_m3[area] * supply.inflow_factor[area]
    balance = inflow - supply.inflow_offset_m3[area] - volumes.sum(axis=0)
    every = np.vstack([-volumes, supply.terms[area]])
    if leak:
        every, balance = lfilter([1], [1, -leak], every, axis=1), lfilter([1], [1, -leak], balance)
    return np.ascontiguousarray(every.T), balance


def simple_balance(supply: Supply, area: int) -> Answer:
    """Inflow less sum less the night's flow, shared out in proportion: every meter has the same error."""
    x, y = columns(supply, area)
    rows = supply.listed.shape[1]
    night = np.sort(y)[: max(len(y) // 20, 1)].mean()
    error = -(y - night).sum() / -x[:, :rows].sum()
    return np.full(rows, error), np.full(rows, SPREAD)


def least_squares(supply: Supply, area: int) -> Answer:
    """Ordinary least squares."""
    x, y = columns(supply, area)
    inverse = np.linalg.pinv(x.T @ x)
    found = inverse @ (x.T @ y)
    left = y - x @ found
    variance = left @ left / max(len(y) - x.shape[1], 1)
    return _answer(supply, found, variance * np.diag(inverse))


def ridge(supply: Supply, area: int, leak: float = 0.0) -> Answer:
    """With the penalty that is right for errors of that spread and the noise of rounding; leaks are not penalised."""
    x, y = columns(supply, area, leak)
    rows = supply.listed.shape[1]
    steps = float((supply.step_m3[area] ** 2 * supply.listed[area]).sum() + supply.inflow_step_m3[area] ** 2)
    variance = steps / 12 * 2 / (1 + leak)
    penalty = np.concatenate([np.full(rows, 1 / SPREAD**2), 1 / supply.spread[area] ** 2])
    inverse = np.linalg.inv(x.T @ x / variance + np.diag(penalty))
    return _answer(supply, inverse @ (x.T @ y) / variance, np.diag(inverse))


def _answer(supply: Supply, coefficients: np.ndarray, variances: np.ndarray) -> Answer:
    rows = supply.listed.shape[1]
    a = np.clip(coefficients[:rows], -0.9, 0.9)
    return a / (1 - a), np.sqrt(np.maximum(variances[:rows], 1e-12))


PEERS: dict[str, Callable[[Supply, int], Answer]] = {
    "simple balance": simple_balance,
    "least squares": least_squares,
    "ridge": ridge,
    "ridge, white (leak 0.6)": partial(ridge, leak=0.6),
    "ridge, white (leak 0.98)": partial(ridge, leak=0.98),
}
