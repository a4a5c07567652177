"""A forecast of an indicator: the straight line through its monthly values, with the interval of a single new value.

Least squares with normal, independent residuals (Draper & Smith, Applied Regression Analysis, 3rd ed., 1.4, from
memory). A plan moves by decisions, not by a law of nature: the interval says what goes on as before, no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy import stats

LEAST_POINTS = 6
LEAST_DAYS = 150
LEVEL = 0.9
YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Forecast:
    """The value expected on a day, with an interval of `LEVEL`; `a_year` is the slope. In the indicator's unit."""

    on: date
    value: float
    low: float
    high: float
    a_year: float
    points: int


def forecast(known: Sequence[tuple[date, float]], on: date, most: float | None = None) -> Forecast | None:
    """From at least `LEAST_POINTS` values over `LEAST_DAYS`; None where there is less. `most` bounds a percentage."""
    if len(known) < LEAST_POINTS or (known[-1][0] - known[0][0]).days < LEAST_DAYS:
        return None
    t = np.array([(day - known[0][0]).days / YEAR for day, _ in known])
    y = np.array([value for _, value in known], dtype=np.float64)
    centre = float(t.mean())
    spread = float(((t - centre) ** 2).sum())
    slope = float(((t - centre) * (y - y.mean())).sum()) / spread
    freedom = len(known) - 2
    rest = y - y.mean() - slope * (t - centre)
    deviation = float(np.sqrt(rest @ rest / freedom))
    ahead = (on - known[0][0]).days / YEAR - centre
    half = float(stats.t.ppf((1 + LEVEL) / 2, freedom)) * deviation * np.sqrt(1 + 1 / len(known) + ahead**2 / spread)
    value = float(y.mean()) + slope * ahead

    def bounded(number: float) -> float:
        return float(min(max(number, 0.0), np.inf if most is None else most))

    return Forecast(on, bounded(value), bounded(value - half), bounded(value + half), slope, len(known))
