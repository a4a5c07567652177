"""The fleet kernel as a kernel of the engine: readings of whole districts in, errors of their meters out.

run(partial(evaluate_fleet, first_day=date(2026, 3, 1), days=30), lake, where, out)

A whole fleet is evaluated by fleet_evaluation.py, with one prior for all tasks.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from yuejingzhun.metrology.fleet.balance import MISSING, UNKNOWN, Balance
from yuejingzhun.metrology.fleet.district import District as Solved
from yuejingzhun.metrology.fleet.estimate import Estimates, estimate, in_parts
from yuejingzhun.metrology.fleet.following import can_follow
from yuejingzhun.metrology.fleet.following import follow as begin_to_follow
from yuejingzhun.metrology.fleet.prior import Prior
from yuejingzhun.metrology.fleet.verdict import TEXTS
from yuejingzhun.telemetry.districts import District, Unusable, by_district, registers
from yuejingzhun.telemetry.fleet_remark import remarks
from yuejingzhun.telemetry.fleet_state import Followed, State, write_state
from yuejingzhun.telemetry.reading import QUARTER_HOUR, Role, points_a_day

MOST_PADDING = 1.25  # rows of a batch's largest district for each of its smallest
RESULT = pa.schema(
    [
        pa.field("district", pa.string(), nullable=False),
        pa.field("meter", pa.string()),  # null: the district as a whole
        pa.field("role", pa.string()),
        pa.field("error", pa.float64()),  # relative error of indication; null where nothing can be said
        pa.field("uncertainty", pa.float64()),  # standard
        pa.field("low", pa.float64()),  # of the interval of 95 %
        pa.field("high", pa.float64()),
        pa.field("exceeds", pa.float64()),  # probability of |error| > mpe
        pa.field("power", pa.float64()),  # share of bad meters that these readings would find
        pa.field("reason", pa.string()),  # why the district is refused; null where it is not
        pa.field("remark", pa.string()),  # see fleet_remark.Remark; null where there is none
    ]
)


def evaluate_fleet(
    table: pa.Table,
    first_day: date,
    days: int,
    mpe: float = 0.02,
    prior: Prior | None = None,
    follow: bool = False,
    beside: Path | None = None,
) -> pa.Table:
    """One row a register of every district, refused ones with the reason; without a prior each batch learns its own.

    `table` as the engine gives it (engine.NEEDED). Where the districts are to be followed (fleet_day.py), the state of
    those that can be is kept in `beside`; that takes a prior. Raises ValueError without.
    """
    if follow and (prior is None or beside is None):
        raise ValueError("逐日更新须给出先验，并有写状态的文件")
    last_day = first_day + timedelta(days=days - 1)
    found = list(by_district(registers(table, first_day, days)))
    parts = [RESULT.empty_table(), _unusable([each for each in found if isinstance(each, Unusable)])]
    followed: list[Followed] = []
    for batch in batches([each for each in found if isinstance(each, District)]):
        balance, place = balance_of(batch), 0
        for part in [estimate(balance, None, mpe)] if prior is None else in_parts(balance, prior, mpe, follow):
            some = batch[place : place + len(part.districts)]
            parts.append(_stated(some, part))
            if follow and (numbers := can_follow(part)).size:
                followed.append(_followed(some, balance.groups[place:], part, numbers, last_day))
            place += len(some)
    if followed and beside is not None and prior is not None:
        write_state(beside, State(table["city"][0].as_py(), first_day, last_day, mpe, prior, tuple(followed)))
    return pa.concat_tables(parts)


def _followed(
    districts: Sequence[District], groups: NDArray[np.int64], found: Estimates, numbers: NDArray[np.intp], last: date
) -> Followed:
    chosen = [districts[number] for number in numbers]
    return Followed(
        names=[each.name for each in chosen],
        meters=[each.meters.tolist() for each in chosen],
        roles=[roles_of(each) for each in chosen],
        power=[found.verdicts[number].power for number in numbers],
        through=[last.isoformat()] * len(chosen),
        groups=groups[numbers],
        following=begin_to_follow(found, numbers),
    )


def roles_of(district: District) -> list[str]:
    """Of each register."""
    return np.where(district.signs < 0, Role.FEED_IN.value, Role.METER.value).tolist()


def batches(districts: Sequence[District]) -> list[list[District]]:
    """Districts of similar size together, so that little is filled up."""
    grouped: list[list[District]] = []
    for each in sorted(districts, key=lambda district: len(district.meters)):
        if grouped and len(each.meters) <= MOST_PADDING * len(grouped[-1][0].meters):
            grouped[-1].append(each)
        else:
            grouped.append([each])
    return grouped


def balance_of(districts: Sequence[District], interval_minutes: int = QUARTER_HOUR) -> Balance:
    """What the science takes of districts over the same points; a view where they stand evenly in one memory."""
    rows = max(len(each.meters) for each in districts)
    return Balance(
        registers=_evenly_placed(districts) if _may_be_view(districts) else _stacked(districts, rows),
        total=np.array([_readable(each.total_steps, each.total_present) for each in districts]),
        groups=np.array([_filled(_groups(each), rows, UNKNOWN) for each in districts]),
        signs=np.array([_filled(each.signs, rows, 0) for each in districts]),
        resolution_kwh=np.array([_filled(each.step_kwh, rows, each.step_kwh[0]) for each in districts]),
        total_resolution_kwh=np.array([each.total_step_kwh for each in districts]),
        points_a_day=points_a_day(interval_minutes),
        is_rising=all(each.is_rising for each in districts),
    )


def _readable(steps: NDArray[np.int64], present: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The total from 0 on, as only its differences count and a negative one would be read as missing."""
    low = steps[present].min() if present.any() else 0
    return np.where(present, steps - low, MISSING)


def _stacked(districts: Sequence[District], rows: int) -> NDArray[np.int64]:
    stack = np.zeros((len(districts), rows, districts[0].steps.shape[1]), dtype=np.int64)
    for place, each in zip(stack, districts, strict=True):
        place[: len(each.steps)] = np.where(each.present, each.steps, MISSING)
    return stack


def _may_be_view(districts: Sequence[District]) -> bool:
    """Whether the registers lie at even distances in one array, and none is missing."""
    first = districts[0].steps
    bases = {id(each.steps.base) for each in districts}
    same = all(each.steps.shape == first.shape and each.steps.strides == first.strides for each in districts)
    gaps = np.diff([each.steps.__array_interface__["data"][0] for each in districts])
    even = not len(gaps) or (gaps[0] > 0 and bool(np.all(gaps == gaps[0])))
    return (
        first.base is not None and len(bases) == 1 and same and even and all(each.present.all() for each in districts)
    )


def _evenly_placed(districts: Sequence[District]) -> NDArray[np.int64]:
    first = districts[0].steps
    places = [each.steps.__array_interface__["data"][0] for each in districts[:2]]
    stride = places[-1] - places[0] if len(places) > 1 else first.nbytes
    return as_strided(first, (len(districts), *first.shape), (stride, *first.strides), writeable=False)


def _groups(district: District) -> NDArray[np.int64]:
    """Branches and phases by number, UNKNOWN where a meter has neither."""
    known = district.groups != ""
    numbers = np.full(len(district.groups), UNKNOWN)
    numbers[known] = np.unique(district.groups[known], return_inverse=True)[1]
    return numbers


def _filled(values: NDArray, rows: int, value: float) -> NDArray:
    return np.concatenate([values, np.full(rows - len(values), value, dtype=values.dtype)])


def _stated(districts: Sequence[District], found: Estimates) -> pa.Table:
    parts = []
    for place, each in enumerate(districts):
        count, verdict = len(each.meters), found.verdicts[place]
        said = found.measured[place, :count] & (each.signs > 0) & (verdict.reason is None)
        columns = {
            "district": [each.name] * count,
            "meter": each.meters.tolist(),
            "role": roles_of(each),
            "power": [verdict.power] * count,
            "reason": [None if verdict.reason is None else TEXTS[verdict.reason]] * count,
            "remark": _remarks(found.districts[place], found.measured[place, :count]),
        }
        for name in ("error", "uncertainty", "low", "high", "exceeds"):
            columns[name] = pa.array(getattr(found.meters, name)[place, :count], mask=~said)
        parts.append(pa.table({name: columns[name] for name in RESULT.names}, schema=RESULT))
    return pa.concat_tables(parts)


def _remarks(solved: Solved, measured: NDArray[np.bool_]) -> list[str | None]:
    """Of each row; most have none, and are not looked at one by one."""
    found: list[str | None] = [None] * len(measured)
    corrected = {*solved.corrections.dropped, *solved.corrections.late, *solved.unread, *solved.falling}
    for row in corrected.union(np.flatnonzero(~measured).tolist()):
        found[row] = "；".join(remarks(solved, row, bool(measured[row])))
    return found


def _unusable(districts: Sequence[Unusable]) -> pa.Table:
    return pa.Table.from_pylist([{"district": each.name, "reason": each.reason} for each in districts], schema=RESULT)
