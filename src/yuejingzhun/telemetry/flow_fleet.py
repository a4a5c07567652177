"""The kernels of water and gas for the engine: readings of whole areas in, errors of their meters by zones of flow out.

run(partial(evaluate_water, first_day=date(2026, 3, 1), days=30, nominal="meters.parquet"), lake, where, out)
"""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yuejingzhun.metrology.fleet.flow.estimate import ZoneEstimates
from yuejingzhun.metrology.fleet.flow.verdict import TEXTS
from yuejingzhun.metrology.fleet.gas_zone import ZERO_CELSIUS_K, GasZones, estimate_gas, site_temperatures
from yuejingzhun.metrology.fleet.prior import Prior
from yuejingzhun.metrology.fleet.water_area import WaterAreas, estimate_water
from yuejingzhun.metrology.gas_energy.calorific_value import CHINA
from yuejingzhun.telemetry.districts import District, Unusable, by_district, registers
from yuejingzhun.telemetry.fleet import batches
from yuejingzhun.telemetry.flow_series import Floats, Nominal, only_registers, quantities, read_nominal
from yuejingzhun.telemetry.reading import QUARTER_HOUR, Role, points_a_day

MISSING = -1
WATER_NOMINAL = {"q3_m3_h": 2.5, "ratio": 100.0, "accuracy_class": 2.0}  # the usual meter of a home, DN 15
GAS_NOMINAL = {"q_max_m3_h": 4.0, "q_min_m3_h": 0.025, "accuracy_class": 1.5, "site": 0.0, "compensated": 0.0}  # G2.5
RESULT = pa.schema(
    [
        pa.field("district", pa.string(), nullable=False),
        pa.field("meter", pa.string()),  # null: the area as a whole
        pa.field("zone", pa.string()),  # of flow, such as Q2～Q3
        pa.field("share", pa.float64()),  # of the meter's volume that it registered in the zone
        pa.field("error", pa.float64()),  # relative error of indication there; null where nothing can be said
        pa.field("uncertainty", pa.float64()),  # standard
        pa.field("low", pa.float64()),  # of the interval of 95 %
        pa.field("high", pa.float64()),
        pa.field("exceeds", pa.float64()),  # probability of |error| > mpe
        pa.field("mpe", pa.float64()),  # of the zone, in service
        pa.field("power", pa.float64()),  # share of bad meters that these readings would find
        pa.field("reason", pa.string()),  # why the area is refused; null where it is not
    ]
)
Series = dict[tuple[str, Role], Floats]
Batch = Callable[[list[District], list[dict[str, NDArray]], Series], ZoneEstimates]


def evaluate_water(
    table: pa.Table,
    first_day: date,
    days: int,
    nominal: str | None = None,
    interval_minutes: int = QUARTER_HOUR,
    prior: Prior | None = None,
) -> pa.Table:
    """One row a meter and zone of flow that has a limit; refused areas with the reason.

    `nominal` is a Parquet file of meters with Q3, Q3/Q1 and class (WATER_NOMINAL names the columns); without it all are
    taken for the usual meter of a home. Without a prior each batch learns its own. Raises EngineError for that file.
    """
    known = None if nominal is None else read_nominal(Path(nominal), WATER_NOMINAL)

    def water(areas: list[District], data: list[dict[str, NDArray]], series: Series) -> ZoneEstimates:
        return estimate_water(_water_areas(areas, data, series, points_a_day(interval_minutes)), prior)

    return _evaluated(table, (first_day, days, interval_minutes), known, WATER_NOMINAL, (), water)


def evaluate_gas(
    table: pa.Table,
    first_day: date,
    days: int,
    nominal: str | None = None,
    interval_minutes: int = QUARTER_HOUR,
    prior: Prior | None = None,
) -> pa.Table:
    """As `evaluate_water`; the total counts at base conditions; zones need supply pressure and air temperature.

    Atmospheric pressure is that of base conditions where it is not given, and the line pack constant.
    """
    known = None if nominal is None else read_nominal(Path(nominal), GAS_NOMINAL)

    def gas(areas: list[District], data: list[dict[str, NDArray]], series: Series) -> ZoneEstimates:
        return estimate_gas(_gas_zones(areas, data, series, points_a_day(interval_minutes)), prior)

    needed = (Role.PRESSURE, Role.TEMPERATURE)
    return _evaluated(table, (first_day, days, interval_minutes), known, GAS_NOMINAL, needed, gas)


def _evaluated(
    table: pa.Table,
    period: tuple[date, int, int],
    known: Nominal | None,
    usual: dict[str, float],
    needed: Sequence[Role],
    of_batch: Batch,
) -> pa.Table:
    series = quantities(table, *period)
    unusable: list[Unusable] = []
    data: dict[str, dict[str, NDArray]] = {}
    areas: list[District] = []
    for each in by_district(registers(only_registers(table), *period)):
        if isinstance(each, Unusable):
            unusable.append(each)
            continue
        absent = [role for role in needed if (each.name, role) not in series]
        count = len(each.meters)
        mine = (
            {name: np.full(count, value) for name, value in usual.items()} if known is None else known.of(each.meters)
        )
        if absent:
            unusable.append(Unusable(each.name, f"没有{'、'.join(NAMES[role] for role in absent)}"))
        elif mine is None:
            unusable.append(Unusable(each.name, "有表没有规格（流量、等级）"))
        else:
            areas.append(each)
            data[each.name] = mine
    parts = [RESULT.empty_table(), _refused(unusable)]
    for measured in sorted({_measured(each, series) for each in areas}):
        alike = [each for each in areas if _measured(each, series) == measured]
        parts += [_stated(batch, of_batch(batch, [data[x.name] for x in batch], series)) for batch in batches(alike)]
    return pa.concat_tables(parts)


NAMES = {Role.PRESSURE: "压力", Role.ATMOSPHERE: "大气压力", Role.TEMPERATURE: "气温", Role.LINE_PACK: "管网储气量"}


def _measured(area: District, series: Series) -> tuple[str, ...]:
    """Which quantities an area has: those of a batch have the same."""
    return tuple(role.value for role in NAMES if (area.name, role) in series)


def _water_areas(areas: list[District], data: list[dict[str, NDArray]], series: Series, points: int) -> WaterAreas:
    shared = _registers(areas)
    pressures = [series.get((each.name, Role.PRESSURE)) for each in areas]
    return WaterAreas(
        **shared,
        q3_m3_h=_table(data, "q3_m3_h", shared["listed"].shape),
        ratio=_table(data, "ratio", shared["listed"].shape),
        accuracy_class=_table(data, "accuracy_class", shared["listed"].shape).astype(np.int64),
        pressure_kpa=None if pressures[0] is None else np.array(pressures)[:, :-1],
        points_a_day=points,
    )


def _gas_zones(areas: list[District], data: list[dict[str, NDArray]], series: Series, points: int) -> GasZones:
    shared = _registers(areas)
    shape = shared["listed"].shape

    def measured(role: Role) -> Floats:
        return np.array([series[each.name, role] for each in areas])

    gauge = measured(Role.PRESSURE)[:, :-1]
    has = set(_measured(areas[0], series))
    plain = np.full(gauge.shape, CHINA.pressure_kpa)
    return GasZones(
        **shared,
        q_max_m3_h=_table(data, "q_max_m3_h", shape),
        q_min_m3_h=_table(data, "q_min_m3_h", shape),
        accuracy_class=_table(data, "accuracy_class", shape),
        site=_table(data, "site", shape).astype(np.int64),
        compensated=_table(data, "compensated", shape) > 0,
        gauge_kpa=gauge,
        atmospheric_kpa=measured(Role.ATMOSPHERE)[:, :-1] if Role.ATMOSPHERE in has else plain,
        site_c=site_temperatures(measured(Role.TEMPERATURE)[:, :-1] - ZERO_CELSIUS_K, points),
        line_pack_m3=measured(Role.LINE_PACK) if Role.LINE_PACK in has else None,
        points_a_day=points,
    )


def _registers(areas: list[District]) -> dict[str, NDArray]:
    rows = max(len(each.meters) for each in areas)
    steps = np.zeros((len(areas), rows, areas[0].steps.shape[1]), dtype=np.int64)
    for place, each in zip(steps, areas, strict=True):
        place[: len(each.steps)] = np.where(each.present, each.steps, MISSING)
    total = np.array([np.where(each.total_present, each.total_steps, MISSING) for each in areas])
    size = np.ones((len(areas), rows))
    for place, each in zip(size, areas, strict=True):
        place[: len(each.meters)] = each.step_kwh  # one step in the register's unit, here m3
    return {
        "registers": steps,
        "inflow": total,
        "listed": np.arange(rows) < np.array([[len(each.meters)] for each in areas]),
        "step_m3": size,
        "inflow_step_m3": np.array([each.total_step_kwh for each in areas]),
    }


def _table(data: list[dict[str, NDArray]], name: str, shape: tuple[int, ...]) -> Floats:
    """A column of all areas; rows that fill up repeat the first meter."""
    values = np.array([np.full(shape[1], each[name][0], dtype=np.float64) for each in data])
    for place, each in zip(values, data, strict=True):
        place[: len(each[name])] = each[name]
    return values


def _stated(areas: Sequence[District], found: ZoneEstimates) -> pa.Table:
    parts = []
    for place, each in enumerate(areas):
        count, verdict = len(each.meters), found.verdicts[place]
        for zone in range(1, len(found.zones)):  # the first has no limit
            said = found.measured[place, :count, zone] & (verdict.reason is None)
            shown = np.flatnonzero(said | (found.share[place, :count, zone] > 0) | (zone == found.main))
            columns = {
                "district": [each.name] * shown.size,
                "meter": each.meters[shown].tolist(),
                "zone": [found.zones[zone]] * shown.size,
                "share": found.share[place, shown, zone],
                "mpe": found.mpe[place, shown, zone],
                "power": [verdict.power] * shown.size,
                "reason": [None if verdict.reason is None else TEXTS[verdict.reason]] * shown.size,
            }
            for name in ("error", "uncertainty", "low", "high", "exceeds"):
                columns[name] = pa.array(getattr(found.meters, name)[place, shown, zone], mask=~said[shown])
            parts.append(pa.table({name: columns[name] for name in RESULT.names}, schema=RESULT))
    return pa.concat_tables(parts)


def _refused(areas: Sequence[Unusable]) -> pa.Table:
    return pa.Table.from_pylist([{"district": each.name, "reason": each.reason} for each in areas], schema=RESULT)
