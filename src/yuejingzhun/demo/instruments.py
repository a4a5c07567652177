"""The instruments of the synthetic province, drawn in chunks as columns and stored by COPY.

A chunk depends on its number alone, so that the same seed gives the same province whatever was drawn before. With
the faults that life has; how often is an assumption, in FAULTS.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from yuejingzhun.demo.copying import characters, digits, joined, text
from yuejingzhun.demo.figures import SEED, Places, days_since_1970
from yuejingzhun.demo.holders import Holders
from yuejingzhun.demo.kinds import kinds
from yuejingzhun.demo.makers import Types, families, makers, serial_prefix
from yuejingzhun.demo.serials import slipped, true_serials
from yuejingzhun.platform.foundation.parties.divisions import full_name
from yuejingzhun.platform.registry.instruments.models import TAG_ALPHABET, TAG_LENGTH

CHUNK = 200_000
FAULTS = {
    "overdue": 0.06,
    "failed": 0.015,
    "never": 0.02,
    "stopped": 0.02,
    "scrapped": 0.01,
    "unapproved": 0.04,
    "other_spelling": 0.002,
    "mistyped": 0.003,
    "wrong_region": 0.003,
}
LATE_DAYS = 120  # the mean of how long what is overdue has been so
STATES = ("in_use", "stopped", "scrapped")
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Chunk:
    """What the other parts need to know of a chunk, a row an instrument; days since 1970, `tested` -1 for never."""

    key: Ints
    kind: Ints
    place: Ints
    holder: Ints
    tested: Ints
    passed: Flags
    in_use: Flags
    columns: dict[str, pa.Array]


@dataclass(frozen=True, slots=True)
class Source:
    """From what instruments are drawn; `first_key` is the key of number 0, `today` in Guangdong."""

    places: Places
    holders: Holders
    types: Types
    today: date
    first_key: int


def chunks(source: Source, count: int) -> Iterator[Chunk]:
    """All instruments from number 0 on, chunk by chunk."""
    for number, start in enumerate(range(0, count, CHUNK)):
        yield draw_chunk(source, number, min(CHUNK, count - start))


def draw_chunk(source: Source, number: int, size: int) -> Chunk:
    """Chunk `number`, of `size` rows."""
    generator = np.random.default_rng([SEED, 6, number])
    numbers = number * CHUNK + np.arange(size)
    faults = {name: generator.random(size) < share for name, share in FAULTS.items()}
    kind, kind_of_type, holder = _drawn(source, generator, size)
    # A duplicate is the row before it once more, by a maker who is spelled differently.
    twin = np.flatnonzero(faults["other_spelling"][1:] & ~faults["other_spelling"][:-1]) + 1
    for column in (kind, kind_of_type, holder, numbers):
        column[twin] = column[twin - 1]
    faults["other_spelling"][:] = False
    faults["other_spelling"][twin] = True
    faults["mistyped"][twin] = faults["mistyped"][twin - 1]
    place = source.holders.place[holder]
    place = np.where(faults["wrong_region"], generator.integers(0, len(source.places.codes), size), place)
    tested, passed = _last_test(faults, kind, days_since_1970(source.today), generator)
    key = source.first_key + number * CHUNK + np.arange(size)
    state = np.where(faults["scrapped"], 2, np.where(faults["stopped"], 1, 0))
    columns = {
        "id": pa.array(key),
        "holder_id": pa.array(source.holders.key[holder]),
        **_kind_columns(kind),
        **_type_columns(source.types, kind_of_type, numbers, faults),
        **_place_columns(source.places, place, generator),
        **_test_columns(source, kind, place, tested, passed, numbers, generator),
        "in_use": text(STATES, state),
        "tag": _tags(generator, size),
    }
    return Chunk(key, kind, place, source.holders.key[holder], tested, passed, state == 0, columns)


def _drawn(source: Source, generator: np.random.Generator, size: int) -> tuple[Ints, Ints, Ints]:
    """Kind, type and holder of each."""
    kind = _choose(generator, np.array([one.share for one in kinds()]), size)
    type_of, holder = np.empty(size, np.int64), np.empty(size, np.int64)
    for number, one in enumerate(kinds()):
        rows = np.flatnonzero(kind == number)
        of_kind = source.types.of_kind(number)
        type_of[rows] = of_kind[_choose(generator, source.types.weight[of_kind], len(rows))]
        of_trade = source.holders.of_trade(one.held_by)
        holder[rows] = of_trade[_choose(generator, source.holders.size[of_trade], len(rows))]
    return kind, type_of, holder


def _choose(generator: np.random.Generator, weights: NDArray[np.float64], size: int) -> Ints:
    """Positions, each as often as its weight says."""
    bounds = np.cumsum(weights)
    return np.minimum(np.searchsorted(bounds, generator.random(size) * bounds[-1], "right"), len(weights) - 1)


def _last_test(faults: dict[str, Flags], kind: Ints, today: int, generator: np.random.Generator) -> tuple[Ints, Flags]:
    """Day of the last verification and whether it was passed."""
    term = np.array([one.days for one in kinds()])[kind]
    age = (generator.random(len(kind)) * term).astype(np.int64)
    late = (term + 1 + generator.exponential(LATE_DAYS, len(kind))).astype(np.int64)
    tested = today - np.where(faults["overdue"] & ~faults["failed"], late, age)
    return np.where(faults["never"], -1, tested), ~faults["failed"]


def _kind_columns(kind: Ints) -> dict[str, pa.Array]:
    named = {
        "name": "name",
        "regulation": "regulation",
        "regulation_series": "series",
        "item": "item",
        "accuracy_class": "accuracy_class",
        "measuring_range": "measuring_range",
        "use": "use",
    }
    return {column: text([getattr(one, field) for one in kinds()], kind) for column, field in named.items()}


def _type_columns(types: Types, type_of: Ints, numbers: Ints, faults: dict[str, Flags]) -> dict[str, pa.Array]:
    maker = types.maker[type_of]
    spellings = [made.name for made in makers()] + [made.spelling for made in makers()]
    serials = true_serials(numbers)
    serial = pc.if_else(pa.array(faults["mistyped"]), slipped(numbers), serials)
    prefixes = [serial_prefix(one) for one in range(len(makers()))]
    approval = text([family.number for family in families()], types.family[type_of])
    return {
        "maker": text(spellings, maker + np.where(faults["other_spelling"], len(makers()), 0)),
        "model": text(types.model, type_of),
        "serial": joined(text(prefixes, maker), serial),
        "type_approval": pc.if_else(pa.array(faults["unapproved"]), "", approval),
    }


def _place_columns(places: Places, place: Ints, generator: np.random.Generator) -> dict[str, pa.Array]:
    size = len(place)
    where = text([full_name(code) for code in places.codes], place)
    return {
        "region": text(places.codes, place),
        "city": text([code[:4] for code in places.codes], place),
        "place": joined(where, "演示路", digits(generator.integers(1, 1000, size), 3), "号"),
        "holder_number": joined("B", digits(generator.integers(0, 10**6, size), 6)),
    }


def _test_columns(
    source: Source,
    kind: Ints,
    place: Ints,
    tested: Ints,
    passed: Flags,
    numbers: Ints,
    generator: np.random.Generator,
) -> dict[str, pa.Array]:
    never, today = tested < 0, days_since_1970(source.today)
    term = np.array([one.days for one in kinds()])[kind]
    filed = np.where(never, today, tested) - generator.integers(1, 60, len(kind))
    seconds = filed * 86_400 + generator.integers(3_600, 36_000, len(kind))  # 9 to 18 o'clock in Guangdong
    year = (tested.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970).clip(1970)
    paper = joined("P", text(source.places.codes, place), "-", digits(year, 4), "-", digits(numbers, 8))
    return {
        "filed_at": pa.array(seconds).cast(pa.timestamp("s", "UTC")),
        # Of a certificate on paper, from before this system: the number leads nowhere.
        "last_certificate": pc.if_else(pa.array(never), "", paper),
        "last_passed": pa.array(passed, mask=never),
        "valid_until": pa.array((tested + term).astype(np.int32), mask=never | ~passed).cast(pa.date32()),
    }


def _tags(generator: np.random.Generator, size: int) -> pa.Array:
    """Of the form of `new_tag`; drawn by the seed, so that they can be guessed, as the real ones can't."""
    letters = np.frombuffer(TAG_ALPHABET.encode(), np.uint8)
    return characters(letters[generator.integers(0, len(letters), (size, TAG_LENGTH), np.uint8)])
