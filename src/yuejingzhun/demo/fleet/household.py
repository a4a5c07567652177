"""What homes draw in an interval: daily shapes, days that differ, appliances that spike, homes where nobody lives."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POINTS_A_DAY = 96


@dataclass(frozen=True, slots=True)
class Habits:
    """Ranges of the loads of one district; energies are kWh in an interval of 15 minutes."""

    median_kwh: float = 0.075  # of the homes' mean load: 0.3 kW
    spread: float = 0.6  # of the logarithm of it
    empty_share: float = 0.05  # homes with nothing but a stand-by load, all the time
    away_share: float = 0.25  # homes that are left for some days
    spikes_a_day: float = 3.0
    spike_kwh: float = 0.25


def household_loads(rng: np.random.Generator, homes: int, days: int, habits: Habits = Habits()) -> Floats:
    """Energy of each home in each interval, homes x (days * 96), kWh, never negative."""
    level = habits.median_kwh * np.exp(habits.spread * rng.standard_normal(homes))
    level *= rng.uniform(size=homes) >= habits.empty_share
    lived = level[:, None, None] * _shape(rng, homes)[:, None, :] * _days(rng, homes, days)[:, :, None]
    lived = lived.reshape(homes, -1)
    lived *= np.exp(0.5 * rng.standard_normal(lived.shape, dtype=np.float32) - 0.125)
    lived += _spikes(rng, lived.shape, habits) * (level > 0)[:, None]
    lived *= np.repeat(_at_home(rng, homes, days, habits.away_share), POINTS_A_DAY, axis=1)
    standby = rng.uniform(0.0003, 0.012, homes)[:, None]  # 1 W to 50 W
    return np.asarray(lived + standby, dtype=np.float64)


def _shape(rng: np.random.Generator, homes: int) -> Floats:
    """A daily shape for each home, mean 1: night, a morning and an evening bump of its own hour, width and height."""
    hour = np.arange(POINTS_A_DAY) * (24 / POINTS_A_DAY)
    shape = np.full((homes, POINTS_A_DAY), 0.35)
    for centre, height in ((7.5, 0.8), (12.5, 0.6), (20.0, 2.0)):
        at = rng.normal(centre, 1.2, (homes, 1))
        width = rng.uniform(0.8, 2.5, (homes, 1))
        away = (hour - at + 12) % 24 - 12
        shape += rng.gamma(2.0, height / 2, (homes, 1)) * np.exp(-0.5 * (away / width) ** 2)
    return np.asarray(shape / shape.mean(axis=1, keepdims=True))


def _days(rng: np.random.Generator, homes: int, days: int) -> Floats:
    """How much of its usual energy a home draws on each day: weather of all, weekends and moods of its own."""
    weather = np.exp(np.cumsum(rng.normal(0, 0.08, days)) - 0.04)
    weekend = np.where((np.arange(days) + rng.integers(7)) % 7 < 2, rng.normal(1.1, 0.25, (homes, 1)), 1.0)
    own = np.exp(0.3 * rng.standard_normal((homes, days)) - 0.045)
    return np.asarray(np.clip(weather * weekend, 0.2, 5.0) * own)


def _spikes(rng: np.random.Generator, size: tuple[int, ...], habits: Habits) -> NDArray[np.float32]:
    """Kettles, showers and ironing: exponential energy, up to three intervals long."""
    starts = rng.random(size, dtype=np.float32) < habits.spikes_a_day / POINTS_A_DAY
    energy = np.zeros(size, dtype=np.float32)
    energy[starts] = habits.spike_kwh * rng.standard_exponential(int(starts.sum()), dtype=np.float32)
    energy[:, 1:] += 0.6 * energy[:, :-1]
    return energy


def _at_home(rng: np.random.Generator, homes: int, days: int, share: float) -> NDArray[np.float32]:
    """0 on the days that a home is left for, else 1."""
    day = np.arange(days)
    leaves = rng.integers(0, days, (homes, 1))
    length = rng.integers(2, 15, (homes, 1)) * (rng.uniform(size=(homes, 1)) < share)
    return np.where((day >= leaves) & (day < leaves + length), np.float32(0), np.float32(1))
