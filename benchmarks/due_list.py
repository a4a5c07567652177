"""The due list of a city: one scan of an index for any page; and the dashboard's counts: never a scan of instruments.

Plans are those of the very statements that the product sends (captured from the connection), by EXPLAIN ANALYZE.

Run: python benchmarks/due_list.py [--count 6000000] [--data FOLDER]
"""

import argparse
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from demo_site import demo_site, heading

ROUNDS = 20
MOST_OF_A_DAY = 5_000  # a page begins at a day, whose rows before the last one seen are passed over
CITY, COUNTY = "440100", "440106"
SCAN = """
SELECT region, count(*), count(*) FILTER (WHERE valid_until IS NULL) FROM instruments_instrument
WHERE in_use = 'in_use' GROUP BY 1
"""


def main() -> None:
    """Print times and plans; fails where a plan isn't what is claimed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=6_000_000)
    parser.add_argument("--data", default=None)
    arguments = parser.parse_args()
    with demo_site(arguments.count, arguments.data) as count:
        heading(count)
        _due()
        _counts()


def _due() -> None:
    from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role
    from yuejingzhun.platform.registry.instruments.models import Instrument
    from yuejingzhun.platform.registry.instruments.queries import due

    actor = Actor(0, "", (Grant(Role.REGULATOR, 0, "440000"),))
    until = date.today() + timedelta(days=30)
    for region in (CITY, COUNTY):
        index = "due_in_city" if region == CITY else "due_in_county"
        here = {"city": CITY[:4]} if region == CITY else {"region": region}
        listed = Instrument.objects.filter(in_use="in_use", valid_until__lte=until, **here)
        number = listed.count()
        deep = listed.order_by("valid_until", "pk").values_list("valid_until", "pk")[number - 60]
        for name, after in (("first page", None), (f"page {number // 50:,}, the last but one", deep)):
            took, plans = _measured(lambda r=region, a=after: due(actor, r, until, a))
            read = _most_read(plans[0])
            print(f"due in {region}, {name}: {took:.2f} ms; rows read {read:,}; {' > '.join(_nodes(plans[0]))}")
            assert _indexes(plans[0]) == {index, "parties_organisation_pkey"}, _indexes(plans[0])
            assert "Seq Scan" not in str(plans[0])
            assert read <= 50 + MOST_OF_A_DAY, read


def _counts() -> None:
    from yuejingzhun.platform.registry.instruments.counting import standing_by_item, standing_by_region

    today = date.today()
    soon = today + timedelta(days=30)
    cases: dict[str, Callable[[], Any]] = {
        "by city": lambda: standing_by_region("440000", today, soon),
        "by county of a city": lambda: standing_by_region(CITY, today, soon),
        "by item, province": lambda: standing_by_item("440000", today),
        "by item, county": lambda: standing_by_item(COUNTY, today),
    }
    for name, read in cases.items():
        took, plans = _measured(read)
        assert not any("instruments_instrument" in str(plan) for plan in plans), name
        print(f"counts {name}: {took:.1f} ms, no scan of instruments")
    began = time.perf_counter()
    _rows(SCAN)
    print(f"the same by a scan of all instruments: {(time.perf_counter() - began) * 1e3:,.0f} ms")


def _measured(read: Callable[[], object]) -> tuple[float, list[dict[str, Any]]]:
    """The best time in ms, and the plan of each statement on instruments."""
    from django.db import connection

    sent: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        read()
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        read()
        best = min(best, time.perf_counter() - began)
    plans = [_rows(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)[0][0][0]["Plan"] for sql, params in sent]
    return best * 1e3, plans


def _rows(sql: str, params: Any = None) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _nodes(plan: dict[str, Any]) -> list[str]:
    own = f"{plan['Node Type']} {plan.get('Index Name', '')}".strip()
    return [own, *(node for part in plan.get("Plans", []) for node in _nodes(part))]


def _indexes(plan: dict[str, Any]) -> set[str]:
    own = {plan["Index Name"]} if "Index Name" in plan else set()
    return own.union(*(_indexes(part) for part in plan.get("Plans", [])))


def _most_read(plan: dict[str, Any]) -> int:
    own = int(plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) if "Scan" in plan["Node Type"] else 0
    return max([own, *(_most_read(part) for part in plan.get("Plans", []))])


if __name__ == "__main__":
    main()
