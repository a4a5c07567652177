"""Which group a meter belongs to, told by the energy balance: the loss is the square of a group's load.

With the other meters in place, moving meter i into group h adds r[h] (2 x[i] load[h] + x[i]^2) to the loss: a shape
in time, which the balance of a month tells from that of any other group. Meters that nobody filed are put in, and filed
ones moved, where that is almost certain, a round at a time. What the others of unknown or doubtful group may lose is a
part of the noise (unknown_groups.py): without it one wrong place would be made good by the next. Errors of the meters
are integrated out with a normal prior, resistances are fitted with none negative.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.optimize import nnls

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.balance import UNKNOWN, Balance
from yuejingzhun.metrology.fleet.columns import Steps
from yuejingzhun.metrology.fleet.increments import Corrections, increments
from yuejingzhun.metrology.fleet.noise import Noise, expected_noise, rounding_variance
from yuejingzhun.metrology.fleet.topology import Topology
from yuejingzhun.metrology.fleet.unknown_groups import filtered, fits_memory, unknown_loss

HOUR = 4  # quarter hours in a block of the balance
TRUST = 0.9  # probability beforehand that a meter is where the file has it
SPREAD = 0.01  # of the errors: wide enough that a bad meter is not taken for a wrong group
SURE = 0.95  # probability that a meter is placed or moved at
ROUNDS = 10
MOST_UNKNOWN = 0.5  # share of the meters; of more nothing can be said one by one
DOUBTS = (0.0, 0.01, 0.03, 0.1, 0.3)  # share of the filed pairs' loss that may be elsewhere, as if unknown

Groups = NDArray[np.signedinteger]


@dataclass(frozen=True, slots=True)
class _Scene:
    """A district's balance as functions of time: made white with what is not known of it."""

    energy: Floats  # meters x intervals that were read, kWh
    left_kwh: Floats  # intervals: total less the meters
    steps: Steps
    noise: Noise
    linear: Floats  # covariance of errors, fixed loss and rounding, after the filter, in units of the noise
    everything: Floats  # that of the loss if all groups were unknown, at r = 1
    factor: Floats

    def white(self, rows: Floats) -> Floats:
        """Functions of the intervals, in units of the noise."""
        through = filtered(rows, self.noise) / np.sqrt(self.noise.variance)
        return np.asarray(solve_triangular(self.factor, through.T, lower=True, check_finite=False).T)


def regrouped(balance: Balance, number: int, groups: int) -> Topology | None:
    """Groups of all rows of one district, of `groups` that it may have, and how certain each is.

    None where too many rows are unknown to begin with, or there are gaps, or too few or too many readings.
    """
    filed = balance.groups[number]
    listed = balance.signs[number] != 0
    if ((filed < 0) & listed).sum() > MOST_UNKNOWN * listed.sum():
        return None
    scene = _scene(balance, number, groups)
    if scene is None:
        return None
    group = np.where(listed, filed, UNKNOWN)
    rows = np.arange(len(group))
    for turn in range(ROUNDS):
        scene, cross = _with_doubt(scene, group, groups)
        chance = _chances(scene, cross, group, filed, listed)
        best = chance.argmax(axis=1)
        moving = (best != group) & (chance.max(axis=1) > SURE)
        if not moving.any() or turn == ROUNDS - 1:
            break
        group = np.where(moving, best, group)
    certainty = np.where(group >= 0, chance[rows, group], 0.0)
    return Topology(group, certainty)


def _scene(balance: Balance, number: int, groups: int) -> _Scene | None:
    rows, points = balance.registers.shape[1:]
    read = increments(balance, number, groups, Corrections(), np.empty((rows, points - 1)))
    steps = read.steps
    block = HOUR if (points - 1) % HOUR == 0 and balance.points_a_day % HOUR == 0 else 1
    noise = expected_noise(rounding_variance(steps.unit, float(balance.total_resolution_kwh[number])), block)
    whole = read.unsure is None and steps.read is None
    if not whole or read.intervals < balance.points_a_day or not fits_memory(steps, noise):
        return None
    energy, total = steps.meters * steps.unit[:, None], steps.total_kwh
    plain = np.vstack([SPREAD * energy, np.full(total.size, 0.1 * np.abs(total).mean())])
    linear = filtered(plain, noise) / np.sqrt(noise.variance)
    start = noise.leak ** np.arange(linear.shape[1])
    covariance = linear.T @ linear + np.outer(start, start)
    covariance[np.diag_indices_from(covariance)] += 1.0
    everything, _ = unknown_loss(replace(steps, groups=np.full(rows, UNKNOWN)), noise)
    everything /= noise.variance
    left = total - energy.sum(axis=0)
    return _Scene(energy, left, steps, noise, covariance, everything, np.linalg.cholesky(covariance))


def _with_doubt(scene: _Scene, group: Groups, groups: int) -> tuple[_Scene, Floats]:
    """The scene with the loss of unknown meters, and of doubtful places as far as the balance asks for it; and the
    products of each meter's energy with each group's load, white: groups x rows x time."""
    loads = np.array([scene.energy[group == each].sum(axis=0) for each in range(groups)])
    squares = filtered(loads**2, scene.noise) / np.sqrt(scene.noise.variance)
    left = filtered(scene.left_kwh[None].copy(), scene.noise)[0] / np.sqrt(scene.noise.variance)
    resistance = _fitted(squares, left)
    r = float(np.mean(resistance[resistance > 0])) if (resistance > 0).any() else 0.0
    base = scene.linear
    if ((group < 0) & (scene.steps.unit != 0)).any():
        covariance, mean = unknown_loss(replace(scene.steps, groups=group), scene.noise)
        base = np.asarray(base + (covariance + np.outer(mean, mean)) * (r**2 / scene.noise.variance))
    best, factor = -np.inf, scene.factor
    for doubt in DOUBTS:
        lower = np.asarray(np.linalg.cholesky(base + doubt * r**2 * scene.everything), dtype=np.float64)
        white = solve_triangular(lower, np.vstack([squares, left]).T, lower=True, check_finite=False).T
        rest = white[-1] - _fitted(white[:-1], white[-1]) @ white[:-1]
        likelihood = -0.5 * float(rest @ rest) - float(np.log(np.diag(lower)).sum())
        if likelihood > best:
            best, factor = likelihood, lower
    known = replace(scene, factor=factor)
    return known, np.array([known.white(scene.energy * load) for load in loads])


def _chances(scene: _Scene, cross: Floats, group: Groups, filed: Groups, listed: NDArray[np.bool_]) -> Floats:
    """Probability of each group for each meter, the others where they are: rows x groups."""
    squares = np.array([each[group == k].sum(axis=0) for k, each in enumerate(cross)])
    left = scene.white(scene.left_kwh[None].copy())[0]
    resistance = _fitted(squares, left)
    left = left - resistance @ squares
    own = scene.white(scene.energy**2)
    rows = np.arange(len(group))
    with_it = 2 * cross + own  # groups x rows x time: what the meter adds to the square of the load
    inside = np.flatnonzero(group >= 0)
    with_it[group[inside], inside] -= 2 * own[inside]
    with_it *= resistance[:, None, None]
    without = np.where((group >= 0)[:, None], with_it[group, rows], 0.0)
    log = np.einsum("krt,t->rk", with_it, left) + np.einsum("krt,rt->rk", with_it, without)
    log -= 0.5 * np.einsum("krt,krt->rk", with_it, with_it)
    trusted = np.flatnonzero(filed >= 0)
    log[trusted, filed[trusted]] += np.log(TRUST / (1 - TRUST) * max(len(cross) - 1, 1))
    log -= log.max(axis=1, keepdims=True)
    share = np.exp(log)
    return np.asarray(np.where(listed[:, None], share / share.sum(axis=1, keepdims=True), 0.0))


def _fitted(squares: Floats, left: Floats) -> Floats:
    """Resistances of the groups by least squares, none negative."""
    size = np.sqrt((squares**2).sum(axis=1))
    size[size == 0] = 1.0
    return np.asarray(nnls((squares / size[:, None]).T, left)[0] / size)
