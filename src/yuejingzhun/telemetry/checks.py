"""What no single row shows: a district without its total meter, a total below the sum, a fall from one day to the next.

Nothing is refused for it, since it may be mended by a reading that comes later; it is said at import and by `verify`,
with the file and row that show it, and the evaluation asks again for itself.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow as pa

from yuejingzhun.telemetry.database import create_readings, database
from yuejingzhun.telemetry.reading import QUANTITIES, Quality
from yuejingzhun.telemetry.refusal import Line, Reason, Where, notice
from yuejingzhun.telemetry.registers import NEAR, USUAL_DIGITS
from yuejingzhun.telemetry.snapshot import Snapshot
from yuejingzhun.telemetry.snapshot import Where as Meant

DAY = timedelta(days=1)
ALLOWED = 0.02
"""Share of the sum that meters of accuracy class 2 (JJG 596-2012) may show too much without a fault."""
DAYS = """
create temp table days as select district, meter, role, day, source, source_row, scaler, capacity,
    flags is null as good,
    case when flags is null then registers
        else list_filter(registers, lambda x, i: flags[i] in ($good, $unrolled)) end as shown,
    list_min(shown) as low, list_max(shown) as high, 10.0 ** scaler * multiplier as step, length(registers) as points
from readings semi join meant using (district) where day between $first - 1 and $last + 1
"""
NO_TOTAL = """
select arg_min(source, source_row), min(source_row), district, day::varchar, count(distinct meter) from days
where day between $first and $last
group by district, day having count(*) filter (role = 'total') = 0 order by district, day
"""
BELOW = """
select any_value(source) filter (role = 'total'), any_value(source_row) filter (role = 'total'),
    any_value(meter) filter (role = 'total'), district, day::varchar,
    sum(case role when 'total' then (high - low) * step when 'total_feed_in' then (low - high) * step end) as total,
    sum(case role when 'meter' then (high - low) * step when 'feed_in' then (low - high) * step else 0 end) as whole
from days where points > 1 and day between $first and $last group by district, day
having bool_and(good) and count(*) filter (role = 'total') = 1
    and total < whole - $allowed * abs(whole) - sum(step)
order by district, day
"""
FALLS = """
select source, source_row, meter, day::varchar, before, low from (
    select *, lag(high) over same as before, lag(scaler) over same as scaler_before
    from days where not list_contains($quantities, role) window same as (partition by meter, role order by day)
) where low < before and scaler = scaler_before and day between $first and $last + 1
    and not (before >= $near_end * coalesce(capacity, 10.0 ** ($digits - scaler)) and low <= (1 - $near_end) * before)
order by meter, day
"""


def across_rows(snapshot: Snapshot, meant: Meant, folder: Path | None = None) -> Iterator[Line]:
    """Notices about the districts and the days, first to last, that are meant."""
    days = {"first": meant.first_day, "last": meant.last_day}
    around = replace(meant, first_day=meant.first_day - DAY, last_day=meant.last_day + DAY)
    with database(folder) as connection:
        create_readings(connection, snapshot, around)
        connection.register("meant", pa.table({"district": pa.array(meant.districts, pa.string())}))
        connection.execute(DAYS, days | {"good": Quality.GOOD.value, "unrolled": Quality.UNROLLED.value})
        for source, row, district, day, meters in connection.execute(NO_TOTAL, days).fetchall():
            yield notice(Where(source, row), Reason.NO_TOTAL, f"台区 {district} {day}，有 {meters} 只分表")
        for source, row, meter, district, day, total, whole in connection.execute(
            BELOW, days | {"allowed": ALLOWED}
        ).fetchall():
            found = f"台区 {district} {day}，总表 {total:.2f}，分表之和 {whole:.2f}"
            yield notice(Where(source, row, meter), Reason.BELOW_SUM, found)
        ends = {"near_end": 1 - NEAR, "digits": USUAL_DIGITS[0], "quantities": [role.value for role in QUANTITIES]}
        for source, row, meter, day, before, low in connection.execute(FALLS, days | ends).fetchall():
            yield notice(Where(source, row, meter), Reason.FALLS_BETWEEN_DAYS, f"{day} 由 {before} 到 {low} 步")
