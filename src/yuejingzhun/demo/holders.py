"""The holders of the synthetic province: a utility of each kind a county, and shops, clinics, factories and others.

How many instruments a holder has is log-normal: most have a few, some have thousands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yuejingzhun.demo.copying import always, characters, copy, digits, digits_of, joined, reserve_keys, text
from yuejingzhun.demo.figures import SEED, Places
from yuejingzhun.platform.foundation.parties.credit_code import ALPHABET
from yuejingzhun.platform.foundation.parties.divisions import full_name

UTILITIES = {"power": "供电局", "water": "水务公司", "gas": "燃气公司"}
# Share of the holders, words of their names, and whether they follow the people or the industry.
TRADES = {
    "shop": (0.620, ("商行", "超市", "菜档", "眼镜店", "金店"), "people"),
    "clinic": (0.120, ("诊所", "卫生站", "医院"), "people"),
    "factory": (0.220, ("电子厂", "食品厂", "化工厂", "五金厂"), "industry"),
    "station": (0.015, ("加油加气站",), "people"),
    "taxi": (0.003, ("出租汽车公司",), "people"),
    "charging": (0.022, ("充电服务公司",), "industry"),
}
SIGMA = 1.3


@dataclass(frozen=True, slots=True)
class Holders:
    """Holders as columns: key, place (a position among the places), trade, size (share of its trade's instruments)."""

    key: NDArray[np.int64]
    place: NDArray[np.int64]
    trade: NDArray[np.int64]
    size: NDArray[np.float64]
    trades: tuple[str, ...] = (*UTILITIES, *TRADES)

    def of_trade(self, trade: str) -> NDArray[np.int64]:
        """Positions of the holders of a trade."""
        return np.flatnonzero(self.trade == self.trades.index(trade))


def draw_holders(places: Places, count: int, first_key: int) -> Holders:
    """The utilities of every place, and `count` others."""
    generator = np.random.default_rng([SEED, 5, count])
    here = len(places.codes)
    place, trade, size = [], [], []
    for number in range(len(UTILITIES)):
        place.append(np.arange(here))
        trade.append(np.full(here, number))
        size.append(places.people)
    for number, (share, _, follows) in enumerate(TRADES.values(), len(UTILITIES)):
        own = max(here, round(count * share))
        weights = places.people if follows == "people" else places.industry
        # Nobody goes without: each place has one of each trade.
        place.append(np.concatenate([np.arange(here), generator.choice(here, own - here, p=weights)]))
        trade.append(np.full(own, number))
        size.append(generator.lognormal(0, SIGMA, own))
    total = sum(map(len, place))
    keys = np.arange(first_key, first_key + total)
    return Holders(keys, np.concatenate(place), np.concatenate(trade), np.concatenate(size))


def load_holders(places: Places, count: int, known: Mapping[tuple[str, str], int]) -> Holders:
    """Draw and store them; where a holder of a trade in a place is `known`, its key stands for the first drawn."""
    total = len(draw_holders(places, count, 0).key)
    holders = draw_holders(places, count, reserve_keys("parties_organisation", total))
    own = np.ones(total, bool)
    for (trade, region), key in known.items():
        there = holders.of_trade(trade)
        found = there[holders.place[there] == places.codes.index(region)][0]
        holders.key[found], own[found] = key, False
    rows = np.flatnonzero(own)
    words = (*((word,) for word in UTILITIES.values()), *(words for _, words, _ in TRADES.values()))
    starts = np.cumsum([0, *map(len, words)])
    trade, place = holders.trade[rows], holders.place[rows]
    where = [full_name(code) for code in places.codes]
    flat = [one for some in words for one in some]
    word = text(flat, starts[trade] + rows % np.diff(starts)[trade])
    copy(
        "parties_organisation",
        {
            "id": holders.key[rows],
            # “虚拟” says that nobody has that name, and sorts these behind the few that the accounts belong to.
            "name": joined("演示虚拟", text(where, place), word, digits(rows, 7)),
            "name_en": always("", len(rows)),
            "credit_code": credit_codes(places.codes, place, rows),
            "kind": always("holder", len(rows)),
            "region": text(places.codes, place),
            "address": joined(text(where, place), "演示路", digits(rows % 999 + 1, 3), "号"),
            "phone": always("000-00000000", len(rows)),
            "authorisation": always("", len(rows)),
        },
    )
    return holders


def credit_codes(codes: Sequence[str], place: NDArray[np.int64], number: NDArray[np.int64]) -> pa.Array:
    """Unified social credit codes with their check characters (GB 32100-2015 4.2.6); `number` below 9.6 million."""
    letters = np.frombuffer(ALPHABET.encode(), np.uint8)
    region = digits_of(np.array([int(code) for code in codes])[place], 6)
    size = len(number)
    head = np.tile([9, 1], (size, 1))
    own = np.tile([ALPHABET.index(c) for c in "MX0"], (size, 1))
    last = np.stack([number // 31 % 31, number % 31], axis=1)
    values = np.hstack([head, region, own, digits_of(number // 31**2, 4), last]).astype(np.int64)
    weights = np.array([pow(3, n, 31) for n in range(17)])
    check = -(values @ weights) % 31
    return characters(letters[np.hstack([values, check[:, None]])])
