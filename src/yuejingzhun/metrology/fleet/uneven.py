"""The filter for a balance whose noise is not the same in all intervals, or that has gaps.

The balance of the registers has white noise (their rounding) of variance r; its differences also have a white part q[t]
of their own: small everywhere, larger where the loss is large and scatters about its law, and at a gap what nobody
knows of the loss in it. Innovations of that process (Kalman filter of the rounding, one state; Hamilton 1994, 13.1):

    z[t] = x[t] + (r / S[t-1]) z[t-1],    S[t] = p[t-1] + q[t] + r,    p[t] = r - r^2 / S[t],    p before the first = r

With q constant S soon is, too, and this is the leaky integrator of leaky.py. A stretch that follows a gap begins anew
by itself where q is large: the register at its start is unknown then, and its first difference counts for little.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.gaps import Flags, runs

BLOCK = 16
ENDLESS = 1e12  # variance of what nothing is known of, in units of the rounding's


@dataclass(frozen=True, slots=True)
class Uneven:
    """Of one district; arrays are of the intervals that remain when each gap is one interval."""

    read: Flags | None  # of the intervals before; None: all
    weights: Floats  # of the innovation before, in each innovation
    sizes: Floats  # standard deviation of the innovations, in units of that of even noise
    leak: float

    def __call__(self, columns: Floats) -> Floats:
        """White columns (rows x intervals that remain) of columns before any filter, which are kept."""
        white = innovations(merged(columns, self.read), self.weights)
        white /= self.sizes
        return white

    @property
    def rounding_seen(self) -> float:
        """Variance of the white sum of rounding of variance 1, in units of that of even noise in one interval."""
        variance, total = 0.0, 0.0
        for weight, size in zip(self.weights.tolist(), self.sizes.tolist(), strict=True):
            variance = 2 - 2 * weight + weight * weight * variance
            total += variance / (size * size)
        return total * (1 + self.leak) / 2

    @property
    def lengths(self) -> Floats:
        """How many intervals each is made of."""
        return np.ones(self.sizes.size) if self.read is None else merged(np.ones(self.read.size), self.read)

    @property
    def stretches(self) -> NDArray[np.intp]:
        """A number for each interval: the same for those between which there is no gap."""
        if self.read is None:
            return np.zeros(self.sizes.size, dtype=np.intp)
        gap = ~self.read[begins(self.read)]
        return np.cumsum(gap | np.concatenate([[True], gap[:-1]]))

    def undone(self, white: Floats) -> Floats:
        """What `white` (intervals that remain) was before the filter."""
        innovation = white * self.sizes
        innovation[1:] -= self.weights[1:] * innovation[:-1]
        return innovation


def uneven(leak: float, scatter: Floats, read: Flags | None) -> Uneven:
    """`scatter` (intervals that remain) is the variance beyond that of even noise with that leak, in units of the
    rounding's; leak > 0."""
    spread = _spread(np.minimum(scatter, ENDLESS) + even_ratio(leak))
    weights = np.concatenate([[0.0], 1 / spread[:-1]])
    return Uneven(read, weights, np.sqrt(spread * leak), leak)


def even_ratio(leak: float) -> float:
    """White part of the differences, in units of the rounding's variance, that makes a steady filter of that leak."""
    return (1 - leak) ** 2 / leak


def _spread(ratio: Floats) -> Floats:
    """Variance of the innovations in units of the rounding's."""
    spread, left = [], 1.0
    for each in ratio.tolist():
        now = left + each + 1.0
        spread.append(now)
        left = 1.0 - 1.0 / now
    return np.array(spread)


def merged(columns: Floats, read: Flags | None) -> Floats:
    """Columns in which each gap is one interval, with the sum over it, which the registers on both sides tell."""
    if read is None:
        return columns.copy()
    return np.asarray(np.add.reduceat(columns, begins(read), axis=-1))


def begins(read: Flags) -> np.ndarray:
    """Where the intervals begin that remain when each gap is one."""
    keep = read.copy()
    for begin, _ in runs(~read):
        keep[begin] = True
    return np.flatnonzero(keep)


def innovations(columns: Floats, weights: Floats) -> Floats:
    """z[t] = x[t] + weights[t] z[t-1] along the last axis; `columns` (rows x intervals) is lost.

    By blocks: inside each a triangular matrix, and what goes on from its last value into the next one.
    """
    rows, points = columns.shape
    blocks = -(-points // BLOCK)
    padded = np.zeros((rows, blocks * BLOCK))
    padded[:, :points] = columns
    factor = np.zeros(blocks * BLOCK)
    factor[:points] = weights
    factor = factor.reshape(blocks, BLOCK)
    triangle = np.zeros((blocks, BLOCK, BLOCK))
    triangle[:, 0, 0] = 1.0
    for row in range(1, BLOCK):
        triangle[:, row, :row] = factor[:, row, None] * triangle[:, row - 1, :row]
        triangle[:, row, row] = 1.0
    result = np.matmul(padded.reshape(rows, blocks, BLOCK).transpose(1, 0, 2), triangle.transpose(0, 2, 1))
    onward = np.cumprod(factor, axis=1)  # of the last value of the block before
    carried = np.zeros((blocks, rows))
    for block in range(1, blocks):
        carried[block] = result[block - 1, :, -1] + onward[block - 1, -1] * carried[block - 1]
    result += carried[:, :, None] * onward[:, None, :]
    return np.ascontiguousarray(result.transpose(1, 0, 2).reshape(rows, -1)[:, :points])


def likelihoods(difference: Floats, ratios: Floats) -> tuple[Floats, Floats]:
    """Sum of squares of the innovations over their variance, and sum of its logarithms, in units of the rounding's.

    `difference` (intervals) is what is left of the balance before any filter, `ratios` (candidates x intervals) q / r.
    """
    spread = np.empty((difference.size, len(ratios)))
    innovation = np.empty_like(spread)
    left, known = np.ones(len(ratios)), np.zeros(len(ratios))
    for t, each in enumerate(np.ascontiguousarray(ratios.T)):
        now = np.add(left, each, out=spread[t])
        now += 1.0
        z = np.add(difference[t], known, out=innovation[t])
        known = z / now
        left = 1.0 - 1.0 / now
    squares = (innovation**2 / spread).sum(axis=0)
    return squares, np.log(spread).sum(axis=0)
