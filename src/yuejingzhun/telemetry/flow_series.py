"""What water and gas areas have in the lake besides registers: quantities by the interval, nominal data of meters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from yuejingzhun.telemetry.errors import EngineError
from yuejingzhun.telemetry.reading import QUANTITIES, QUARTER_HOUR, Role, points_a_day
from yuejingzhun.telemetry.rows import steps_of, usable_points

Floats = NDArray[np.float64]
MOST_MISSING = 0.1  # share of the points of a quantity that may be filled in between others


def only_registers(table: pa.Table) -> pa.Table:
    """The rows that count up."""
    return table.filter(pc.invert(pc.is_in(table["role"], pa.array([role.value for role in QUANTITIES]))))


def quantities(
    table: pa.Table, first_day: date, days: int, interval_minutes: int = QUARTER_HOUR
) -> dict[tuple[str, Role], Floats]:
    """Means of the intervals that begin at the points, days * points a day, by district and role, in the role's unit.

    Missing points lie on a line between their neighbours; a series that misses too many is left out. Of several series
    of one role in a district, the mean.
    """
    width = points_a_day(interval_minutes)
    found: dict[tuple[str, Role], list[Floats]] = {}
    for role in QUANTITIES:
        rows = table.filter((pc.field("role") == role.value) & (pc.field("interval_minutes") == interval_minutes))
        rows = rows.combine_chunks()
        if not rows.num_rows:
            continue
        lists, flags = (
            pa.concat_arrays([pa.array([], rows[name].type), *rows[name].chunks]) for name in ("registers", "flags")
        )
        usable = usable_points(flags, width)
        there = lists.flatten().is_valid().to_numpy(zero_copy_only=False).reshape(-1, width)
        values = np.where(there if usable is None else there & usable, steps_of(lists, width), np.nan)
        values = values * 10.0 ** rows["scaler"].to_numpy().astype(np.float64)[:, None]
        place = (rows["day"].cast(pa.int32()).to_numpy() - (first_day - date(1970, 1, 1)).days).astype(np.int64)
        keys = list(zip(rows["district"].to_pylist(), rows["meter"].to_pylist(), strict=True))
        for key in dict.fromkeys(keys):
            series = np.full((days, width), np.nan)
            mine = np.array([each == key for each in keys]) & (place >= 0) & (place < days)
            series[place[mine]] = values[mine]
            if (whole := _filled_in(series.reshape(-1))) is not None:
                found.setdefault((key[0], role), []).append(whole)
    return {key: np.mean(series, axis=0) for key, series in found.items()}


def _filled_in(series: Floats) -> Floats | None:
    known = np.flatnonzero(~np.isnan(series))
    if known.size < (1 - MOST_MISSING) * series.size:
        return None
    return np.asarray(np.interp(np.arange(series.size), known, series[known]))


@dataclass(frozen=True, slots=True)
class Nominal:
    """What the register of instruments says of meters; `columns` of equal length, in the order of `place`."""

    place: Mapping[str, int]
    columns: Mapping[str, NDArray]

    def of(self, meters: NDArray[np.str_]) -> dict[str, NDArray] | None:
        """The columns for those meters; None where one of them is unknown."""
        places = [self.place.get(str(meter)) for meter in meters]
        if any(each is None for each in places):
            return None
        return {name: values[places] for name, values in self.columns.items()}


def read_nominal(path: Path, defaults: Mapping[str, float]) -> Nominal:
    """From a Parquet file with a column meter and others by the names of `defaults`, which fill in what is null or not
    there. Raises EngineError where it can't be read, or has a meter twice."""
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise EngineError(f"{path} 无法读取：{error}") from error
    if "meter" not in table.column_names:
        raise EngineError(f"{path} 缺少列 meter，有 {'、'.join(table.column_names)}")
    meters = [str(each) for each in table["meter"].to_pylist()]
    place = {meter: number for number, meter in enumerate(meters)}
    if len(place) != len(meters):
        twice = next(meter for number, meter in enumerate(meters) if place[meter] != number)
        raise EngineError(f"{path} 有两行表号 {twice}")
    columns = {}
    for name, value in defaults.items():
        given = table[name].cast(pa.float64()) if name in table.column_names else pa.nulls(len(meters), pa.float64())
        columns[name] = pc.fill_null(given, float(value)).to_numpy()
    return Nominal(place, columns)
