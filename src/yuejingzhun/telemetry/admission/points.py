"""A day's points out of the columns of a table: whole steps, rows x points."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yuejingzhun.telemetry.admission.columns import DECIMALS, Bools, Ints, decimals
from yuejingzhun.telemetry.admission.headings import Layout


@dataclass(frozen=True, slots=True)
class Points:
    """Rows x points; `steps` is zero where nothing is present. Row by row: what is no number, what is too fine."""

    steps: Ints
    present: Bools
    wrong: Bools
    too_fine: Bools


def lengths(chunk: pa.Table, layout: Layout) -> Ints:
    """How many points each row has; 0 where there is no list at all."""
    if layout.points:
        return np.full(chunk.num_rows, len(layout.points), dtype=np.int64)
    column = chunk.column(layout.fields["registers"])
    if not pa.types.is_list(column.type) and not pa.types.is_large_list(column.type):
        return np.zeros(chunk.num_rows, dtype=np.int64)
    return pc.fill_null(pc.list_value_length(column), 0).to_numpy().astype(np.int64)


def read_points(chunk: pa.Table, layout: Layout, scaler: Ints) -> Points:
    """The points of rows that have equally many. Columns p1, p2, … are in the unit, as people write them; a list
    `registers` of integers is in steps, as the lake keeps them, and one of other numbers in the unit."""
    rows = chunk.num_rows
    if layout.points:
        together = pa.concat_arrays([part for name in layout.points for part in chunk.column(name).chunks])
        found = decimals(together)
        values, absent, wrong = (part.reshape(-1, rows).T for part in (found.values, found.absent, found.wrong))
    else:
        flat = pa.concat_arrays([part.flatten() for part in chunk.column(layout.fields["registers"]).chunks])
        if pa.types.is_integer(flat.type):
            absent = pc.is_null(flat).to_numpy(zero_copy_only=False).reshape(rows, -1)
            steps = pc.fill_null(flat, 0).to_numpy().astype(np.int64).reshape(rows, -1)
            return Points(steps, ~absent, np.zeros(rows, bool), np.zeros(rows, bool))
        found = decimals(flat)
        values, absent, wrong = (part.reshape(rows, -1) for part in (found.values, found.absent, found.wrong))
    steps, rest = _in_steps(values, scaler)
    present = ~absent & ~wrong
    return Points(np.where(present, steps, 0), present, wrong.any(axis=1), (present & (rest != 0)).any(axis=1))


def _in_steps(millionths: Ints, scaler: Ints) -> tuple[Ints, Ints]:
    """Whole steps of 10**scaler and what is left over."""
    power = 10 ** (DECIMALS + scaler)
    if np.all(power == power[:1]):
        return np.divmod(millionths, power[0])  # one divisor for all is several times as fast
    return np.divmod(millionths, power[:, None])
