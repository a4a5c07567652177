"""The makers of the synthetic province and the types they make."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.demo.figures import MAKERS, SEED
from yuejingzhun.demo.kinds import Kind, kinds
from yuejingzhun.platform.registry.catalogue.queries import requires_type_approval

SYLLABLES = "恒衡精准量测信诚明新正标鼎弘泰华科远达盛瑞安嘉"
CATALOGUE_DAY = date(2026, 1, 1)
TRADES = {"power": "电气", "water": "水表", "gas": "燃具", "shop": "衡器", "clinic": "医疗器械"}
LETTERS = {"19": "E", "40": "E", "01": "T", "20": "S", "22": "G", "23": "G", "24": "A", "26": "E", "30": "C", "34": "C"}
PREFIXES = ("", "GD", "YJ", "N", "2021", "2019", "A")


@dataclass(frozen=True, slots=True)
class Maker:
    """A maker by its place in the list; `spelling` is how others write its name."""

    name: str
    spelling: str


@dataclass(frozen=True, slots=True)
class Family:
    """What one type approval covers: models of one kind by one maker."""

    maker: int
    kind: int
    number: str
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Types:
    """All types as columns, a row a model; `of_kind` tells which rows are of a kind, `weight` how many are in use."""

    family: NDArray[np.int64]
    kind: NDArray[np.int64]
    maker: NDArray[np.int64]
    model: tuple[str, ...]
    weight: NDArray[np.float64]

    def of_kind(self, kind: int) -> NDArray[np.int64]:
        """Rows of a kind."""
        return np.flatnonzero(self.kind == kind)


@cache
def makers() -> tuple[Maker, ...]:
    """501 of them, under names that say that they don't exist."""
    generator = np.random.default_rng([SEED, 2])
    pairs = list(permutations(SYLLABLES, 2))
    chosen = generator.permutation(len(pairs))[:MAKERS]
    trades = [TRADES.get(_first_kind(n).held_by, "仪表") for n in range(MAKERS)]
    names = ["".join(pairs[place]) + trade for place, trade in zip(chosen, trades, strict=True)]
    return tuple(Maker(f"演示虚拟{name}有限公司", f"演示虚拟{name}公司") for name in names)


@cache
def families() -> tuple[Family, ...]:
    """One or two a maker, one of them of a kind that needs approval, which then has a number of that form."""
    generator = np.random.default_rng([SEED, 3])
    root = np.sqrt([kind.share * _needs_approval(kind) for kind in kinds()])
    found: list[Family] = []
    for maker in range(MAKERS):
        own = {kinds().index(_first_kind(maker))}
        if generator.random() < 0.4 or not _needs_approval(_first_kind(maker)):
            own.add(int(generator.choice(len(root), p=root / root.sum())))
        for kind in sorted(own):
            letter = LETTERS.get(kinds()[kind].item[:2], "F")
            number = f"20{generator.integers(5, 16):02}{letter}{101 + len(found):03}-44"
            count, stem = int(generator.integers(2, 7)), kinds()[kind].model
            digits = generator.choice(np.arange(10, 1000), count, replace=False)
            number = number if _needs_approval(kinds()[kind]) else ""
            found.append(Family(maker, kind, number, tuple(f"{stem}{one}-{_letters(maker)}" for one in digits)))
    return tuple(found)


@cache
def types() -> Types:
    """All models of all families, each with its weight within the kind."""
    all_families = families()
    family = np.repeat(np.arange(len(all_families)), [len(found.models) for found in all_families])
    return Types(
        family=family,
        kind=np.array([all_families[one].kind for one in family]),
        maker=np.array([all_families[one].maker for one in family]),
        model=tuple(model for found in all_families for model in found.models),
        weight=np.random.default_rng([SEED, 4]).lognormal(0, 1.2, len(family)),
    )


def serial_prefix(maker: int) -> str:
    """What a maker writes before its numbers."""
    return PREFIXES[maker % len(PREFIXES)]


def _needs_approval(kind: Kind) -> bool:
    return requires_type_approval(kind.item, CATALOGUE_DAY)


def _first_kind(maker: int) -> Kind:
    return kinds()[maker % len(kinds())]


def _letters(maker: int) -> str:
    return chr(65 + maker // 26 % 26) + chr(65 + maker % 26)
