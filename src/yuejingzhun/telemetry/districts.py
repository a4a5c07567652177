"""Districts as arrays: what a kernel of the science takes, out of a table that the lake gives.

Where every register has every day, the arrays are views of Arrow's own memory; otherwise there is one copy.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from yuejingzhun.telemetry.reading import QUARTER_HOUR, Finding, Role, points_a_day
from yuejingzhun.telemetry.registers import Bools, Ints, set_aside, unroll, usual_capacity
from yuejingzhun.telemetry.rows import steps_of, usable_points

Floats = NDArray[np.float64]
OF_A_REGISTER = ["district", "meter", "role", "branch", "phase", "scaler", "multiplier", "capacity"]
IN_CACHE = 32  # registers of a month that are looked through at once
MOST_SET_ASIDE = 0.05
"""Share of a register's points that may be set aside for falling; more, and it is left out, as if it had not come."""


@dataclass(frozen=True, eq=False, slots=True)
class Registers:
    """Registers of some districts over the same days, in the order of district, meter and role.

    `steps` (registers x points) are continuous whole steps, zero where not `present`; `present` is None where all are,
    and none ever fell.
    Points are the registers at 00:00, 00:15, … of `days` days from `first_day` on. `step_kwh` has the multiplier in it.
    """

    first_day: date
    days: int
    districts: NDArray[np.str_]
    meters: NDArray[np.str_]
    roles: NDArray[np.str_]
    groups: NDArray[np.str_]  # branch and phase as they are known, "" where neither is
    step_kwh: Floats
    steps: Ints
    present: Bools | None


@dataclass(frozen=True, eq=False, slots=True)
class District:
    """One district: its total, net of what it fed in, and its meters. `signs`: +1 drawn, -1 fed in."""

    name: str
    meters: NDArray[np.str_]
    signs: NDArray[np.int8]
    groups: NDArray[np.str_]
    step_kwh: Floats
    steps: Ints  # meters x points
    present: Bools  # meters x points
    total_step_kwh: float
    total_steps: Ints  # points
    total_present: Bools
    is_rising: bool = False  # whether it is known that no register is missing anywhere, or falls


@dataclass(frozen=True, slots=True)
class Unusable:
    """A district that can't be evaluated, and why."""

    name: str
    reason: str


def registers(table: pa.Table, first_day: date, days: int, interval_minutes: int = QUARTER_HOUR) -> Registers:
    """Rows of that interval as arrays; `table` has the columns engine.NEEDED in the order of reading.ORDER.

    Raises ValueError for rows outside the days.
    """
    of_interval = pc.equal(table["interval_minutes"], interval_minutes)
    if not pc.all(of_interval, min_count=0).as_py():
        table = table.filter(of_interval)
    table = table.combine_chunks()
    width = points_a_day(interval_minutes)
    place = (table["day"].cast(pa.int32()).to_numpy() - (first_day - date(1970, 1, 1)).days).astype(np.int64)
    if len(place) and (place.min() < 0 or place.max() >= days):
        raise ValueError(f"有不在 {first_day} 起 {days} 天内的读数")
    starts = _starts(table)
    row = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, table.num_rows)))
    lists = _list(table, "registers")
    flat = steps_of(lists, width)
    usable = usable_points(_list(table, "flags"), width)
    if lists.flatten().null_count:  # a null is flagged, too; that it is so is not taken for granted
        valid = lists.flatten().is_valid().to_numpy(zero_copy_only=False).reshape(-1, width)
        usable = valid if usable is None else usable & valid
    if len(place) == len(starts) * days and usable is None:
        steps, present = flat.reshape(len(starts), days * width), None
    else:
        steps = np.zeros((len(starts), days, width), dtype=np.int64)
        steps[row, place] = flat
        present = np.zeros(steps.shape, dtype=bool)
        present[row, place] = True if usable is None else usable
        steps, present = steps.reshape(len(starts), days * width), present.reshape(len(starts), days * width)
    of_registers = table.select(OF_A_REGISTER).take(pa.array(starts))
    rolled = np.bitwise_or.reduceat(table["findings"].to_numpy(), starts) if len(starts) else np.array([], np.uint16)
    steps, present = _continuous(steps, present, of_registers, (rolled & Finding.ROLLOVER) > 0)
    return Registers(first_day, days, *_words(of_registers), _step_kwh(of_registers), steps, present)


def by_district(found: Registers) -> Iterator[District | Unusable]:
    """District by district; one without exactly one total meter, or without meters, says so."""
    if not len(found.districts):
        return
    starts = np.flatnonzero(np.concatenate([[True], found.districts[1:] != found.districts[:-1]]))
    for start, end in zip(starts, np.append(starts[1:], len(found.districts)), strict=True):
        name, roles = str(found.districts[start]), found.roles[start:end]
        totals = np.flatnonzero(roles == Role.TOTAL) + start
        back = np.flatnonzero(roles == Role.TOTAL_FEED_IN) + start
        others = np.flatnonzero((roles == Role.METER) | (roles == Role.FEED_IN)) + start
        if len(totals) != 1:
            yield Unusable(name, "没有总表的示值" if not len(totals) else f"有 {len(totals)} 只总表")
        elif not len(others):
            yield Unusable(name, "没有分表的示值")
        elif len(back) > 1 or (len(back) and found.step_kwh[back[0]] != found.step_kwh[totals[0]]):
            yield Unusable(name, "总表的反向示值应只有一个，分辨力与正向相同")
        else:
            yield _district(found, name, [*totals.tolist(), *back.tolist()], others)


def _district(found: Registers, name: str, totals: list[int], others: NDArray[np.intp]) -> District:
    # The total often stands first or last; then the others are a slice and nothing is copied.
    first, last = int(others[0]), int(others[-1]) + 1
    those: slice | NDArray[np.intp] = slice(first, last) if last - first == len(others) else others
    steps = found.steps[those]
    net = found.steps[totals[0]] - found.steps[totals[1]] if len(totals) > 1 else found.steps[totals[0]]
    return District(
        name=name,
        meters=found.meters[those],
        signs=np.where(found.roles[those] == Role.FEED_IN, -1, 1).astype(np.int8),
        groups=found.groups[those],
        step_kwh=found.step_kwh[those],
        steps=steps,
        present=_present(found, those),
        total_step_kwh=float(found.step_kwh[totals[0]]),
        total_steps=net,
        total_present=_present(found, totals).all(axis=0),
        is_rising=found.present is None,
    )


def _present(found: Registers, those: slice | NDArray[np.intp] | list[int]) -> Bools:
    return np.ones(found.steps[those].shape, dtype=bool) if found.present is None else found.present[those]


def _starts(table: pa.Table) -> NDArray[np.intp]:
    """Where each register begins."""
    new = np.zeros(table.num_rows, dtype=bool)
    new[:1] = True
    for name in ("district", "meter", "role"):
        codes = table[name].combine_chunks().dictionary_encode().indices.to_numpy()
        new[1:] |= codes[1:] != codes[:-1]
    return np.flatnonzero(new)


def _continuous(steps: Ints, present: Bools | None, those: pa.Table, rolled: Bools) -> tuple[Ints, Bools | None]:
    """Registers made continuous over all the days: a row of the lake is so only within itself."""
    falls = rolled | _falls(steps, present)
    if not falls.any():
        return steps, present
    given = np.ones(steps.shape, dtype=bool) if present is None else present
    scaler = those["scaler"].to_numpy().astype(np.int64)
    largest = np.where(given, steps, 0).max(axis=1)
    capacity = np.asarray(pc.fill_null(those["capacity"], 0).to_numpy())
    # A row that was unrolled is above its capacity: as it was shown, it is below.
    shown = np.where(rolled, largest // 2, largest)
    capacity = np.where(capacity > 0, capacity, usual_capacity(shown, scaler))
    places = np.flatnonzero(falls)
    some, of_some = steps[places], given[places]
    again = rolled[places, None] & (capacity[places, None] > 0)
    some = np.where(again, some % np.maximum(capacity[places, None], 1), some)
    some, _ = unroll(some, of_some, capacity[places])
    aside = set_aside(some, of_some)
    aside |= (aside.sum(axis=1) > MOST_SET_ASIDE * steps.shape[1])[:, None]
    steps, given = steps.copy(), given.copy()
    given[places] &= ~aside
    steps[places] = np.where(given[places], some, 0)
    return steps, given


def _falls(steps: Ints, present: Bools | None) -> Bools:
    """Which registers fall anywhere."""
    if present is None or present.all():
        falls = np.zeros(len(steps), dtype=bool)
        lower = np.empty((IN_CACHE, steps.shape[1] - 1), dtype=bool)
        for start in range(0, len(steps), IN_CACHE):
            some = steps[start : start + IN_CACHE]
            found = np.less(some[:, 1:], some[:, :-1], out=lower[: len(some)])
            if found.any():
                falls[start : start + IN_CACHE] = found.any(axis=1)
        return falls
    highest = np.maximum.accumulate(np.where(present, steps, np.iinfo(np.int64).min), axis=1)
    return np.asarray((present & (steps < highest)).any(axis=1))


def _words(table: pa.Table) -> tuple[NDArray[np.str_], ...]:
    branch, phase = (pc.fill_null(table[name], "") for name in ("branch", "phase"))
    columns = (table["district"], table["meter"], table["role"], pc.binary_join_element_wise(branch, phase, ""))
    return tuple(_text(column) for column in columns)


def _text(column: pa.ChunkedArray) -> NDArray[np.str_]:
    """By its different values, which are few but for the meters'."""
    codes = column.combine_chunks().dictionary_encode()
    return np.asarray(codes.dictionary.to_numpy(zero_copy_only=False).astype(np.str_)[codes.indices.to_numpy()])


def _step_kwh(table: pa.Table) -> Floats:
    return 10.0 ** table["scaler"].to_numpy().astype(np.float64) * table["multiplier"].to_numpy()


def _list(table: pa.Table, name: str) -> pa.ListArray:
    column = table[name]
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays([pa.array([], column.type), *column.chunks])
