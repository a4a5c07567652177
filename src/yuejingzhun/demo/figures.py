"""How large the synthetic province is, and how it is spread over the cities.

The registries' figures are those of the province's metrology plan 2022-2035, part 1, for the end of 2021. Population by
city is the seventh census's (2020, in units of 10,000; from memory, but the sum agrees with the published 126.01
million). Industry leans to the delta, which has about 70 % of the enterprises. Nothing is known of the counties:
their weights are drawn.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.platform.foundation.parties.divisions import BELTS, Belt, Level, divisions

SEED = 20221201
PUBLIC_STANDARDS, NATIONAL_STANDARDS = 7_055, 3
LEGAL_INSTITUTES, AUTHORISED_INSTITUTES = 89, 17
METROLOGISTS = {"first": 522, "second": 1_397}
MAKERS = 501
POPULATION = {
    "4401": 1867.66, "4402": 285.51, "4403": 1756.01, "4404": 243.96, "4405": 550.20, "4406": 949.89, "4407": 479.81,
    "4408": 698.12, "4409": 617.41, "4412": 411.36, "4413": 604.29, "4414": 387.32, "4415": 267.28, "4416": 283.77,
    "4417": 260.30, "4418": 396.95, "4419": 1046.66, "4420": 441.81, "4451": 256.84, "4452": 557.78, "4453": 238.34,
}  # fmt: skip
DELTA_FACTOR = 1.43  # brings the delta from 62 % of the people to 70 % of the enterprises


@dataclass(frozen=True, slots=True)
class Scale:
    """A size of the province: how many instruments, holders and applications for verification."""

    name: str
    instruments: int
    holders: int
    applications: int


SCALES = {
    scale.name: scale
    for scale in (
        Scale("small", 20_000, 1_500, 200),
        Scale("province", 6_000_000, 400_000, 20_000),
        Scale("x10", 60_000_000, 4_000_000, 100_000),
    )
}


@dataclass(frozen=True, slots=True)
class Places:
    """Where instruments stand: the counties, and the two cities that have none; weights add up to 1."""

    codes: tuple[str, ...]
    people: NDArray[np.float64]
    industry: NDArray[np.float64]


def places() -> Places:
    """The same in every run."""
    counties = [code for code, found in divisions().items() if found.level is Level.COUNTY]
    cities_with = {code[:4] for code in counties}
    alone = [code for code, found in divisions().items() if found.level is Level.CITY and code[:4] not in cities_with]
    codes = tuple(sorted(counties + alone))
    drawn = np.random.default_rng([SEED, 1]).lognormal(0, 0.6, len(codes))
    people = np.empty(len(codes))
    for city, population in POPULATION.items():
        own = [n for n, code in enumerate(codes) if code.startswith(city)]
        people[own] = population * drawn[own] / drawn[own].sum()
    delta = np.array([code[:4] in BELTS[Belt.DELTA] for code in codes])
    industry = people * np.where(delta, DELTA_FACTOR, 1.0)
    return Places(codes, people / people.sum(), industry / industry.sum())


def days_since_1970(day: date) -> int:
    """A day as numpy and Arrow count them."""
    return (day - date(1970, 1, 1)).days
