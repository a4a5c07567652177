"""The leaky integrator that makes noise of registers white: z[t] = x[t] + leak * z[t - 1], by matrix products.

Rounding of a register is white in the register and therefore a moving average of order one in its differences, with a
root close to one: its inverse is this filter (Hamilton, Time Series Analysis, 3.7). Computed by blocks: what is carried
into a block is the same filter over the ends of the blocks, and is added to the block's first value.
"""

from functools import lru_cache

import numpy as np

from yuejingzhun.metrology.arguments import Floats

BLOCK = 16
DIRECT = 64  # points up to which one triangular matrix does it


def integrate(values: Floats, leak: float, out: Floats | None = None, gain: float = 1.0) -> Floats:
    """Filter along the last axis, times `gain`; `values` (rows x points, C order) is used as working space and lost."""
    rows, points = values.shape
    result = np.empty_like(values) if out is None else out
    blocks, rest = divmod(points, BLOCK)
    if points <= DIRECT:
        return np.matmul(values, _powers(leak, points, gain).T, out=result)
    triangle = _powers(leak, BLOCK)
    body = values[:, : blocks * BLOCK].reshape(-1, BLOCK)
    ends = (body @ triangle[-1]).reshape(rows, blocks)[:, :-1]
    body.reshape(rows, blocks, BLOCK)[:, 1:, 0] += leak * integrate(np.ascontiguousarray(ends), leak**BLOCK)
    amplified = _powers(leak, BLOCK, gain)
    if not rest:
        np.matmul(body, amplified.T, out=result.reshape(-1, BLOCK))
        return result
    result[:, :-rest] = (body @ amplified.T).reshape(rows, -1)
    tail = values[:, -rest:]
    tail[:, 0] += leak / gain * result[:, -rest - 1]
    result[:, -rest:] = tail @ _powers(leak, rest, gain).T
    return result


@lru_cache(maxsize=256)
def _powers(leak: float, size: int, gain: float = 1.0) -> Floats:
    """Lower triangular Toeplitz matrix of leak ** (row - column), times `gain`."""
    lag = np.subtract.outer(np.arange(size), np.arange(size))
    powers = gain * np.where(lag >= 0, float(leak) ** np.maximum(lag, 0), 0.0)
    powers.flags.writeable = False
    return np.asarray(powers)
