"""Recall over ten million calibrations: the kernel with its snapshot, against recursive SQL and against networkx.

The graph is a province's: 3 national standards, 60 provincial, 1,000 city, 6,000 working ones (7,063; the plan counts
7,055), each calibrated yearly for five years, and verifications of 6 million instruments with working standards.

networkx has the graph in memory without days, and its descendants are the most that it can say; ours the same items,
each once, with the days minded. Of some hundred items it needs some ten microseconds, which is what a few dozen calls
of NumPy cost: there the two are alike, and the ratio grows with what is recalled.

Run: python benchmarks/recall.py [--links 10000000] [--networkx 1000000] [--data FOLDER]
The folder keeps the links for the next run, which then compares at once.
"""

import argparse
import os
import platform
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import django
import networkx
import numpy as np
import psycopg
from django.core.management import call_command

from yuejingzhun.project.embedded_database import embedded_postgres

LEVELS = (3, 60, 1_000, 6_000)
STARTS = np.cumsum((0, *LEVELS))
STANDARDS = int(STARTS[-1])
INSTRUMENTS_PER_LINK = 0.6
FIRST, YEARS, ROUNDS = (date(2021, 1, 1) - date(1970, 1, 1)).days, 5, 5
LONG = 10.0
"""A statement that takes more seconds is measured once."""
INCREMENT, NEWEST = 10_000, 1_000
# What makes the rows costly to load one by one; the rows themselves are right by construction.
CONSTRAINTS = """
select format('alter table traceability_link drop constraint %I', conname) from pg_constraint
where conrelid = 'traceability_link'::regclass and contype in ('f', 'c', 'u')
"""
INDEXES = """
create unique index one_link_of_a_certificate on traceability_link (certificate, lower_id, upper_id, strand);
create index link_downwards on traceability_link (upper_id, made_on);
create index link_upwards on traceability_link (lower_id, strand, made_on);
"""
# What whoever looks after a database on such a machine would set.
TUNED = "set work_mem = '1GB'; set jit = off; set random_page_cost = 1.1; set effective_cache_size = '8GB'"
# The same definition as the kernel's, on the product's own table and indexes.
ON_THE_TABLE = """
with recursive affected(id, lower_id, made_on, ended) as (
    select l.id, l.lower_id, l.made_on, (
        select min(n.made_on) from traceability_link n
        where n.lower_id = l.lower_id and n.strand = l.strand and n.made_on > l.made_on)
    from traceability_link l where l.upper_id = %(source)s and l.made_on >= %(day)s
    union
    select l.id, l.lower_id, l.made_on, (
        select min(n.made_on) from traceability_link n
        where n.lower_id = l.lower_id and n.strand = l.strand and n.made_on > l.made_on)
    from affected a join traceability_link l
        on l.upper_id = a.lower_id and l.made_on >= a.made_on and l.made_on < coalesce(a.ended, 'infinity')
)
select count(*), sum(id) from affected
"""
# The best that SQL could be given: the end of each calibration worked out beforehand, in a covering index.
PREPARED = """
create table prepared as
    select id, lower_id, upper_id, made_on, coalesce(
        lead(made_on) over (partition by lower_id, strand order by made_on), 'infinity') as ended
    from traceability_link;
create index on prepared (upper_id, made_on) include (id, lower_id, ended);
"""
ON_PREPARED = """
with recursive affected(id, lower_id, made_on, ended) as (
    select id, lower_id, made_on, ended from prepared where upper_id = %(source)s and made_on >= %(day)s
    union
    select l.id, l.lower_id, l.made_on, l.ended from affected a join prepared l
        on l.upper_id = a.lower_id and l.made_on >= a.made_on and l.made_on < a.ended
)
select count(*), sum(id) from affected
"""


def main() -> None:
    """Fill, then print every time and ratio (claim: at least 10 against SQL)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=10_000_000)
    parser.add_argument("--networkx", type=int, default=1_000_000, help="links of the comparison with networkx")
    parser.add_argument("--data", default=None, help="folder that keeps the links, loaded where empty")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yjz-recall-", ignore_cleanup_errors=True) as name:
        _compared(arguments.data or name, arguments.links)
    _against_networkx(arguments.networkx)
    print(f"largest memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GB")


def _compared(folder: str, links: int) -> None:
    with embedded_postgres(Path(folder) / "postgres", durable=False) as url:
        os.environ |= {"DATABASE_URL": url, "YJZ_DATA": str(Path(folder).absolute())}
        os.environ["DJANGO_SETTINGS_MODULE"] = "yuejingzhun.project.settings"
        django.setup()
        call_command("migrate", verbosity=0)
        with psycopg.connect(url, autocommit=True) as connection:
            server = f"PostgreSQL {connection.info.parameter_status('server_version')}"
            versions = f"Python {platform.python_version()}, NumPy {np.__version__}, {server}"
            machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
            print(f"{machine}, {versions}", flush=True)
            if connection.execute("select from traceability_link limit 1").fetchone() is None:
                _load(connection, links)
            _against_sql(connection)


def _graph(links: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """lower, upper, on; a standard keeps its upper, and is calibrated before it is used, early each year."""
    lower, upper, on = [], [], []
    for level in range(1, len(LEVELS)):
        own = np.arange(STARTS[level], STARTS[level + 1])
        above = generator.integers(STARTS[level - 1], STARTS[level], len(own))
        for year in range(YEARS):
            lower.append(own)
            upper.append(above)
            on.append(FIRST + 365 * year + 20 * level + generator.integers(0, 20, len(own)))
    count = links - sum(map(len, lower))
    lower.append(STANDARDS + generator.integers(0, int(links * INSTRUMENTS_PER_LINK), count))
    upper.append(generator.integers(STARTS[-2], STARTS[-1], count))
    on.append(generator.integers(FIRST + 80, FIRST + 365 * YEARS, count))
    return tuple(np.concatenate(column) for column in (lower, upper, on))  # type: ignore[return-value]


def _load(connection: psycopg.Connection[Any], links: int) -> None:
    from yuejingzhun.platform.registry.traceability import snapshot

    began = time.perf_counter()
    graph = _graph(links + INCREMENT + NEWEST, np.random.default_rng(2035))
    _fill(connection, graph, links)
    print(f"{links:,} links in the database in {time.perf_counter() - began:.0f} s")
    began = time.perf_counter()
    snapshot.current_snapshot()
    print(f"first snapshot (all links read, sorted, written): {time.perf_counter() - began:.1f} s")
    _copy(connection, graph, links, links + INCREMENT)
    began = time.perf_counter()
    snapshot.current_snapshot()
    print(f"{INCREMENT:,} links more (read, sorted, written beside): {time.perf_counter() - began:.3f} s")
    _copy(connection, graph, links + INCREMENT, links + INCREMENT + NEWEST)
    began = time.perf_counter()
    connection.execute(PREPARED)
    connection.execute("vacuum analyze prepared")
    print(f"what the prepared SQL is given, not counted: {time.perf_counter() - began:.0f} s")
    connection.execute("vacuum analyze traceability_link")


def _against_sql(connection: psycopg.Connection[Any]) -> None:
    connection.execute(TUNED)
    connection.prepare_threshold = None  # a plan made for all values would be a worse one
    (links,) = connection.execute("select count(*) from traceability_link").fetchone() or (0,)
    print(f"{links:,} links; claim: at least 10 times the recursive SQL")
    print(f"first: opening the files and reading the newest {NEWEST:,} links; again: with what the process remembers")
    for name, item in (("national", 0), ("provincial", 3), ("city", 63), ("working", 1063)):
        _compare(connection, name, item, FIRST)
        _compare(connection, name, item, FIRST + 365 * 2 + 100)


def _compare(connection: psycopg.Connection[Any], name: str, item: int, day: int) -> None:
    values = {"source": item + 1, "day": date.fromordinal(date(1970, 1, 1).toordinal() + day)}
    (ours, result), (again, same), (on_table, first), (prepared, second) = _best(
        lambda: _recall(item + 1, day, forget=True),
        lambda: _recall(item + 1, day, forget=False),
        lambda: connection.execute(ON_THE_TABLE, values).fetchone(),
        lambda: connection.execute(ON_PREPARED, values).fetchone(),
    )
    assert result == same == tuple(first) == tuple(second), (result, same, first, second)
    print(
        f"{name:11}{result[0]:>11,} affected: ours first {ours:.4f} s, again {again:.4f} s; "
        f"SQL {on_table:.3f} s, ratio {on_table / ours:.0f}, {on_table / again:.0f}; "
        f"SQL prepared {prepared:.3f} s, ratio {prepared / ours:.0f}, {prepared / again:.0f}",
        flush=True,
    )


def _recall(source: int, day: int, *, forget: bool) -> tuple[int, int]:
    from yuejingzhun.metrology.traceability.recall import reached
    from yuejingzhun.platform.registry.traceability import snapshot

    if forget:
        snapshot._remembered.clear()
    found = snapshot.current_snapshot()
    ids = found.graph.at(reached(found.graph, source, day, error=0.1).places, "number")
    return len(ids), int(ids.sum())


def _best(*measured: Callable[[], Any]) -> list[tuple[float, Any]]:
    """The shortest time of each and its result, one after the other in each round: what else runs hits all alike."""
    best: list[tuple[float, Any]] = [(float("inf"), None)] * len(measured)
    for turn in range(ROUNDS):
        for place, run in enumerate(measured):
            if turn and best[place][0] > LONG:
                continue
            began = time.perf_counter()
            result = run()
            best[place] = min(best[place][0], time.perf_counter() - began), result
    return best


def _fill(connection: psycopg.Connection[Any], graph: tuple[np.ndarray, ...], links: int) -> None:
    for (statement,) in connection.execute(CONSTRAINTS).fetchall():
        connection.execute(statement)
    connection.execute("drop index link_downwards, link_upwards")
    connection.execute(
        "insert into traceability_node (id, kind, key, label, region, uncertainty, unit)"
        " select n, 'STANDARD', n, n, '440000', '', '' from generate_series(1, %s) n",
        (int(max(graph[0].max(), graph[1].max())) + 1,),
    )
    _copy(connection, graph, 0, links)
    connection.execute("set maintenance_work_mem = '1GB'")
    connection.execute(INDEXES)
    connection.execute("vacuum analyze traceability_link")


def _copy(connection: psycopg.Connection[Any], graph: tuple[np.ndarray, ...], start: int, end: int) -> None:
    statement = ("copy traceability_link (id, lower_id, upper_id, made_on, strand, part, certificate, factor, mpe, "
                 "expanded_uncertainty, margin, unit) from stdin")  # fmt: skip
    days = [str(date.fromordinal(date(1970, 1, 1).toordinal() + FIRST + n)) for n in range(366 * YEARS)]
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for begin in range(start, end, 100_000):
            rows = zip(*(column[begin : min(begin + 100_000, end)].tolist() for column in graph), strict=True)
            copy.write("".join(
                f"{id}\t{lower + 1}\t{upper + 1}\t{days[on - FIRST]}\t0\t\tYJZ-440100-2026-{id:08}\t1\t1\t0.2\t0.4\t%\n"
                for id, (lower, upper, on) in enumerate(rows, begin + 1)
            ))  # fmt: skip


def _against_networkx(links: int) -> None:
    from yuejingzhun.metrology.traceability.graph import calibrations
    from yuejingzhun.metrology.traceability.recall import reached

    lower, upper, on = _graph(links, np.random.default_rng(2035))
    began = time.perf_counter()
    theirs = networkx.DiGraph()
    theirs.add_edges_from(zip(upper.tolist(), lower.tolist(), strict=True))
    built = time.perf_counter() - began
    began = time.perf_counter()
    graph = calibrations(lower, upper, on)
    print(f"networkx, {links:,} links: built in {built:.1f} s, ours in {time.perf_counter() - began:.1f} s")
    for name, item in (("national", 0), ("provincial", 3), ("city", 63), ("working", 1063)):
        (time_ours, found), (time_theirs, expected) = _best(
            lambda item=item: _each_once(graph.at(reached(graph, item, FIRST).places, "lower")),
            lambda item=item: networkx.descendants(theirs, item),
        )
        assert set(found.tolist()) == expected
        print(f"{name:11}{len(expected):>11,} items: ours {time_ours:.5f} s, networkx.descendants {time_theirs:.5f} s, "
              f"ratio {time_theirs / time_ours:.1f} (networkx knows no days)", flush=True)  # fmt: skip


def _each_once(items: np.ndarray) -> np.ndarray:
    ordered = np.sort(items)
    first = np.ones(len(ordered), np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


if __name__ == "__main__":
    main()
