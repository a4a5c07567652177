"""By which index each list and look-up is read: the plans of the very statements that are sent."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role
from yuejingzhun.platform.registry.instruments.counting import standing_by_item, standing_by_region
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.registry.instruments.queries import due, instrument_of_tag
from yuejingzhun.platform.registry.instruments.searching import Reach, of_number

TODAY = date(2026, 11, 24)
REGULATOR = Actor(0, "", (Grant(Role.REGULATOR, 0, "440000"),))
REGIONS = ("440106", "440103", "440305", "440605", "440803")
NUMBER = 4000


@pytest.fixture
def shelves(world) -> None:
    """Instruments of five counties in four cities, due on many days; one number that many makers gave."""
    Instrument.objects.bulk_create(
        Instrument(
            holder=world.holder,
            name="电能表",
            model="DDS",
            serial="00017" if n % 41 == 0 else f"P{n:06}",
            maker=f"厂{n}",
            regulation="JJG 596-2012",
            regulation_series="JJG 596",
            region=REGIONS[n % 5],
            city=REGIONS[n % 5][:4],
            last_passed=True,
            valid_until=TODAY + timedelta(n * 7 % 900 - 200),
        )
        for n in range(NUMBER)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE instruments_instrument")


def scans(read: Callable[[], object]) -> list[dict[str, Any]]:
    """The nodes that read instruments in the plans of all that is sent, and every node that sorts."""
    sent: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        read()
    found: list[dict[str, Any]] = []
    with connection.cursor() as cursor:
        for sql, params in sent:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            answer = cursor.fetchone()[0]
            plan = json.loads(answer) if isinstance(answer, str) else answer
            found += [
                node
                for node in nodes(plan[0]["Plan"])
                if node.get("Relation Name") == "instruments_instrument" or "Sort" in node["Node Type"]
            ]
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


@pytest.mark.parametrize(
    ("region", "index", "named"), [("440100", "due_in_city", "city"), ("440106", "due_in_county", "region")]
)
def test_a_page_of_what_falls_due_is_one_scan_of_one_index(shelves, region: str, index: str, named: str) -> None:
    until = TODAY + timedelta(30)
    page = due(REGULATOR, region, until)
    assert len(page) == 50
    for after in (None, (page[-1].valid_until, page[-1].pk)):
        (only,) = scans(lambda a=after: due(REGULATOR, region, until, a))  # nothing is sorted, nothing read besides
        assert (only["Node Type"], only["Index Name"]) == ("Index Scan", index)
        assert f"({named})::text = " in only["Index Cond"] and "valid_until <= " in only["Index Cond"]
        if after:
            assert "valid_until >= " in only["Index Cond"]


@pytest.mark.parametrize("regions", [("440000",), ("440100",), ("440106",), ("440100", "440305"), ()])
def test_a_number_is_looked_up_in_its_index_and_nothing_is_sorted(shelves, world, regions: tuple[str, ...]) -> None:
    reach = Reach(regions, () if regions else (world.holder.pk,))
    (only,) = scans(lambda: of_number("P000007", reach))
    assert (only["Node Type"], only["Index Name"]) == ("Index Scan", "by_serial")


def test_a_label_is_looked_up_in_its_index_alone(shelves, django_assert_num_queries) -> None:
    tag = Instrument.objects.values_list("tag", flat=True)[17]
    with django_assert_num_queries(1):
        instrument_of_tag(tag)
    (only,) = scans(lambda: instrument_of_tag(tag))
    assert only["Node Type"] == "Index Scan" and only["Index Cond"] == f"((tag)::text = '{tag}'::text)"


@pytest.mark.parametrize("regions", [("440000",), ("440100",), ("440106",), ("440605", "440803"), ()])
def test_the_check_of_a_reach_is_its_condition(shelves, world, regions: tuple[str, ...]) -> None:
    for holders in ((), (world.holder.pk,), (world.holder.pk + 1,)):
        reach = Reach(regions, holders)
        if not (regions or holders):
            continue
        found = []
        for condition, values in (reach.condition(), reach.check()):
            with connection.cursor() as cursor:
                statement = f"SELECT id FROM instruments_instrument i WHERE {condition} ORDER BY id"  # noqa: S608 - ours
                cursor.execute(statement, values)
                found.append(cursor.fetchall())
        assert found[0] == found[1]


def test_of_a_frequent_number_the_first_filed_are_shown(shelves) -> None:
    wanted = Instrument.objects.filter(serial="00017", city="4401").order_by("pk")
    assert of_number("00017", Reach(("440100",))) == list(wanted)[:51]
    everywhere = Instrument.objects.filter(serial="00017").order_by("pk")
    assert everywhere.count() == 98 and of_number("00017", Reach(("440000",))) == list(everywhere)[:51]


def test_counts_read_no_instrument(shelves) -> None:
    for region in ("440000", "440100"):
        read = scans(lambda r=region: standing_by_region(r, TODAY, TODAY + timedelta(30)))
        read += scans(lambda r=region: standing_by_item(r, TODAY))
        assert not [node for node in read if node.get("Relation Name")]


def test_fragments_are_those_of_the_folded_text_each_once(db) -> None:

    with connection.cursor() as cursor:
        for text in ("", "ab", "aaaa", "ＤＤＳ－1２3dds", "电能表 电能表", "x" * 60 + "Ω㎏"):
            cursor.execute(
                "SELECT grams(%s, 3), ARRAY(SELECT DISTINCT substr(folded(%s), n, 3)"
                " FROM generate_series(1, char_length(folded(%s)) - 2) AS n)",
                [text] * 3,
            )
            found, expected = cursor.fetchone()
            assert len(found) == len(set(found)) and set(found) == set(expected), text
