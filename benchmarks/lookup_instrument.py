"""Look-up of an instrument by number and by the tag of its QR code, against the bare indexed SELECT, at 6 M.

In SQL time: what the server needs for the statements that the product sends, which read the instrument and its
holder, against bare SELECTs of the same rows by the same indexes, by EXPLAIN ANALYZE on the same keys in one run;
also against that of the instrument alone. Then whole pages through Django.

Run: python benchmarks/lookup_instrument.py [--count 6000000] [--data FOLDER]
"""

import argparse
import re
import time
from collections.abc import Callable, Iterable
from statistics import quantiles
from typing import Any

import numpy as np
from demo_site import demo_site, heading

Row = tuple[str, str, int]
CITY = "4401"
ROUNDS = 400
PAGES = 300
BARE_NUMBER = "SELECT * FROM instruments_instrument WHERE serial = %s"
BARE_TAG = "SELECT * FROM instruments_instrument WHERE tag = %s"
BARE_HOLDER = "SELECT * FROM parties_organisation WHERE id = %s"


def main() -> None:
    """Print SQL times and ratios (claim: at most 2) and the times of pages (claim: p99 under 50 ms)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=6_000_000)
    parser.add_argument("--data", default=None)
    arguments = parser.parse_args()
    with demo_site(arguments.count, arguments.data) as count:
        heading(count)
        found = _some(ROUNDS)
        _sql(found)
        _pages(found[:PAGES])


def _some(number: int) -> list[Row]:
    """Serial number, tag and holder of instruments of a city from all over the table."""
    from yuejingzhun.platform.registry.instruments.models import Instrument

    last = Instrument.objects.order_by("-pk").values_list("pk", flat=True)[0]
    keys = np.random.default_rng(1).integers(last // 10, last, 20 * number).tolist()
    return list(Instrument.objects.filter(pk__in=keys, city=CITY).values_list("serial", "tag", "holder_id")[:number])


def _sql(found: list[Row]) -> None:
    from yuejingzhun.platform.registry.instruments.queries import instrument_of_tag
    from yuejingzhun.platform.registry.instruments.searching import Reach, of_number

    reach = Reach(regions=(f"{CITY}00",))
    cases: tuple[tuple[str, int, Callable[[str], object], str], ...] = (
        ("number", 0, lambda serial: of_number(serial, reach), BARE_NUMBER),
        ("tag", 1, instrument_of_tag, BARE_TAG),
    )
    for name, position, product, bare in cases:
        times: dict[str, list[float]] = {"ours": [], "both": [], "alone": []}
        for row in found:
            text = row[position]
            statements = _sent(lambda t=text, p=product: p(t))  # which brings the rows into memory, for both
            times["alone"].append(_server_time([(bare, [text])]))
            times["both"].append(_server_time([(bare, [text]), (BARE_HOLDER, [row[2]])]))
            times["ours"].append(_server_time(statements))
        ours, both, alone = (float(np.median(times[which])) for which in ("ours", "both", "alone"))
        print(
            f"by {name}: {ours:.3f} ms planned and executed; bare SELECTs of instrument and holder {both:.3f} ms, "
            f"ratio {ours / both:.2f} (claim: at most 2); of the instrument alone {alone:.3f} ms, {ours / alone:.2f}"
        )


def _sent(act: Callable[[], object]) -> list[tuple[str, Any]]:
    """The statements that the product sends for it."""
    from django.db import connection

    sent: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        act()
    return sent


def _server_time(statements: Iterable[tuple[str, Any]]) -> float:
    """Planning and execution in the server, in ms; the better of three."""
    from django.db import connection

    best = float("inf")
    with connection.cursor() as cursor:
        for _ in range(3):
            total = 0.0
            for statement, values in statements:
                cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, SUMMARY ON) {statement}", values)
                report = "\n".join(row[0] for row in cursor.fetchall())
                total += sum(map(float, re.findall(r"(?:Planning|Execution) Time: ([\d.]+) ms", report)))
            best = min(best, total)
    return best


def _pages(found: list[Row]) -> None:
    from django.contrib.auth import get_user_model
    from django.test import Client

    client, visitor = Client(), Client()
    client.force_login(get_user_model().objects.get(username="jianguan"))
    pages: dict[str, tuple[Client, Callable[[Row], str]]] = {
        "by number, a regulator": (client, lambda row: f"/instruments/search?text={row[0]}"),
        "by tag, a regulator": (client, lambda row: f"/i/{row[1]}"),
        "by tag, anyone": (visitor, lambda row: f"/i/{row[1]}"),
    }
    for name, (who, address) in pages.items():
        took = []
        for row in found:
            began = time.perf_counter()
            status = who.get(address(row), headers={"host": "127.0.0.1"}).status_code
            took.append((time.perf_counter() - began) * 1e3)
            assert status == 200, (name, status, row)
        centiles = quantiles(took[5:], n=100)
        print(f"page {name}: median {centiles[49]:.1f} ms, p99 {centiles[98]:.1f} ms (claim: p99 < 50 ms)", flush=True)


if __name__ == "__main__":
    main()
