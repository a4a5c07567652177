"""The fleet kernel as a kernel of the engine: readings of whole districts in, errors of their meters out.

run(partial(evaluate_fleet, first_day=date(2026, 3, 1), days=30), lake, where, out)
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from yuejingzhun.metrology.fleet.balance import MISSING, UNKNOWN, Balance
from yuejingzhun.metrology.fleet.estimate import Estimates, estimate
from yuejingzhun.metrology.fleet.prior import Prior
from yuejingzhun.metrology.fleet.verdict import TEXTS
from yuejingzhun.telemetry.districts import District, Unusable, by_district, registers
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
    ]
)


def evaluate_fleet(
    table: pa.Table, first_day: date, days: int, mpe: float = 0.02, prior: Prior | None = None
) -> pa.Table:
    """One row a register of every district, refused ones with the reason; without a prior each batch learns its own.

    `table` as the engine gives it (engine.NEEDED).
    """
    found = list(by_district(registers(table, first_day, days)))
    parts = [RESULT.empty_table(), _unusable([each for each in found if isinstance(each, Unusable)])]
    whole = batches([each for each in found if isinstance(each, District)])
    parts.extend(_stated(batch, estimate(balance_of(batch), prior, mpe)) for batch in whole)
    return pa.concat_tables(parts)


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
            "role": np.where(each.signs < 0, Role.FEED_IN.value, Role.METER.value).tolist(),
            "power": [verdict.power] * count,
            "reason": [None if verdict.reason is None else TEXTS[verdict.reason]] * count,
        }
        for name in ("error", "uncertainty", "low", "high", "exceeds"):
            columns[name] = pa.array(getattr(found.meters, name)[place, :count], mask=~said)
        parts.append(pa.table({name: columns[name] for name in RESULT.names}, schema=RESULT))
    return pa.concat_tables(parts)


def _unusable(districts: Sequence[Unusable]) -> pa.Table:
    return pa.Table.from_pylist([{"district": each.name, "reason": each.reason} for each in districts], schema=RESULT)
