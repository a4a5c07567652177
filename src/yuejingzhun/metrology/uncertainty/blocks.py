"""Propagation over very many measurements, block by block.

A model of some twenty operations holds some twenty arrays at once. Blocks that stay in the processor's cache
save most of the time that long arrays would spend on fetching fresh memory.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.uncertainty.budget import standard_uncertainty
from yuejingzhun.metrology.uncertainty.dual import Input, Uncertain, Values, of

ROWS_PER_BLOCK = 25_000


def propagate(
    model: Callable[..., Uncertain],
    inputs: Sequence[Input],
    correlations: Mapping[tuple[int, int], float] | None = None,
    rows_per_block: int = ROWS_PER_BLOCK,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Value and combined standard uncertainty of model(*inputs) for each row (JCGM 100:2008 5.1.2, 5.2.2).

    `value` and `u` of an input are floats or one-dimensional arrays of one common length; `correlations`
    name a pair of inputs by their positions. Both results have that length. Raises ValueError where lengths
    differ.
    """
    rows = np.broadcast_shapes(*(np.shape(part) for x in inputs for part in (x.value, x.u)))
    if len(rows) != 1:
        raise ValueError(f"need at least one array, and one-dimensional ones only; found shape {rows}")
    values, sizes = np.empty(rows), np.empty(rows)
    for start in range(0, rows[0], rows_per_block):
        block = slice(start, start + rows_per_block)
        cut = [Input(x.name, _rows(x.value, block), _rows(x.u, block), x.dof, x.evaluation) for x in inputs]
        pairs = {frozenset((cut[i], cut[j])): r for (i, j), r in (correlations or {}).items()}
        result = model(*map(of, cut))
        values[block], sizes[block] = result.value, standard_uncertainty(result, pairs)
    return values, sizes


def _rows(part: Values, block: slice) -> Values:
    return part[block] if isinstance(part, np.ndarray) and part.ndim else part
