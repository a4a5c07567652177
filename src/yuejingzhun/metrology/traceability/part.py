"""A run of calibrations in the order in which a recall reads them: made once, never changed, fit to lie in a file.

What was made with one item in one period is one stretch of each column, so that a small recall of a large graph reads
a few pages of it. The day on which each calibration is replaced is worked out here once and not at each recall.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats

Ints = NDArray[np.int32]
Positions = NDArray[np.int64]
Columns = dict[str, list[NDArray[Any]]]

# Keys of 63 bits: upper and day; lower, strand and day.
ITEM_BITS, STRAND_BITS, DAY_BITS = 31, 12, 20
FIRST_DAY, LAST_DAY = -(2 ** (DAY_BITS - 1)), 2 ** (DAY_BITS - 1) - 1
FOREVER = LAST_DAY + 1
"""The day that never comes: the end of what nothing has replaced."""


@dataclass(frozen=True, slots=True)
class Part:
    """m links ordered by upper and day, those of one day as they were given; all (m,) but `uppers`.

    `number` is the caller's name of a link, `upper_key` its upper and day (see `key_of_upper`), `ended` the day from
    which another calibration of this part holds; `factor` is d(error of lower) / d(error of upper), `mpe`,
    `expanded_u` and `margin` what `effect` asks for. `lower_key` are the links' lowers, strands and days in ascending
    order and `by_lower` their places here. `uppers` (k,) are the items that anything was made with, ascending, and
    `leading` (l,) the places of the links to one of these: those from which a recall may go on, and far fewer than m.
    """

    number: Positions
    upper_key: Positions
    lower: Ints
    strand: Ints
    ended: Ints
    factor: Floats
    mpe: Floats
    expanded_u: Floats
    margin: Floats
    lower_key: Positions
    by_lower: Ints
    uppers: Ints
    leading: Positions

    @property
    def links(self) -> int:
        """m."""
        return len(self.number)


GIVEN = ("number", "lower", "strand", "factor", "mpe", "expanded_u", "margin")


def part_of(columns: Columns) -> Part:
    """The part of these links: columns `upper_key` and GIVEN, each in pieces, which are taken out of the dictionary.

    They are taken one by one since those of a large graph are hundreds of megabytes. Pieces that are in order already
    are merged, not sorted again.
    """
    upper_key = np.concatenate(columns.pop("upper_key"))
    order = np.argsort(upper_key, kind="stable")
    upper_key = upper_key[order]
    column = {name: np.concatenate(columns.pop(name))[order] for name in GIVEN}
    del order
    own = key_of_lower(column["lower"], column["strand"], day_of_key(upper_key))
    by_lower = np.argsort(own).astype(np.int32)  # of links of one calibration any order will do
    lower_key = own[by_lower]
    upper = (upper_key >> DAY_BITS).astype(np.int32)
    first = np.ones(len(upper), np.bool_)
    first[1:] = upper[1:] != upper[:-1]
    uppers = upper[first]
    return Part(
        **column,
        upper_key=upper_key,
        ended=_ended(lower_key, by_lower),
        lower_key=lower_key,
        by_lower=by_lower,
        uppers=uppers,
        leading=links_to(lower_key, by_lower, uppers),
    )


def merged(parts: tuple[Part, ...]) -> Part:
    """The links of several parts as one."""
    return part_of({name: [getattr(part, name) for part in parts] for name in ("upper_key", *GIVEN)})


def links_to(lower_key: Positions, by_lower: Ints, items: NDArray[Any]) -> Positions:
    """The places of the links by which any of these items, each given once, was calibrated, ascending."""
    first, last = lower_key.searchsorted(np.stack([items, items + 1]).astype(np.int64) << (STRAND_BITS + DAY_BITS))
    return np.sort(by_lower[ranges(first, last - first)]).astype(np.int64)


def ranges(first: Positions, sizes: Positions) -> Positions:
    """The numbers first[0], first[0] + 1, ... (sizes[0] of them), then those from first[1] on, and so forth."""
    if len(first) == 1:
        return np.arange(first[0], first[0] + sizes[0])
    ends = sizes.cumsum()
    found = np.arange(ends[-1] if len(ends) else 0)
    found += (first - ends + sizes).repeat(sizes)
    return found


def key_of_upper(upper: NDArray[Any], day: NDArray[Any]) -> Positions:
    """Item and day in one number that orders by both; FOREVER orders as the first day of the next item."""
    return np.asarray((upper.astype(np.int64) << DAY_BITS) + (day.astype(np.int64) - FIRST_DAY))


def key_of_lower(lower: NDArray[Any], strand: NDArray[Any], day: NDArray[Any]) -> Positions:
    """Item, strand and day in one number that orders by all three."""
    return key_of_upper((lower.astype(np.int64) << STRAND_BITS) + strand, day)


def day_of_key(key: Positions) -> Positions:
    """The day in a key of either kind."""
    return np.asarray((key & (2**DAY_BITS - 1)) + FIRST_DAY)


def follows(key: Positions, follower: Positions) -> Positions:
    """The day of `follower` where it is of the same item and strand as `key`, else FOREVER."""
    return np.where(key >> DAY_BITS == follower >> DAY_BITS, day_of_key(follower), FOREVER)


def _ended(lower_key: Positions, by_lower: Ints) -> Ints:
    """For each link, by place, the next day on which its item and strand were calibrated."""
    first = np.ones(len(lower_key), np.bool_)
    first[1:] = lower_key[1:] != lower_key[:-1]
    days = lower_key[first]  # each calibration once, whatever the number of its uppers
    ended = np.full(len(days), FOREVER, np.int32)
    ended[:-1] = follows(days[:-1], days[1:])
    found = np.empty(len(by_lower), np.int32)
    found[by_lower] = ended[np.cumsum(first) - 1]
    return found
