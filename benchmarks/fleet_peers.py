"""What papers estimate meters' errors with: each takes a simulated district, gives errors and standard uncertainties.

All have the loss model by branch and phase; "white" ones work on columns that passed a leaky integrator. Run by
`fleet_ask_peers.py` with a Python that has scikit-learn and statsmodels: `fleet_peers.py speed|quality districts.npz`
prints JSON, the least seconds of processor time of each, or its errors and uncertainties district by district.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import statsmodels.api as sm
from scipy.signal import lfilter
from sklearn.linear_model import BayesianRidge, Lasso, Ridge

Answer = tuple[np.ndarray, np.ndarray]
PUBLISHED_LEAK = 0.6
SPREAD = 0.0035
FORGETTING = 0.9995
SAME_LEAK = 0.985  # whitening as good as this kernel's
ROUNDS = 5


@dataclass(frozen=True)
class District:
    """As simulated (yuejingzhun.demo.fleet.district)."""

    registers: np.ndarray
    total: np.ndarray
    signs: np.ndarray
    groups: np.ndarray
    resolution_kwh: float
    total_resolution_kwh: float


def columns(district: District, leak: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Intervals x columns (meters, squares of the groups' loads, fixed loss) and the balance, kWh."""
    energy = np.diff(district.registers) * (district.resolution_kwh * district.signs[:, None])
    total = np.diff(district.total) * district.total_resolution_kwh
    member = np.arange(district.groups.max() + 1)[:, None] == district.groups
    every = np.vstack([-energy, (member.astype(float) @ energy) ** 2, np.ones_like(total)])
    balance = total - energy.sum(axis=0)
    if leak:
        every, balance = lfilter([1], [1, -leak], every, axis=1), lfilter([1], [1, -leak], balance)
    return np.ascontiguousarray(every.T), balance


def _errors(coefficients: np.ndarray, meters: int) -> np.ndarray:
    a = np.clip(coefficients[:meters], -0.9, 0.9)
    return a / (1 - a)


def _noise_variance(district: District, leak: float) -> float:
    steps = len(district.signs) * district.resolution_kwh**2 + district.total_resolution_kwh**2
    return steps / 12 * (2 / (1 + leak))


def least_squares(district: District, leak: float = 0.0) -> Answer:
    """Ordinary least squares."""
    x, y = columns(district, leak)
    inverse = np.linalg.pinv(x.T @ x)
    found = inverse @ (x.T @ y)
    left = y - x @ found
    variance = left @ left / max(len(y) - x.shape[1], 1)
    meters = len(district.signs)
    return _errors(found, meters), np.sqrt(variance * np.diag(inverse)[:meters])


def recursive_least_squares(district: District) -> Answer:
    """With forgetting, from a broad start."""
    x, y = columns(district)
    state, covariance = np.zeros(x.shape[1]), np.eye(x.shape[1])
    for row, value in zip(x, y, strict=True):
        pushed = covariance @ row
        gain = pushed / (FORGETTING + row @ pushed)
        state += gain * (value - row @ state)
        covariance -= np.outer(gain, pushed)
        covariance /= FORGETTING
    left = y - x @ state
    meters = len(district.signs)
    return _errors(state, meters), np.sqrt(left.var() * np.maximum(np.diag(covariance)[:meters], 1e-12))


def _scale(district: District, x: np.ndarray) -> np.ndarray:
    """Factors that make one penalty fit all: none on meters, little on losses."""
    scale = np.ones(x.shape[1])
    scale[len(district.signs) :] = 1000.0
    return scale


def ridge(district: District, leak: float = 0.0, spread: float = SPREAD) -> Answer:
    """scikit-learn's, with the penalty that is right for errors of that spread and the noise of rounding."""
    x, y = columns(district, leak)
    scale = _scale(district, x)
    x = x * scale
    variance = _noise_variance(district, leak)
    model = Ridge(alpha=variance / spread**2, fit_intercept=False, solver="cholesky").fit(x, y)
    meters = len(district.signs)
    covariance = np.linalg.inv(x.T @ x / variance + np.eye(x.shape[1]) / spread**2)
    return _errors(model.coef_ * scale, meters), np.sqrt(np.diag(covariance)[:meters])


def lasso(district: District, leak: float = 0.0, penalty: float = 2e-5) -> Answer:
    """scikit-learn's; no uncertainty, so that of one spread for all."""
    x, y = columns(district, leak)
    scale = _scale(district, x)
    model = Lasso(alpha=penalty, fit_intercept=False, max_iter=3000, tol=1e-3).fit(x * scale, y)
    meters = len(district.signs)
    return _errors(model.coef_ * scale, meters), np.full(meters, SPREAD)


def bayesian_ridge(district: District, leak: float = 0.0) -> Answer:
    """scikit-learn's: penalty and noise by marginal likelihood."""
    x, y = columns(district, leak)
    scale = _scale(district, x)
    model = BayesianRidge(fit_intercept=False).fit(x * scale, y)
    meters = len(district.signs)
    return _errors(model.coef_ * scale, meters), np.sqrt(np.diag(model.sigma_)[:meters])


PEERS: dict[str, Callable[[District], Answer]] = {
    "least squares": least_squares,
    "least squares, white": partial(least_squares, leak=PUBLISHED_LEAK),
    "recursive least squares": recursive_least_squares,
    "ridge": ridge,
    "ridge, white (leak 0.6)": partial(ridge, leak=PUBLISHED_LEAK),
    "ridge, white (leak 0.985)": partial(ridge, leak=SAME_LEAK),
    "ridge, white (0.985), spread 1 %": partial(ridge, leak=SAME_LEAK, spread=0.01),
    "LASSO": lasso,
    "LASSO, white": partial(lasso, leak=PUBLISHED_LEAK, penalty=1e-4),
    "Bayesian ridge": bayesian_ridge,
    "Bayesian ridge, white": partial(bayesian_ridge, leak=PUBLISHED_LEAK),
}


def least_seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Least processor time of some rounds."""
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def speed(district: District) -> dict[str, float]:
    """Seconds of each fit of ready columns, and of making and whitening them."""
    x, y = columns(district, SAME_LEAK)
    ready = x * _scale(district, x)
    return {
        "columns": least_seconds(lambda: columns(district, SAME_LEAK)),
        "Ridge": least_seconds(lambda: Ridge(1.0, fit_intercept=False).fit(ready, y)),
        "BayesianRidge": least_seconds(lambda: BayesianRidge(fit_intercept=False).fit(ready, y)),
        "OLS": least_seconds(lambda: sm.OLS(y, ready).fit().bse),
        "ridge with uncertainties": least_seconds(lambda: ridge(district, SAME_LEAK)),
        "recursive least squares": least_seconds(lambda: recursive_least_squares(district), 2),
    }


def main() -> None:
    what, path = sys.argv[1:]
    found: dict[str, dict[str, np.ndarray]] = {}
    for name, array in np.load(path).items():
        number, of = name.split()
        found.setdefault(number, {})[of] = array
    districts = [District(**{name: array[()] for name, array in each.items()}) for each in found.values()]
    if what == "speed":
        told = [speed(each) for each in districts]
        print(json.dumps({name: min(each[name] for each in told) for name in told[0]}))
    else:
        answers = {name: [method(each) for each in districts] for name, method in PEERS.items()}
        print(json.dumps({name: [[a.tolist(), u.tolist()] for a, u in each] for name, each in answers.items()}))


if __name__ == "__main__":
    main()
