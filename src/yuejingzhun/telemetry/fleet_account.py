"""The energy account of one district: where the energy of the total meter went, and what each meter's part in it is.

    total  =  energy of the meters, corrected for their errors  +  fixed loss  +  losses of the groups  +  unexplained

It is the kernel's own model (metrology/fleet/columns.py), evaluated in the open for whoever looks at the district.
Where the kernel refuses the district, the account still balances and tells what was seen, but no error is stated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from yuejingzhun.metrology.fleet.estimate import Estimates, estimate
from yuejingzhun.metrology.fleet.gaps import shifted
from yuejingzhun.metrology.fleet.prior import Prior
from yuejingzhun.metrology.fleet.verdict import TEXTS
from yuejingzhun.telemetry.districts import District, Floats, Unusable, by_district, registers
from yuejingzhun.telemetry.fleet import balance_of
from yuejingzhun.telemetry.fleet_remark import Remark, remarks
from yuejingzhun.telemetry.reading import QUARTER_HOUR, Finding, Role, points_a_day
from yuejingzhun.telemetry.rows import usable_points

Bools = NDArray[np.bool_]
POINTS_A_DAY = points_a_day(QUARTER_HOUR)
POINTS_AN_HOUR = 60 // QUARTER_HOUR
INTERVAL = timedelta(minutes=QUARTER_HOUR)


@dataclass(frozen=True, slots=True)
class MeterEntry:
    """One register of the account. Errors are relative, and None where nothing is stated of them."""

    meter: str
    role: Role  # METER or FEED_IN
    group: str  # branch and phase, "" where unknown
    energy_kwh: float | None  # registered between `begin` and `end` of the account; None where unread
    error: float | None
    uncertainty: float | None  # standard
    low: float | None  # interval of 95 %
    high: float | None
    exceeds: float | None  # probability of |error| > mpe
    clock_minutes: float  # that the clock is late; 0 where nothing was found
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class GroupLoss:
    """What one branch and phase draws and loses, kWh; `resistance` is kWh lost for each kWh^2 in an interval."""

    group: str
    meters: int
    energy_kwh: float
    loss_kwh: float
    resistance: float


@dataclass(frozen=True, slots=True)
class DayBalance:
    """A day from midnight to midnight, the last one until 23:45, kWh; None where a register did not come at its ends.

    `unread` counts the meters that did not.
    """

    day: date
    total_kwh: float | None
    meters_kwh: float | None
    unread: int

    @property
    def difference_kwh(self) -> float | None:
        """Loss, errors and what nobody measured."""
        if self.total_kwh is None or self.meters_kwh is None:
            return None
        return self.total_kwh - self.meters_kwh


@dataclass(frozen=True, slots=True)
class Account:
    """Of one district between `begin` and `end`, local times at which all its registers were read. kWh, net of feed-in.

    `reason` says why no errors are stated, None where they are; `power` is the share of bad meters that would be found.
    """

    district: str
    begin: datetime
    end: datetime
    reason: str | None
    power: float
    total_kwh: float
    meters_kwh: float  # as registered, of all meters that are listed and read
    corrected_kwh: float  # of those that are fed from here, without their errors
    fixed_loss_kwh: float
    groups: tuple[GroupLoss, ...]
    residual_by_hour_kwh: tuple[float | None, ...]  # 24: mean of what is left unexplained in each hour of the day
    days: tuple[DayBalance, ...]
    meters: tuple[MeterEntry, ...]
    read_share: float  # of the intervals between begin and end, those that all registers were read in

    @property
    def difference_kwh(self) -> float:
        """Total less meters as registered: the loss that a ledger shows."""
        return self.total_kwh - self.meters_kwh

    @property
    def loss_kwh(self) -> float:
        """By the model: fixed and load-dependent."""
        return self.fixed_loss_kwh + sum(each.loss_kwh for each in self.groups)

    @property
    def unexplained_kwh(self) -> float:
        """What is left."""
        return self.total_kwh - self.corrected_kwh - self.loss_kwh


def account(
    table: pa.Table, first_day: date, days: int, district: str, prior: Prior | None = None, mpe: float = 0.02
) -> Account | Unusable:
    """The account of `district` over `days` from `first_day` on; `table` as the engine gives it (engine.NEEDED), which
    may hold other districts too.

    Without a prior the district's own meters teach it. Raises ValueError for rows outside the days.
    """
    own = table.filter(pc.equal(table["district"], district))
    found = next(by_district(registers(own, first_day, days)), Unusable(district, "没有读数"))
    if isinstance(found, Unusable):
        return found
    return _account(found, first_day, days, estimate(balance_of([found]), prior, mpe), _falling(own, found))


def _account(found: District, first_day: date, days: int, said: Estimates, falling: Bools) -> Account | Unusable:
    (solved,), (verdict,) = said.districts, said.verdicts
    readable = np.ones(len(found.meters), dtype=bool)
    readable[list(solved.unread)] = False
    together = found.total_present & found.present[readable].all(axis=0)
    points = np.flatnonzero(together)
    if len(points) < 2 or not readable.any():
        return Unusable(found.name, "没有总表与各分表都有示值的时段")
    begin, end = int(points[0]), int(points[-1])
    fed = readable.copy()
    fed[list(solved.corrections.dropped)] = False
    unit = found.step_kwh * found.signs
    read = (together[1:] & together[:-1])[begin:end]
    total = np.diff(found.total_steps[begin : end + 1]) * found.total_step_kwh
    energy = np.diff(found.steps[:, begin : end + 1], axis=1) * unit[:, None]
    for row, late in solved.corrections.late.items():  # found only where nothing is missing
        energy[row] = shifted(energy[row], late)
    # An error that was not measured is the fleet's: the best guess, and what the kernel's balance assumes.
    true = energy / (1 + said.meters.error[0, : len(unit), None])
    whole = (found.steps[:, end] - found.steps[:, begin]) * unit
    numbers, names, resistance = _groups(found, solved.group_loss)
    loads = np.array([true[fed & (numbers == number)].sum(axis=0) for number in range(len(names))])
    losses = resistance[:, None] * loads**2
    residual = total - true[fed].sum(axis=0) - losses.sum(axis=0) - solved.fixed_loss_kwh
    return Account(
        district=found.name,
        begin=_time(first_day, begin),
        end=_time(first_day, end),
        reason=None if verdict.reason is None else TEXTS[verdict.reason],
        power=verdict.power,
        total_kwh=float(found.total_steps[end] - found.total_steps[begin]) * found.total_step_kwh,
        meters_kwh=float(whole[readable].sum()),
        corrected_kwh=float((whole / (1 + said.meters.error[0, : len(unit)]))[fed].sum()),
        fixed_loss_kwh=solved.fixed_loss_kwh * (end - begin),
        groups=tuple(
            GroupLoss(
                group=names[number],
                meters=int((fed & (numbers == number) & (found.signs > 0)).sum()),
                energy_kwh=float(whole[fed & (numbers == number)].sum()),
                # The square of a load over a gap is not known: what was read stands for all.
                loss_kwh=float(losses[number, read].mean()) * (end - begin) if read.any() else 0.0,
                resistance=float(resistance[number]),
            )
            for number in range(len(names))
        ),
        residual_by_hour_kwh=tuple(_by_hour(residual, read, begin)),
        days=tuple(_days(found, first_day, days, readable)),
        meters=tuple(_meters(found, said, readable, whole, falling)),
        read_share=float(read.mean()),
    )


def _groups(found: District, group_loss: Floats) -> tuple[NDArray[np.int64], list[str], Floats]:
    """Number of each meter's group, the groups' names and what each loses; one of no name where one is unknown."""
    if (found.groups == "").any():
        return np.zeros(len(found.groups), dtype=np.int64), [""], np.zeros(1)
    names, numbers = np.unique(found.groups, return_inverse=True)
    return numbers.astype(np.int64), names.tolist(), group_loss[: len(names)]


def _by_hour(residual: Floats, read: Bools, begin: int) -> Iterator[float | None]:
    hour = (begin + np.arange(len(residual))) % POINTS_A_DAY // POINTS_AN_HOUR
    for number in range(24):
        those = residual[read & (hour == number)]
        yield float(those.mean()) * POINTS_AN_HOUR if those.size else None


def _days(found: District, first_day: date, days: int, readable: Bools) -> Iterator[DayBalance]:
    last = found.steps.shape[1] - 1
    for number in range(days):
        begin, end = number * POINTS_A_DAY, min((number + 1) * POINTS_A_DAY, last)
        came = found.present[:, begin] & found.present[:, end]
        whole = (found.steps[:, end] - found.steps[:, begin]) * found.step_kwh * found.signs
        total = float(found.total_steps[end] - found.total_steps[begin]) * found.total_step_kwh
        yield DayBalance(
            day=first_day + timedelta(days=number),
            total_kwh=total if found.total_present[begin] and found.total_present[end] else None,
            meters_kwh=float(whole[readable].sum()) if came[readable].all() else None,
            unread=int((~came).sum()),
        )


def _meters(found: District, said: Estimates, readable: Bools, whole: Floats, falling: Bools) -> Iterator[MeterEntry]:
    (solved,), (verdict,) = said.districts, said.verdicts
    late = solved.corrections.late
    for row, meter in enumerate(found.meters.tolist()):
        measured = bool(said.measured[0, row])
        stated = measured and verdict.reason is None and found.signs[row] > 0
        names = ("error", "uncertainty", "low", "high", "exceeds")
        figures = {name: float(getattr(said.meters, name)[0, row]) if stated else None for name in names}
        yield MeterEntry(
            meter=meter,
            role=Role.FEED_IN if found.signs[row] < 0 else Role.METER,
            group=str(found.groups[row]),
            energy_kwh=abs(float(whole[row])) if readable[row] else None,
            clock_minutes=late.get(row, 0.0) * QUARTER_HOUR,
            remarks=remarks(solved, row, measured, bool(falling[row])),
            **figures,
        )


def _falling(own: pa.Table, found: District) -> Bools:
    """Registers that fell within a day, or of which points arrived that are set aside for a fall between days."""
    rows = own.filter(pc.equal(own["interval_minutes"], QUARTER_HOUR)).combine_chunks()
    fell = (rows["findings"].to_numpy() & Finding.FALLING) > 0
    usable = usable_points(pa.concat_arrays(rows["flags"].chunks), POINTS_A_DAY)
    arrived = pc.is_valid(pa.concat_arrays(rows["registers"].chunks).flatten()).to_numpy(zero_copy_only=False)
    points = (arrived.reshape(-1, POINTS_A_DAY) & (True if usable is None else usable)).sum(axis=1)
    each = (
        rows.select(["meter", "role"]).append_column("fell", pa.array(fell)).append_column("points", pa.array(points))
    )
    whole = each.group_by(["meter", "role"]).aggregate([("fell", "max"), ("points", "sum")]).to_pylist()
    known = {(one["meter"], one["role"]): (one["fell_max"], one["points_sum"]) for one in whole}
    roles = np.where(found.signs < 0, Role.FEED_IN.value, Role.METER.value).tolist()
    of_meters = [known[key] for key in zip(found.meters.tolist(), roles, strict=True)]
    counts = found.present.sum(axis=1).tolist()
    return np.array([day or came > kept for (day, came), kept in zip(of_meters, counts, strict=True)])


def _time(first_day: date, point: int) -> datetime:
    return datetime(first_day.year, first_day.month, first_day.day) + point * INTERVAL
