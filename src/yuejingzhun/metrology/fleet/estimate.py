"""The errors of all meters of a batch of districts, from registers to what is stated of each meter."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats, within
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
    solved = [each for some in _solved(balance, given, keep) for each in some]
    verdicts = [judge(each, balance, number, mpe) for number, each in enumerate(solved)]
    if prior is None:
        given = learnt(given, solved, verdicts)
    return _stated(solved, verdicts, given, mpe)


def in_parts(balance: Balance, prior: Prior, mpe: float = 0.02, keep: bool = False) -> Iterator[Estimates]:
    """As `estimate`, of some districts after others in their order, so that what is in memory does not grow with their
    number."""
    within("mpe", mpe, 1e-4, 0.5)
    number = 0
    for solved in _solved(balance, prior, keep):
        verdicts = [judge(each, balance, number + place, mpe) for place, each in enumerate(solved)]
        number += len(solved)
        yield _stated(solved, verdicts, prior, mpe)


def likelihoods(solved: list[District], verdicts: list[Verdict]) -> tuple[Floats, Floats]:
    """What the readings alone say of the errors that they say something of, in supported districts: means, variances.
    From these a prior is learnt (prior.py)."""
    useful = [each.measured & verdict.is_supported for each, verdict in zip(solved, verdicts, strict=True)]
    pairs = list(zip(solved, useful, strict=True))
    mean = np.concatenate([np.empty(0), *(each.mean[some] for each, some in pairs)])
    return mean, np.concatenate([np.empty(0), *(each.variance[some] for each, some in pairs)])


def learnt(prior: Prior, solved: list[District], verdicts: list[Verdict]) -> Prior:
    """The prior that the supported districts speak for; the given one where there is none."""
    mean, variance = likelihoods(solved, verdicts)
    return learn(prior, mean, variance) if mean.size else prior


def _solved(balance: Balance, prior: Prior, keep: bool) -> Iterator[list[District]]:
    groups = max(int(balance.groups.max()) + 1, 1)
    spaces = room(balance, groups, min(CHUNK, len(balance)))
    for begin in range(0, len(balance), CHUNK):
        yield resolve(balance, range(begin, min(begin + CHUNK, len(balance))), groups, prior, spaces, keep)


def _stated(solved: list[District], verdicts: list[Verdict], prior: Prior, mpe: float) -> Estimates:
    mean = np.array([each.mean for each in solved])
    variance = np.array([each.variance for each in solved])
    measured = np.array([each.measured for each in solved])
    return Estimates(marginal(prior, mean, variance, mpe), measured, tuple(verdicts), tuple(solved), prior)
