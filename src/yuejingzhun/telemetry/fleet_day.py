"""A further day of districts that are followed: yesterday's state and today's rows, by the engine.

follow_day(lake, Path("2026-03"), date(2026, 4, 1), Path("2026-04-01"))
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from yuejingzhun.metrology.fleet.balance import MISSING, Balance
from yuejingzhun.metrology.fleet.following import add, restate
from yuejingzhun.metrology.fleet.marginal import Marginal
from yuejingzhun.telemetry.districts import District, by_district, registers
from yuejingzhun.telemetry.engine import LOCAL, Ran, Settings, Task, run
from yuejingzhun.telemetry.errors import EngineError
from yuejingzhun.telemetry.fleet import roles_of
from yuejingzhun.telemetry.fleet_state import Followed, State, read_state, states, write_state
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.reading import QUARTER_HOUR, Role, points_a_day
from yuejingzhun.telemetry.snapshot import Where

STATED = pa.schema(
    [
        pa.field("district", pa.string(), nullable=False),
        pa.field("meter", pa.string(), nullable=False),
        pa.field("role", pa.string(), nullable=False),
        pa.field("error", pa.float64()),  # as in fleet.RESULT; null where nothing can be said
        pa.field("uncertainty", pa.float64()),
        pa.field("low", pa.float64()),
        pa.field("high", pa.float64()),
        pa.field("exceeds", pa.float64()),
        pa.field("power", pa.float64()),  # of the last full evaluation
        pa.field("through", pa.date32(), nullable=False),  # last day whose readings are in it
    ]
)
Found = Mapping[str, District]


def follow_day(
    lake: Lake,
    before: Path,
    day: date,
    out: Path,
    settings: Settings = LOCAL,
    progress: Callable[[int, int], None] = lambda done, whole: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Ran:
    """What is stated after `day` of the districts that `before` holds the state of: the folder of an evaluation that
    was to be followed, or of the day before.

    The day's own states are kept in `out`. It can be stopped and run again like any run of the engine. Raises
    EngineError where `before` holds none, or `out` another run.
    """
    tasks = [
        Task(name, Where(city, None, day - timedelta(days=1), day, districts))
        for name, city, districts in states(before)
    ]
    if not tasks:
        raise EngineError(f"{before} 里没有可逐日更新的状态：评价时应要求逐日更新")
    kernel = partial(evaluate_day, day=day, before=before.absolute())
    where = Where(first_day=day - timedelta(days=1), last_day=day)
    return run(kernel, lake, where, out, replace(settings, keeps=True), progress, stopped, tasks=tasks)


def evaluate_day(table: pa.Table, day: date, before: Path, beside: Path) -> pa.Table:
    """One row of STATED a register of each followed district. A district whose day can't be used (a gap, a register
    that falls, other meters than before) keeps what was stated of it, and says through which day."""
    state = read_state(before / beside.name, day)
    rows = registers(table, day - timedelta(days=1), 2) if table.num_rows else None
    found = {each.name: each for each in by_district(rows) if isinstance(each, District)} if rows is not None else {}
    parts, stated = [], [STATED.empty_table()]
    for part in state.parts:
        following, usable = add(part.following, _balance(part, found))
        through = [day.isoformat() if used else last for used, last in zip(usable, part.through, strict=True)]
        parts.append(replace(part, following=following, through=through))
        stated.append(_stated(parts[-1], restate(following, state.prior, state.mpe)))
    write_state(beside, State(state.city, state.first_day, day, state.mpe, state.prior, tuple(parts)))
    return pa.concat_tables(stated)


def _balance(part: Followed, found: Found) -> Balance:
    """The day's registers from the last point of the day before on, in the places that the state has for them; missing
    where the meters are not the ones that it knows."""
    districts, rows = part.groups.shape
    width = points_a_day(QUARTER_HOUR)
    steps = np.full((districts, rows, width + 1), MISSING)
    total = np.full((districts, width + 1), MISSING)
    signs, unit = np.ones((2, districts, rows))
    total_unit = np.ones(districts)
    for place, (name, meters, roles) in enumerate(zip(part.names, part.meters, part.roles, strict=True)):
        each, count = found.get(name), len(meters)
        signs[place, count:], steps[place, count:] = 0, 0
        if each is None or roles_of(each) != roles or each.meters.tolist() != meters:
            continue
        steps[place, :count] = np.where(each.present, each.steps, MISSING)[:, -width - 1 :]
        signs[place, :count], unit[place, :count] = each.signs, each.step_kwh
        total_unit[place] = each.total_step_kwh
        there = each.total_present[-width - 1 :]
        if there.all():
            total[place] = each.total_steps[-width - 1 :] - each.total_steps[-width - 1 :].min()
    return Balance(steps, total, part.groups, signs.astype(np.int8), unit, total_unit, width)


def _stated(part: Followed, found: Marginal) -> pa.Table:
    counts = [len(meters) for meters in part.meters]
    inside = np.arange(part.groups.shape[1]) < np.array(counts)[:, None]
    roles = [role for some in part.roles for role in some]
    said = part.following.measured[inside] & (np.array(roles) == Role.METER.value)
    columns = {
        "district": np.repeat(np.array(part.names, dtype=object), counts),
        "meter": [meter for some in part.meters for meter in some],
        "role": roles,
        "power": np.repeat(part.power, counts),
        "through": pa.array(np.repeat(np.array(part.through, dtype="datetime64[D]"), counts)),
    }
    for name in ("error", "uncertainty", "low", "high", "exceeds"):
        columns[name] = pa.array(getattr(found, name)[inside], mask=~said)
    return pa.table({name: columns[name] for name in STATED.names}, schema=STATED)
