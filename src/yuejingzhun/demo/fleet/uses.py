"""Uses of water or gas as events: when each begins, how long it lasts, at which flow; what intervals see of them."""

from dataclasses import dataclass, replace

import numpy as np

from yuejingzhun.demo.fleet.household import Floats

Ints = np.ndarray


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of use. Hours of the day and their weights say when; flow and length are log-normal about a median."""

    a_day: float  # events of a person (or of a home) and day
    flow_m3_h: float
    flow_spread: float  # of the logarithm
    hours: float
    hours_spread: float
    peaks: tuple[tuple[float, float, float], ...]  # hour, width, weight


@dataclass(frozen=True, slots=True)
class Events:
    """All events of an area, in no order."""

    home: Ints
    begin_h: Floats  # since the start
    hours: Floats
    flow_m3_h: Floats

    @property
    def volume_m3(self) -> Floats:
        return self.hours * self.flow_m3_h


def events(rng: np.random.Generator, kind: Kind, weight: Floats, days: int, present: Floats) -> Events:
    """Of every home in proportion to `weight`; `present` (homes x days) is the share of its usual use on that day."""
    count = rng.poisson(kind.a_day * weight[:, None] * present)
    home = np.repeat(np.arange(len(weight)), count.sum(axis=1))
    day = np.repeat(np.tile(np.arange(days), len(weight)), count.reshape(-1))
    at = np.array([peak[0] for peak in kind.peaks])
    width = np.array([peak[1] for peak in kind.peaks])
    share = np.array([peak[2] for peak in kind.peaks])
    which = rng.choice(len(at), home.size, p=share / share.sum())
    hour = np.clip(rng.normal(at[which], width[which]) % 24, 0, 23.999)
    flow = kind.flow_m3_h * np.exp(kind.flow_spread * rng.standard_normal(home.size))
    hours = kind.hours * np.exp(kind.hours_spread * rng.standard_normal(home.size))
    return Events(home, day * 24 + hour, hours, flow)


def joined(parts: list[Events]) -> Events:
    """All of them as one."""
    return Events(*(np.concatenate([getattr(part, name) for part in parts]) for name in Events.__slots__))


def delayed(found: Events, late_h: Floats) -> Events:
    """The same uses as a home's clock tells them that is so many hours behind; `late_h` of each home."""
    return replace(found, begin_h=np.maximum(found.begin_h + late_h[found.home], 0.0))


def spread_over(found: Events, amount: Floats, homes: int, intervals: int, hours: float) -> Floats:
    """`amount` of each event over the intervals that it lasts, homes x intervals; what ends later is cut off.

    A steady flow is a ramp in the cumulative volume. In whole intervals a ramp is the double sum of its two kinks, each
    shared by two neighbouring points.
    """
    rate = amount / found.hours * hours
    kinks = np.zeros(homes * (intervals + 2))
    for at, sign in ((found.begin_h, 1.0), (found.begin_h + found.hours, -1.0)):
        place = np.minimum(at / hours, intervals)
        first = np.floor(place).astype(np.int64)
        part = place - first
        for later, share in ((0, 1 - part), (1, part)):
            kinks += np.bincount(found.home * (intervals + 2) + first + later, sign * rate * share, kinks.size)
    # Rounding of the sums would let registers fall by nothing.
    return np.maximum(np.cumsum(kinks.reshape(homes, -1), axis=1)[:, :intervals], 0.0)


def presence(rng: np.random.Generator, homes: int, days: int, away_share: float, empty_share: float) -> Floats:
    """Share of its usual use, homes x days: moods, weekends, some away for days, some empty all the time."""
    moods = np.exp(0.25 * rng.standard_normal((homes, days)) - 0.03)
    weekend = (np.arange(days) + rng.integers(7)) % 7 < 2
    moods *= np.where(weekend, rng.normal(1.1, 0.2, (homes, 1)).clip(0.5), 1.0)
    for home in np.flatnonzero(rng.uniform(size=homes) < away_share):
        begin = int(rng.integers(days))
        moods[home, begin : begin + int(rng.integers(1, 8))] = 0.0
    moods[rng.uniform(size=homes) < empty_share] = 0.0
    return np.asarray(moods)


def floored(rng: np.random.Generator, volumes: Floats, step_m3: float) -> np.ndarray:
    """Cumulative registers, rows x points, whole steps, from a start of some years of service."""
    start = rng.uniform(50, 2000, (len(volumes), 1))
    cumulative = np.concatenate([start, start + np.cumsum(volumes, axis=1)], axis=1)
    return np.asarray(np.floor(cumulative / step_m3), dtype=np.int64)
