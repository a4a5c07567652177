"""What identifies a row and says how to read it: texts and numbers, judged for the whole chunk at once."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yuejingzhun.telemetry.admission.columns import DECIMALS, Ints, days, texts, whole_numbers
from yuejingzhun.telemetry.admission.points import lengths
from yuejingzhun.telemetry.admission.sieve import Sieve, shown, true
from yuejingzhun.telemetry.reading import MINUTES_A_DAY, QUANTITIES, QUARTER_HOUR, UNITS, WHOLE_DAY, Role
from yuejingzhun.telemetry.refusal import Reason

USUAL_SCALER = -2  # 0.01 kWh, the registers of DL/T 645-2007
LARGEST_MULTIPLIER = 1_000_000
EPOCH = date(1970, 1, 1)


def identity(sieve: Sieve) -> dict[str, pa.Array]:
    """The texts of every row; refuses those without a meter, a district or a city, and words that mean nothing."""
    fields = {name: sieve.text(name) for name in ("district", "branch", "phase", "city", "role", "unit")}
    fields["meter"] = sieve.meters
    fields["city"] = pc.fill_null(fields["city"], pa.scalar(sieve.expected.city, pa.string()))
    fields["role"] = pc.fill_null(pc.utf8_lower(fields["role"]), Role.METER.value)
    fields["unit"] = pc.fill_null(fields["unit"], UNITS[0])
    for name in ("meter", "district", "city"):
        sieve.refuse(true(pc.is_null(fields[name])), Reason.NO_VALUE, lambda _, name=name: name)
    for name, right, reason in (
        ("city", pc.match_substring_regex(fields["city"], r"^\d{4}$"), Reason.BAD_CITY),
        ("role", pc.is_in(fields["role"], pa.array([role.value for role in Role])), Reason.BAD_ROLE),
        ("unit", pc.is_in(fields["unit"], pa.array(UNITS)), Reason.BAD_UNIT),
    ):
        sieve.refuse(~true(right), reason, shown(fields[name]))
    for role, unit in QUANTITIES.items():
        other = true(pc.equal(fields["role"], role.value)) & ~true(pc.equal(fields["unit"], unit))
        sieve.refuse(other, Reason.BAD_UNIT, shown(fields["unit"]))
    return fields


def numbers(sieve: Sieve) -> dict[str, Ints]:
    """Day, interval, scaler, multiplier, capacity and version of every row; refuses what is no number or out of range,
    and rows that have more or fewer points than their interval asks for."""
    length = lengths(sieve.chunk, sieve.layout)
    found = {"day": _day(sieve)}
    for name, default, low, high in (
        ("interval_minutes", _usual_interval(length), 1, WHOLE_DAY),
        ("scaler", USUAL_SCALER, -DECIMALS, 3),
        ("multiplier", 1, 1, LARGEST_MULTIPLIER),
        ("capacity", 0, 0, 10**15),
        ("version", 0, 0, 2**31 - 1),
    ):
        found[name] = _in_range(sieve, name, default, low, high)
    interval = found["interval_minutes"]
    sieve.refuse(MINUTES_A_DAY % interval != 0, Reason.BAD_INTERVAL, lambda row: str(interval[row]))
    wanted = MINUTES_A_DAY // interval
    sieve.refuse(length != wanted, Reason.WRONG_POINTS, lambda row: f"有 {length[row]} 点，应为 {wanted[row]} 点")
    return found


def _usual_interval(length: Ints) -> Ints:
    """By the number of points where the source does not say; any odd number is taken for a day of quarter hours."""
    interval = np.full(len(length), QUARTER_HOUR, dtype=np.int64)
    for points in (1, 24, 48, 288, 1440):
        interval[length == points] = MINUTES_A_DAY // points
    return interval


def _day(sieve: Sieve) -> Ints:
    column = sieve.column("day")
    if column is None:
        raise ValueError("a layout without a day is refused before its rows are read")
    found, written = days(column), shown(texts(column))
    sieve.refuse(found.absent, Reason.NO_VALUE, lambda _: "day")
    sieve.refuse(found.wrong, Reason.NOT_A_DAY, written)
    if month := sieve.expected.month:
        first, after = ((day - EPOCH).days for day in (month.first, month.after))
        outside = (found.values < first) | (found.values >= after)
        sieve.refuse(outside, Reason.OTHER_MONTH, lambda row: f"{written(row)} 不在 {month} 内")
    sieve.refuse(found.values > (sieve.expected.today - EPOCH).days, Reason.FUTURE, written)
    return found.values


def _in_range(sieve: Sieve, name: str, default: int | Ints, low: int, high: int) -> Ints:
    column = sieve.column(name)
    if column is None:
        return np.broadcast_to(np.asarray(default, dtype=np.int64), (sieve.chunk.num_rows,)).copy()
    found = whole_numbers(column)
    wrong = found.wrong | (~found.absent & ((found.values < low) | (found.values > high)))
    written = shown(texts(column))
    sieve.refuse(wrong, Reason.BAD_NUMBER, lambda row: f"{name} 为“{written(row)}”，应为 {low} 至 {high} 的整数")
    return np.where(found.absent | wrong, default, found.values)
