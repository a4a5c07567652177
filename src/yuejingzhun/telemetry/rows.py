"""Arrays of points as the list columns of the schema, and back without copying where Arrow allows it."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from yuejingzhun.telemetry.reading import Finding, Quality
from yuejingzhun.telemetry.registers import Bools, Ints

OF_QUALITY = (
    (Quality.MISSING, Finding.GAPS),
    (Quality.FALLING, Finding.FALLING),
    (Quality.UNROLLED, Finding.ROLLOVER),
    (Quality.ESTIMATED, Finding.ESTIMATED),
)


def register_lists(steps: Ints, present: Bools) -> pa.Array:
    """Rows x points as a list a row, with null where nothing is present."""
    rows, width = steps.shape
    flat = np.ascontiguousarray(steps).reshape(-1)
    array = pa.array(flat) if present.all() else pa.array(flat, mask=~present.reshape(-1))
    return pa.ListArray.from_arrays(pa.array(np.arange(rows + 1, dtype=np.int32) * width), array)


def flag_lists(flags: NDArray[np.uint8]) -> pa.Array:
    """Quality flags as a list a row, null for a row that is good throughout."""
    some = flags.any(axis=1)
    ends = (np.concatenate([[0], np.cumsum(some)]) * flags.shape[1]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(flags[some].reshape(-1)), mask=pa.array(~some))


def findings(flags: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """What the flags of each row amount to."""
    found = np.zeros(len(flags), dtype=np.uint16)
    for quality, finding in OF_QUALITY:
        found |= np.where((flags == quality).any(axis=1), np.uint16(finding), np.uint16(0))
    return found


def steps_of(registers: pa.ListArray, width: int) -> Ints:
    """Lists that all have `width` points as rows x points: a view of Arrow's memory where no point is null, else a copy
    with zero under the nulls. Raises ValueError for lists of another length."""
    flat = registers.flatten()
    if len(flat) != len(registers) * width:
        raise ValueError(f"每行应有 {width} 点")
    if flat.null_count:
        flat = pc.fill_null(flat, 0)
    return flat.to_numpy(zero_copy_only=True).reshape(-1, width)


def usable_points(flags: pa.ListArray, width: int) -> Bools | None:
    """Which points may be evaluated (rows x points); None where all may."""
    if flags.null_count == len(flags):
        return None
    usable = np.ones((len(flags), width), dtype=bool)
    some = flags.is_valid().to_numpy(zero_copy_only=False)
    codes = flags.flatten().to_numpy(zero_copy_only=False).reshape(-1, width)
    usable[some] = (codes == Quality.GOOD) | (codes == Quality.UNROLLED)
    return usable
