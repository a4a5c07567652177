"""Branches and phases from interval voltages: meters of one group sag together under each other's load.

A meter's voltage is that of its phase at the transformer less the drop along its branch. What all meters share is
taken out, and what wanders slowly by differences; the rest of meters in one group correlates. Groups are found by
average linkage, their number by the silhouette (Rousseeuw 1987), and each meter is then compared with the mean of
every group without itself, until none moves.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from yuejingzhun.metrology.arguments import ArgumentError, Floats
from yuejingzhun.metrology.fleet.topology import Topology

MOST_GROUPS = 30
ROUNDS = 20
LEAST_POINTS = 96
LEAST_METERS = 3
LEAST_OF_GROUP = 1 / 3  # of the mean size: fewer meters are strays near the transformer, where all branches sag alike
LEAST_READ = 0.5  # share of its points, below which a meter's voltage tells nothing


def groups_from_voltages(voltages: Floats, groups: int | None = None) -> Topology:
    """`voltages`: meters x points in V at the same times, NaN where none was read; `groups`: how many, if known.

    A meter of too few points, or whose voltage does not move, has certainty 0. Raises ArgumentError for arrays of
    another shape or with less than a day of points.
    """
    if voltages.ndim != 2 or voltages.shape[1] < LEAST_POINTS or len(voltages) < LEAST_METERS:
        least = f"至少 {LEAST_METERS} 只表、{LEAST_POINTS} 个时刻"
        raise ArgumentError("voltages", f"应为 表 × 时刻（{least}），形状为 {voltages.shape}")
    changes, moves = _changes(voltages)
    found = np.zeros(len(voltages), dtype=np.int64)
    certainty = np.zeros(len(voltages))
    if moves.sum() < LEAST_METERS:
        return Topology(found, certainty)
    changes = changes[moves]
    group = _linked(changes, groups)
    group = group if groups else _without_strays(changes, group)
    for _ in range(ROUNDS):
        fit = _fits(changes, group)
        better = fit.argmax(axis=1)
        if (better == group).all():
            break
        group = np.unique(better, return_inverse=True)[1]
    fit = _fits(changes, group)
    found[moves], certainty[moves] = group, _probability(fit, group, changes.shape[1])
    return Topology(found, certainty)


def _changes(voltages: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Differences in time less what all meters share, each meter of length one; which meters have any."""
    steps = np.diff(voltages, axis=1)
    read = np.isfinite(steps)
    steps = np.where(read, steps, 0.0)
    enough = read.mean(axis=1) >= LEAST_READ
    of_all = np.median(np.where(read, steps, 0.0)[enough], axis=0) if enough.any() else np.zeros(steps.shape[1])
    rest = np.where(read, steps - of_all, 0.0)
    length = np.sqrt((rest**2).sum(axis=1))
    moves = enough & (length > 0) & (np.ptp(steps, axis=1) > 0)
    return rest / np.where(length > 0, length, 1.0)[:, None], moves


def _linked(changes: Floats, groups: int | None) -> NDArray[np.int64]:
    apart = np.clip(1 - changes @ changes.T, 0, 2)
    np.fill_diagonal(apart, 0.0)
    tree = linkage(squareform(apart, checks=False), "average")
    if groups is not None:
        return np.asarray(fcluster(tree, groups, "maxclust") - 1, dtype=np.int64)
    cuts = [
        np.asarray(fcluster(tree, count, "maxclust") - 1, dtype=np.int64)
        for count in range(2, min(MOST_GROUPS, len(changes) - 1) + 1)
    ]
    return max(cuts, key=lambda cut: _silhouette(apart, cut))


def _without_strays(changes: Floats, group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Meters of very small groups put into the others."""
    size = np.bincount(group)
    stray = size[group] < LEAST_OF_GROUP * size.mean()
    if stray.all() or not stray.any():
        return group
    fit = _fits(changes, group)
    fit[:, np.unique(group[stray])] = -np.inf
    return np.asarray(np.unique(np.where(stray, fit.argmax(axis=1), group), return_inverse=True)[1], dtype=np.int64)


def _silhouette(apart: Floats, group: NDArray[np.int64]) -> float:
    member = np.eye(group.max() + 1)[group]
    size = member.sum(axis=0)
    mean = apart @ member
    meters = np.arange(len(group))
    inside = mean[meters, group] / np.maximum(size[group] - 1, 1)
    outside = mean / size
    outside[meters, group] = np.inf
    nearest = outside.min(axis=1)
    alone = size[group] == 1
    return float(np.where(alone, 0.0, (nearest - inside) / np.maximum(nearest, inside)).mean())


def _fits(changes: Floats, group: NDArray[np.int64]) -> Floats:
    """Correlation of each meter with the mean of each group's other meters."""
    member = np.eye(group.max() + 1)[group]
    sums = member.T @ changes
    product = changes @ sums.T
    square = np.broadcast_to((sums**2).sum(axis=1), product.shape)
    own = member > 0
    rest = np.where(own, square - 2 * product + 1, square)
    return np.asarray(np.where(own, product - 1, product) / np.sqrt(np.maximum(rest, 1e-12)))


def _probability(fit: Floats, group: NDArray[np.int64], points: int) -> Floats:
    """Of the group that a meter is in, with a normal scatter about each group's mean (differences count half)."""
    log = -0.25 * points * np.log(np.clip(1 - np.sign(fit) * fit**2, 1e-9, None))
    log -= log.max(axis=1, keepdims=True)
    share = np.exp(log)
    return np.asarray(share[np.arange(len(group)), group] / share.sum(axis=1))
