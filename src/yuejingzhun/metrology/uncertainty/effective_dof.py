"""Effective degrees of freedom of a result (JCGM 100:2008 G.4.1), with inputs that were read together as one."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from yuejingzhun.metrology.uncertainty.dual import Input, Values


def effective_dof(
    u: Values, parts: Mapping[Input, Values], pairs: Sequence[tuple[tuple[Input, Input], float]] = ()
) -> Values:
    """Welch-Satterthwaite over groups of correlated inputs: u^4 / sum(u_group^4 / dof_group).

    `parts` are the signed contributions c u of each input, `pairs` the correlation coefficients. Inputs that
    correlate form a group, which counts as one component with the group's own variance, its covariances included
    (R. Willink, Metrologia 44 (2007) 340: inputs observed together have one dof). Where a group's inputs
    were said to have different dof the formula has no answer, and the smallest is taken, which is on the safe side.
    """
    total: Values = 0.0
    for group in _groups(parts, [pair for pair, r in pairs if r]):
        dof = min(key.dof for key in group)
        if np.isfinite(dof):
            variance = sum((parts[key] ** 2 for key in group), 0.0) + sum(
                2 * r * parts[x] * parts[y] for (x, y), r in pairs if x in group and y in group
            )
            total = total + variance**2 / dof
    fourth, below = np.broadcast_arrays(np.asarray(u, dtype=np.float64) ** 4, np.asarray(total, dtype=np.float64))
    dof = np.divide(fourth, below, out=np.full(below.shape, np.inf), where=below > 0)
    return float(dof) if dof.ndim == 0 else dof


def _groups(keys: Iterable[Input], pairs: Iterable[tuple[Input, Input]]) -> list[frozenset[Input]]:
    group_of = {key: frozenset((key,)) for key in keys}
    for x, y in pairs:
        if x in group_of and y in group_of:
            joined = group_of[x] | group_of[y]
            group_of |= dict.fromkeys(joined, joined)
    return list(dict.fromkeys(group_of.values()))
