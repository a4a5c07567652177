"""The errors of all meters of a batch of districts, from registers to what is stated of each meter."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import within
from yuejingzhun.metrology.fleet.balance import Balance
from yuejingzhun.metrology.fleet.district import District, resolve, room
from yuejingzhun.metrology.fleet.marginal import Marginal, marginal
from yuejingzhun.metrology.fleet.prior import Prior, default_prior, learn
from yuejingzhun.metrology.fleet.verdict import Verdict, judge

CHUNK = 16  # districts whose columns are in memory at once


@dataclass(frozen=True, slots=True)
class Estimates:
    """Of a batch. Rows that fill up, feed-in registers and meters that are not `measured` have the prior's marginal."""

    meters: Marginal  # districts x rows
    measured: NDArray[np.bool_]  # districts x rows: whether the readings say anything of the meter
    verdicts: tuple[Verdict, ...]
    districts: tuple[District, ...]
    prior: Prior  # that the batch was judged with


def estimate(balance: Balance, prior: Prior | None = None, mpe: float = 0.02, keep: bool = False) -> Estimates:
    """Errors, uncertainties and probabilities of |error| > `mpe` (relative) of every meter, and a verdict a district.

    Without a prior, that of the batch is learnt from its own supported districts. The moments are kept where the batch
    shall be followed (following.py): 0.4 MB a district.
    """
    within("mpe", mpe, 1e-4, 0.5)
    given = prior or default_prior()
    groups = max(int(balance.groups.max()) + 1, 1)
    spaces = room(balance, groups, min(CHUNK, len(balance)))
    solved: list[District] = []
    for begin in range(0, len(balance), CHUNK):
        solved += resolve(balance, range(begin, min(begin + CHUNK, len(balance))), groups, given, spaces, keep)
    mean = np.array([each.mean for each in solved])
    variance = np.array([each.variance for each in solved])
    measured = np.array([each.measured for each in solved])
    verdicts = tuple(judge(each, balance, n, mpe) for n, each in enumerate(solved))
    if prior is None:
        useful = measured & np.array([each.is_supported for each in verdicts])[:, None]
        given = learn(given, mean[useful], variance[useful]) if useful.any() else given
    return Estimates(marginal(given, mean, variance, mpe), measured, verdicts, tuple(solved), given)
