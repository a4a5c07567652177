"""Rows with equally many points, judged by their registers: gaps, rollover, falls."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from yuejingzhun.telemetry.admission.columns import Bools, Ints, decimals
from yuejingzhun.telemetry.admission.headings import Layout
from yuejingzhun.telemetry.admission.points import read_points
from yuejingzhun.telemetry.admission.sieve import Sieve, true
from yuejingzhun.telemetry.reading import Quality
from yuejingzhun.telemetry.refusal import Reason
from yuejingzhun.telemetry.registers import set_aside, unroll, usual_capacity

MOST_SET_ASIDE = 4
"""Points of a day that may be set aside for falling; more, and the register was changed or set to zero."""
MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Judged:
    """Those rows that are still good, as places in the chunk; `steps`, `present` and `flags` are rows x points."""

    rows: NDArray[np.intp]
    steps: Ints
    present: Bools
    flags: NDArray[np.uint8]


def judge(sieve: Sieve, rows: NDArray[np.intp], scaler: Ints, capacity: Ints, counts: Bools) -> Judged:
    """`rows` (ascending) of the chunk; `scaler`, `capacity` (0: unknown) and whether it `counts` up are theirs."""
    chunk = sieve.chunk if len(rows) == sieve.chunk.num_rows else sieve.chunk.take(pa.array(rows))
    found = read_points(chunk, sieve.layout, scaler)
    steps, present = found.steps, found.present
    given = _given_flags(chunk, sieve.layout, steps.shape)
    raw = present & (given != Quality.UNROLLED)
    beyond = (raw & (capacity > 0)[:, None] & (steps >= capacity[:, None])).any(axis=1)
    sieve.refuse(found.wrong, Reason.BAD_NUMBER, lambda row: _first_wrong(chunk, sieve.layout, row), rows)
    sieve.refuse(found.too_fine, Reason.TOO_FINE, lambda row: f"scaler 为 {scaler[row]}", rows)
    sieve.refuse(~present.any(axis=1), Reason.NO_POINTS, lambda _: "", rows)
    sieve.refuse((steps < 0).any(axis=1), Reason.NEGATIVE, lambda row: f"{steps[row].min()} 步", rows)
    told = lambda row: f"{steps[row].max()} 步，容量 {capacity[row]} 步"  # noqa: E731
    sieve.refuse(beyond, Reason.BEYOND, told, rows)
    largest = np.where(present, steps, 0).max(axis=1)
    unrolled, rolled = unroll(steps, present, np.where(capacity > 0, capacity, usual_capacity(largest, scaler)))
    unrolled, rolled = np.where(counts[:, None], unrolled, steps), rolled & counts[:, None]
    aside = set_aside(unrolled, present) & counts[:, None]
    fallen = aside.sum(axis=1)
    sieve.refuse(fallen > MOST_SET_ASIDE, Reason.FALLING, lambda row: _fall(unrolled[row], present[row]), rows)
    sieve.notice(fallen > 0, Reason.SET_ASIDE, lambda row: _named(aside[row]), rows)
    sieve.notice(rolled.any(axis=1), Reason.ROLLED_OVER, lambda row: _named(rolled[row]), rows)
    kept = sieve.good[rows]
    flags = _flags(given, present, aside, rolled)
    return Judged(rows[kept], unrolled[kept], present[kept], flags[kept])


def _flags(given: NDArray[np.uint8], present: Bools, aside: Bools, rolled: Bools) -> NDArray[np.uint8]:
    flags = np.where((given == Quality.ESTIMATED) | (given == Quality.UNROLLED), given, np.uint8(Quality.GOOD))
    flags[rolled] = Quality.UNROLLED
    flags[aside] = Quality.FALLING
    flags[~present] = Quality.MISSING
    return flags


def _given_flags(chunk: pa.Table, layout: Layout, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Flags that the source gives, for rows where there are as many as points; else zeros."""
    flags = np.zeros(shape, dtype=np.uint8)
    name = layout.fields.get("flags")
    if name is None or not pa.types.is_list(chunk.column(name).type):
        return flags
    column = chunk.column(name).combine_chunks()
    fitting = true(pc.equal(pc.list_value_length(column), shape[1]))
    if fitting.any():
        values = pc.fill_null(column.filter(pa.array(fitting)).flatten(), 0)
        flags[fitting] = values.to_numpy(zero_copy_only=False).astype(np.uint8).reshape(-1, shape[1])
    return flags


def _first_wrong(chunk: pa.Table, layout: Layout, row: int) -> str:
    """Which cell of a row is no number, and what it says."""
    for name in layout.points:
        cell = chunk.column(name).slice(row, 1)
        if decimals(cell).wrong[0]:
            return f"{name} 为“{str(cell[0].as_py())[:40]}”，应为不超过六位小数的数"
    return "registers"


def _fall(steps: Ints, present: Bools) -> str:
    values = steps[present]
    place = int(np.flatnonzero(np.diff(values) < 0)[0])
    return f"由 {values[place]} 降到 {values[place + 1]} 步"


def _named(mask: Bools) -> str:
    places = np.flatnonzero(mask) + 1
    more = f" 等 {len(places)} 点" if len(places) > MOST_NAMED else " 点"
    return "第 " + "、".join(map(str, places[:MOST_NAMED])) + more
