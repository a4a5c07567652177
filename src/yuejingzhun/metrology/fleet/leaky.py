"""The leaky integrator that makes noise of registers white: z[t] = x[t] + leak * z[t - 1], by matrix products.

Rounding of a register is white in the register and therefore a moving average of order one in its differences, with a
root close to one: its inverse is this filter (Hamilton, Time Series Analysis, 3.7). Computed by blocks: what is carried
into a block is the same filter over the ends of the blocks, and is added to the block's first value.
"""

from functools import lru_cache

import numpy as np

from yuejingzhun.metrology.arguments import Floats

BLOCK = 16


def integrate(values: Floats, leak: float, out: Floats | None = None) -> Floats:
    """Filter along the last axis; `values` (rows x points, C order) is used as working space and lost."""
    rows, points = values.shape
    result = np.empty_like(values) if out is None else out
    blocks, rest = divmod(points, BLOCK)
    if not blocks:
        return np.matmul(values, _powers(leak, points).T, out=result)
    triangle = _powers(leak, BLOCK)
    body = values[:, : blocks * BLOCK].reshape(-1, BLOCK)
    if blocks > 1:
        ends = (body @ triangle[-1]).reshape(rows, blocks)[:, :-1]
        body.reshape(rows, blocks, BLOCK)[:, 1:, 0] += leak * integrate(np.ascontiguousarray(ends), leak**BLOCK)
    if not rest:
        np.matmul(body, triangle.T, out=result.reshape(-1, BLOCK))
        return result
    result[:, :-rest] = (body @ triangle.T).reshape(rows, -1)
    tail = values[:, -rest:]
    tail[:, 0] += leak * result[:, -rest - 1]
    result[:, -rest:] = tail @ _powers(leak, rest).T
    return result


@lru_cache(maxsize=256)
def _powers(leak: float, size: int) -> Floats:
    """Lower triangular Toeplitz matrix of leak ** (row - column)."""
    lag = np.subtract.outer(np.arange(size), np.arange(size))
    powers = np.where(lag >= 0, float(leak) ** np.maximum(lag, 0), 0.0)
    powers.flags.writeable = False
    return np.asarray(powers)
