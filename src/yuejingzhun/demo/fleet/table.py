"""Simulated districts as readings that an import takes, and the truth that an evaluation is scored against."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import log10

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yuejingzhun.demo.fleet.district import MISSING, Design, District, Ints
from yuejingzhun.demo.fleet.fault import Fault
from yuejingzhun.demo.fleet.household import POINTS_A_DAY
from yuejingzhun.telemetry.reading import Role
from yuejingzhun.telemetry.rows import register_lists

PHASES = "ABC"
POINTS = tuple(f"p{number}" for number in range(1, POINTS_A_DAY + 1))
TRUTH = pa.schema(
    [
        pa.field("district", pa.string()),
        pa.field("meter", pa.string()),
        pa.field("role", pa.string()),
        pa.field("error", pa.float64()),  # relative, of indication
        pa.field("faults", pa.string()),  # of the district, separated by blanks
    ]
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A simulated district and what it is called. Numbers of the meters that draw energy may be given, in order."""

    simulated: District
    name: str
    city: str
    first_day: date
    numbers: tuple[str, ...] = ()
    transformer_ratio: int = Design().transformer_ratio

    @property
    def meters(self) -> list[str]:
        """The number of each row; what is fed in has a meter of its own."""
        drawn, fed = (int((self.simulated.signs == sign).sum()) for sign in (1, -1))
        own = list(self.numbers) or [f"{self.name}-{number:04}" for number in range(1, drawn + 1)]
        if len(own) != drawn:
            raise ValueError(f"{self.name}：应有 {drawn} 个表号，为 {len(own)} 个")
        return [*own, *(f"{self.name}-PV{number:02}" for number in range(1, fed + 1))]

    @property
    def roles(self) -> list[str]:
        """The role of each row."""
        return [(Role.METER if sign > 0 else Role.FEED_IN).value for sign in self.simulated.signs]


def readings(placed: Placed) -> pa.Table:
    """A row a register and day; points are steps, null where MISSING. Days of which nothing arrived are left out.

    The register at the last midnight belongs to the next day, so it is left out, too. A total that falls, since the
    district feeds back, becomes two registers, as its meter has them, whose difference it is.
    """
    simulated, totals = placed.simulated, _totals(placed.simulated.total)
    steps = np.vstack([simulated.registers, *totals.values()])[:, :-1]
    rows, days = len(steps), steps.shape[1] // POINTS_A_DAY
    meters, total = len(simulated.signs), len(totals)
    of_groups = [divmod(int(group), len(PHASES)) for group in simulated.groups]
    scaler_of_total = _scaler(simulated.total_resolution_kwh / placed.transformer_ratio)
    of_registers: dict[str, Sequence[object]] = {
        "city": [placed.city] * rows,
        "district": [placed.name] * rows,
        "meter": [*placed.meters, *[f"{placed.name}-Z"] * total],
        "role": [*placed.roles, *totals],
        "branch": [*(f"L{branch + 1}" for branch, _ in of_groups), *[None] * total],
        "phase": [*(PHASES[phase] for _, phase in of_groups), *[None] * total],
        "unit": ["kWh"] * rows,
        "scaler": [_scaler(simulated.resolution_kwh)] * meters + [scaler_of_total] * total,
        "multiplier": [1] * meters + [placed.transformer_ratio] * total,
    }
    each_day = pa.array(np.repeat(np.arange(rows), days))
    columns = {name: pa.array(values).take(each_day) for name, values in of_registers.items()}
    columns["day"] = pa.array([placed.first_day + timedelta(days=day) for day in range(days)] * rows)
    steps = steps.reshape(-1, POINTS_A_DAY)
    columns["registers"] = register_lists(steps, steps != MISSING)
    return pa.table(columns).filter(pa.array((steps != MISSING).any(axis=1)))


def as_decimals(table: pa.Table) -> pa.Table:
    """The same with p1 … p96 in kWh instead of `registers`, as a csv has them, exact to the last step."""
    place = table.schema.get_field_index("registers")
    lists = table["registers"].combine_chunks()
    scaler = table["scaler"].to_numpy()
    parts = []
    for power in np.unique(scaler):
        rows = pa.array(np.flatnonzero(scaler == power))
        flat = lists.take(rows).flatten()
        step = pa.scalar(10 ** -int(power), pa.int64())
        whole = pc.divide(flat, step)
        rest = pc.utf8_lpad(pc.cast(pc.subtract(flat, pc.multiply(whole, step)), pa.string()), -int(power), "0")
        text = pc.binary_join_element_wise(pc.cast(whole, pa.string()), rest, ".") if power < 0 else whole
        points = {name: text.take(pa.array(np.arange(n, len(text), len(POINTS)))) for n, name in enumerate(POINTS)}
        others = table.take(rows).remove_column(place)
        parts.append(pa.table({name: others[name] for name in others.column_names} | points))
    return pa.concat_tables(parts).sort_by([("meter", "ascending"), ("role", "ascending"), ("day", "ascending")])


def truth(placed: Placed) -> pa.Table:
    """A row a register, of TRUTH; a meter that is not fed from here has no error here, and is left out."""
    simulated = placed.simulated
    count = len(simulated.signs)
    foreign = simulated.faulty[:1].tolist() if Fault.FOREIGN_METER in simulated.faults else []
    whole = pa.table(
        {
            "district": [placed.name] * count,
            "meter": placed.meters,
            "role": placed.roles,
            "error": simulated.errors,
            "faults": [" ".join(sorted(simulated.faults))] * count,
        },
        schema=TRUTH,
    )
    return whole.filter(pa.array(~np.isin(np.arange(count), foreign)))


def _totals(total: Ints) -> dict[str, Ints]:
    arrived = np.flatnonzero(total != MISSING)
    steps = np.diff(total[arrived])
    if not len(steps) or steps.min() >= 0:
        return {Role.TOTAL.value: total}
    back = np.full(total.shape, MISSING)
    back[arrived] = np.concatenate([[0], np.cumsum(np.maximum(-steps, 0))])
    return {Role.TOTAL.value: np.where(total == MISSING, MISSING, total + back), Role.TOTAL_FEED_IN.value: back}


def _scaler(step_kwh: float) -> int:
    return round(log10(step_kwh))
