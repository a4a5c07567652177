"""The kernel that the engine runs for an evaluation: what the readings say of each meter, and each district's balance.

A meter's row holds the likelihood of its error (see metrology/fleet/prior.py), not what is stated of it: that needs the
prior of the whole fleet, which is known only once every district is done (see stating.py). One row a register, and one
a district with `meter` null.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yuejingzhun.metrology.fleet.district import District as Solved
from yuejingzhun.metrology.fleet.estimate import Estimates, estimate
from yuejingzhun.metrology.fleet.prior import default_prior
from yuejingzhun.metrology.fleet.verdict import TEXTS, Verdict
from yuejingzhun.telemetry.districts import District, Unusable, by_district, registers
from yuejingzhun.telemetry.fleet import balance_of, batches
from yuejingzhun.telemetry.reading import QUARTER_HOUR, Role

Floats = NDArray[np.float64]
NUMBERS = pa.list_(pa.float64())
FOUND = pa.schema(
    [
        pa.field("district", pa.string(), nullable=False),
        pa.field("meter", pa.string()),  # null: the row of the district
        pa.field("role", pa.string()),
        pa.field("group", pa.string()),  # branch and phase
        pa.field("mean", pa.float64()),  # of a = e / (1 + e); null where nothing can be said
        pa.field("variance", pa.float64()),
        pa.field("energy_kwh", pa.float64()),  # registered in the period
        pa.field("remark", pa.string()),
        pa.field("reason", pa.string()),  # the rest is the district's: why it is refused
        pa.field("meters", pa.int32()),
        pa.field("power", pa.float64()),
        pa.field("total_kwh", pa.float64()),
        pa.field("sum_kwh", pa.float64()),
        pa.field("fixed_loss_kwh", pa.float64()),
        pa.field("groups", pa.list_(pa.string())),
        pa.field("group_loss_kwh", NUMBERS),
        pa.field("residual_kwh", NUMBERS),  # mean in each interval of the day
    ]
)


def find_errors(table: pa.Table, first_day: date, days: int, mpe: float = 0.02) -> pa.Table:
    """Rows of FOUND of every district of the table, refused ones with the reason."""
    found = list(by_district(registers(table, first_day, days)))
    rows = [{"district": each.name, "reason": each.reason} for each in found if isinstance(each, Unusable)]
    parts = [pa.Table.from_pylist(rows, schema=FOUND)]
    for batch in batches([each for each in found if isinstance(each, District)]):
        solved = estimate(balance_of(batch), default_prior(), mpe)
        parts += [_rows(each, solved, place) for place, each in enumerate(batch)]
    return pa.concat_tables(parts)


def _rows(district: District, found: Estimates, place: int) -> pa.Table:
    count, verdict, solved = len(district.meters), found.verdicts[place], found.districts[place]
    said = found.measured[place, :count] & (district.signs > 0) & (verdict.reason is None)
    energy = _energies(district)
    meters = pa.table(
        {
            "district": [district.name] * count,
            "meter": district.meters.tolist(),
            "role": np.where(district.signs < 0, Role.FEED_IN.value, Role.METER.value).tolist(),
            "group": district.groups.tolist(),
            "mean": pa.array(solved.mean[:count], mask=~said),
            "variance": pa.array(solved.variance[:count], mask=~said),
            "energy_kwh": energy,
            "remark": pa.array(_remarks(district, solved, said, verdict), pa.string()),
        }
    )
    own = pa.Table.from_pylist([_own(district, solved, verdict, energy)], schema=FOUND)
    return pa.concat_tables([meters, own], promote_options="default").select(FOUND.names).cast(FOUND)


def _own(district: District, solved: Solved, verdict: Verdict, energy: Floats) -> dict[str, Any]:
    names, squares = _squares(district)
    known = len(names) <= len(solved.group_loss)
    intervals = district.steps.shape[1] - 1
    return {
        "district": district.name,
        "reason": None if verdict.reason is None else TEXTS[verdict.reason],
        "meters": int((district.signs > 0).sum()),
        "power": verdict.power,
        "total_kwh": _spanned(district.total_steps, district.total_present) * district.total_step_kwh,
        "sum_kwh": float((district.signs * energy).sum()),
        "fixed_loss_kwh": solved.fixed_loss_kwh * intervals,
        "groups": names if known else [],
        "group_loss_kwh": (solved.group_loss[: len(names)] * squares).tolist() if known else [],
        "residual_kwh": solved.residual_kwh.tolist(),
    }


def _energies(district: District) -> Floats:
    spans = [_spanned(steps, there) for steps, there in zip(district.steps, district.present, strict=True)]
    return np.array(spans) * district.step_kwh


def _spanned(steps: NDArray[np.int64], there: NDArray[np.bool_]) -> float:
    """Between the first and the last register that was read."""
    seen = np.flatnonzero(there)
    return float(steps[seen[-1]] - steps[seen[0]]) if len(seen) else 0.0


def _squares(district: District) -> tuple[Sequence[str], Floats]:
    """Branches and phases by name, and the sum of the squares of each one's load, kWh^2, over the whole period."""
    if (district.groups == "").any():
        return [], np.zeros(0)
    names, member = np.unique(district.groups, return_inverse=True)
    points = district.present.all(axis=0)
    read = points[1:] & points[:-1]
    squares = np.zeros(len(names))
    if read.any():
        for group in range(len(names)):
            rows = member == group
            weight = district.signs[rows] * district.step_kwh[rows]
            load = np.diff(weight @ district.steps[rows])[read]
            squares[group] = float(load @ load) * read.size / read.sum()
    return names.tolist(), squares


def _remarks(district: District, solved: Solved, said: NDArray[np.bool_], verdict: Verdict) -> list[str | None]:
    remarks: list[list[str]] = [[] for _ in district.meters]
    for row in solved.unread:
        remarks[row].append("缺数过多")
    for row in solved.falling:
        remarks[row].append("示值有下降")
    for row in sorted(solved.corrections.dropped):
        remarks[row].append("疑似不由本台区供电")
    for row, late in sorted(solved.corrections.late.items()):
        remarks[row].append(f"时钟{'慢' if late > 0 else '快'}约 {abs(late) * QUARTER_HOUR:.0f} min")
    for row in np.flatnonzero(~said & (district.signs > 0)) if verdict.reason is None else ():
        if not remarks[row]:
            remarks[row].append("用电过少，读数不足以估计")
    return ["；".join(each) or None for each in remarks]
