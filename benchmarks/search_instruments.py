"""Search of instruments by fragments, words and slips of the hand, against ILIKE without an index, in one run.

The data are those of `yjz demo --scale province`, or as many instruments as asked for. ILIKE reads the same columns
in the same table with every index out of its reach; the first 51 it finds would be enough, as they are for the
search, so that it is given a fragment that few have: it reads on to the end. Frequent ones are measured apart.

Run: python benchmarks/search_instruments.py [--count 6000000] [--data FOLDER]
"""

import argparse
import time
from collections.abc import Callable, Sequence
from statistics import median

from demo_site import demo_site, heading

ROUNDS, SLOW_ROUNDS = 5, 2
ILIKE = """
SELECT id FROM instruments_instrument
WHERE serial ILIKE %(like)s OR maker ILIKE %(like)s OR model ILIKE %(like)s OR name ILIKE %(like)s LIMIT 51
"""
# Fragments of numbers from rare to frequent, words, single characters, and what is found nowhere.
FREQUENT = ("2021", "201", "GD", "000", "123", "99", "0", "X")
WORDS = ("电能表", "电能", "表", "演示", "有限公司", "衡器", "演示虚拟恒", "DDZY", "ACS", "水", "公司")
NOWHERE = ("不存在的器具", "QQQQQQ", "单相只能电能表", "电能裱", "zz9zz9zz9")


def main() -> None:
    """Print times and the ratio (claims: at least 100 times ILIKE; under a second for everything)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=6_000_000)
    parser.add_argument("--data", default=None)
    arguments = parser.parse_args()
    with demo_site(arguments.count, arguments.data) as count:
        heading(count)
        _against_ilike()
        _each(count)


def _against_ilike() -> None:
    from django.db import connection

    from yuejingzhun.platform.registry.instruments.searching import Reach, search

    province = Reach(regions=("440000",))
    texts = [text for text in _serials(5) for text in (text[-7:],)]
    ours = median(_seconds(lambda text=text: search(text, province), ROUNDS) for text in texts)

    def ilike(text: str) -> None:
        with connection.cursor() as cursor:
            for scan in ("indexscan", "bitmapscan", "indexonlyscan"):
                cursor.execute(f"SET enable_{scan} = off")
            cursor.execute(ILIKE, {"like": f"%{text}%"})
            cursor.fetchall()
            for scan in ("indexscan", "bitmapscan", "indexonlyscan"):
                cursor.execute(f"RESET enable_{scan}")

    theirs = median(_seconds(lambda text=text: ilike(text), 1) for text in texts[:3])
    print(f"seven characters of a number: search {ours * 1e3:.1f} ms, ILIKE without an index {theirs * 1e3:,.0f} ms")
    print(f"ratio {theirs / ours:,.0f} (claim: at least 100)", flush=True)


def _each(count: int) -> None:
    from yuejingzhun.platform.registry.instruments.searching import Reach, search

    reaches = {
        "province": Reach(regions=("440000",)),
        "city": Reach(regions=("441900",)),
        "county": Reach(regions=("440523",)),
        "holder": Reach(holders=(_holder(),)),
    }
    serials = _serials(3)
    slips = [text[:5] + text[6] + text[5] + text[7:] for text in serials] + [text[:-2] + "0" for text in serials]
    print("slowest of some searches of each sort, in ms; the reach is one of")
    print(f"{'':22}" + "".join(f"{name:>10}" for name in reaches))
    worst: list[tuple[float, str, str]] = []
    for sort, texts in (
        ("whole number", serials),
        ("last six", [text[-6:] for text in serials]),
        ("last four", [text[-4:] for text in serials]),
        ("three", [text[-3:] for text in serials]),
        ("a slip", slips),
        ("frequent fragment", FREQUENT),
        ("words", WORDS),
        ("nowhere, typing error", NOWHERE),
    ):
        row = []
        for name, reach in reaches.items():
            took = [(_seconds(lambda t=text, r=reach: search(t, r), SLOW_ROUNDS), text, name) for text in texts]
            row.append(max(took)[0])
            worst += took
        print(f"{sort:22}" + "".join(f"{one * 1e3:>10.0f}" for one in row), flush=True)
    slowest = sorted(worst, reverse=True)[:8]
    print("the worst of all: " + "; ".join(f"{text} ({name}) {took * 1e3:.0f} ms" for took, text, name in slowest))


def _seconds(act: Callable[[], object], rounds: int) -> float:
    """The best of some rounds: the first brings the pages into memory."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return min(took)


def _serials(count: int) -> Sequence[str]:
    from yuejingzhun.platform.registry.instruments.models import Instrument

    first = Instrument.objects.order_by("-pk").values_list("pk", flat=True)[0]
    keys = [first - 1_009 * n for n in range(1, count + 1)]
    return list(Instrument.objects.filter(pk__in=keys).order_by("pk").values_list("serial", flat=True))


def _holder() -> int:
    """One of middling size: a station of the demonstration."""
    from yuejingzhun.platform.foundation.parties.models import Organisation

    return Organisation.objects.get(name="演示加油站").pk


if __name__ == "__main__":
    main()
