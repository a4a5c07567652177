"""The tables copied into partitions by city, as docs/scale.md lays them out, under the product's own queries.

What holds here by PostgreSQL alone holds under Citus for the same keys: a partition stands for a node's shard.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from conftest_demo import TINY
from django.db import IntegrityError, connection, transaction

from yuejingzhun.demo.figures import POPULATION
from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role
from yuejingzhun.platform.registry.instruments.counting import standing_by_region
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.registry.instruments.queries import due, instrument_of_tag, own_instruments
from yuejingzhun.platform.registry.instruments.searching import Reach, search

TODAY = date(2026, 11, 24)
SOON = TODAY + timedelta(days=30)
CITY, COUNTY = "440100", "440106"
REGULATOR = Actor(0, "", (Grant(Role.REGULATOR, 0, "440000"),))
# The primary key begins with what the rows are spread by; what was unique over the province gets a table of its own.
LAYOUT = """
CREATE SCHEMA spread;
CREATE TABLE spread.instruments_instrument
    (LIKE public.instruments_instrument INCLUDING DEFAULTS INCLUDING IDENTITY, PRIMARY KEY (city, id),
     CHECK (city = left(region, 4)), FOREIGN KEY (holder_id) REFERENCES public.parties_organisation (id))
    PARTITION BY LIST (city);
CREATE INDEX ON spread.instruments_instrument (city, valid_until, id) WHERE in_use = 'in_use';
CREATE INDEX ON spread.instruments_instrument (region, valid_until, id) WHERE in_use = 'in_use';
CREATE INDEX ON spread.instruments_instrument (holder_id, valid_until, id);
CREATE INDEX ON spread.instruments_instrument (serial);
CREATE INDEX ON spread.instruments_instrument (tag);
CREATE INDEX ON spread.instruments_instrument (maker, model, region);
CREATE INDEX ON spread.instruments_instrument USING gin (grams(serial, 3));
CREATE TABLE spread.identity (
    digest bytea, maker text, model text, serial text, regulation_series text, city text NOT NULL,
    instrument_id bigint NOT NULL, PRIMARY KEY (digest))
    PARTITION BY HASH (digest);
CREATE TABLE spread.mandatory_line
    (LIKE public.mandatory_line INCLUDING DEFAULTS, city varchar(4) NOT NULL, PRIMARY KEY (city, id),
     FOREIGN KEY (city, instrument_id) REFERENCES spread.instruments_instrument (city, id))
    PARTITION BY LIST (city);
"""
FILL = """
INSERT INTO spread.instruments_instrument OVERRIDING SYSTEM VALUE SELECT * FROM public.instruments_instrument;
INSERT INTO spread.identity SELECT {digest}, maker, model, serial, regulation_series, city, id
    FROM public.instruments_instrument;
INSERT INTO spread.mandatory_line SELECT l.*, i.city FROM public.mandatory_line l
    JOIN public.instruments_instrument i ON i.id = l.instrument_id;
"""
DIGEST = "sha256(convert_to(concat_ws(chr(31), maker, model, serial, regulation_series), 'UTF8'))"


@pytest.fixture(scope="module")
def spread(tiny) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(LAYOUT)
        for city in POPULATION:
            for table in ("instruments_instrument", "mandatory_line"):
                cursor.execute(
                    f"CREATE TABLE spread.{table}_{city} PARTITION OF spread.{table} FOR VALUES IN ('{city}')"
                )
        for n in range(4):
            cursor.execute(
                f"CREATE TABLE spread.identity_{n} PARTITION OF spread.identity"
                f" FOR VALUES WITH (MODULUS 4, REMAINDER {n})"
            )
        cursor.execute(FILL.format(digest=DIGEST))
        cursor.execute("ANALYZE spread.instruments_instrument")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # The product names its tables without a schema: its own statements now meet the partitions.
        cursor.execute("SET LOCAL search_path = spread, public")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = public")


def partitions_read(read: Callable[[], object]) -> set[str]:
    """The cities whose partition of instruments any statement of the product touches, by its plan."""
    sent: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        read()
    found: set[str] = set()
    with connection.cursor() as cursor:
        for sql, params in sent:
            if "instruments_instrument" in sql:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
                found |= relations(json.loads(json.dumps(cursor.fetchone()[0]))[0]["Plan"])
    return {name.rpartition("_")[2] for name in found if name.startswith("instruments_instrument_")}


def relations(plan: dict[str, Any]) -> set[str]:
    own = {plan["Relation Name"]} if "Relation Name" in plan else set()
    return own.union(*(relations(part) for part in plan.get("Plans", [])))


def test_every_row_is_in_the_partition_of_its_city(spread) -> None:
    assert Instrument.objects.count() == TINY.instruments
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT tableoid) FROM instruments_instrument WHERE city = '4401'")
        number, tables = cursor.fetchone()
    assert number > 0
    assert tables == 1


def test_a_citys_due_list_reads_one_partition_and_finds_the_same(spread) -> None:
    found: list[list[int]] = []
    assert partitions_read(lambda: found.append([one.pk for one in due(REGULATOR, CITY, SOON)])) == {CITY[:4]}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = public")
        plain = [one.pk for one in due(REGULATOR, CITY, SOON)]
        cursor.execute("SET LOCAL search_path = spread, public")
    assert found[0] == plain
    assert plain


def test_a_search_within_a_city_or_county_reads_one_partition(spread) -> None:
    serial = Instrument.objects.filter(region=COUNTY).first().serial
    for region in (CITY, COUNTY):
        for text in (serial, serial[-5:], "电能表", "有限公司"):
            assert partitions_read(lambda t=text, r=region: search(t, Reach(regions=(r,)))) <= {CITY[:4]}, text
    assert serial in {one.serial for one in search(serial, Reach(regions=(COUNTY,))).instruments}
    assert len(partitions_read(lambda: search(serial, Reach(regions=("440000",))))) == len(POPULATION)


def test_what_names_no_city_asks_every_partition(spread) -> None:
    one = Instrument.objects.order_by("pk")[0]
    holder = Actor(0, "", (Grant(Role.HOLDER, one.holder_id, one.region),))
    assert len(partitions_read(lambda: instrument_of_tag(one.tag))) == len(POPULATION)
    assert len(partitions_read(lambda: own_instruments(holder, one.holder_id))) == len(POPULATION)


def test_counts_need_no_instrument(spread) -> None:
    assert partitions_read(lambda: standing_by_region("440000", TODAY, SOON)) == set()


def insert(table: str, source: str, **changes: object) -> None:
    """A copy of a row with some columns changed."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {source} LIMIT 1")  # noqa: S608 - of names written below
        names = [column.name for column in cursor.description]
        row = dict(zip(names, cursor.fetchone(), strict=True)) | changes
        values = ", ".join(["%s"] * len(row))
        override = "OVERRIDING SYSTEM VALUE" if table.endswith("instrument") else ""
        statement = f"INSERT INTO {table} ({', '.join(row)}) {override} VALUES ({values})"  # noqa: S608
        cursor.execute(statement, list(row.values()))


def test_the_same_instrument_in_another_city_is_refused_by_its_identity_alone(spread) -> None:
    one = "spread.instruments_instrument WHERE city = '4401' ORDER BY id"
    moved = {"id": 10**12, "region": "440304", "city": "4403", "tag": "0" * 12}
    with transaction.atomic():
        insert("spread.instruments_instrument", one, **moved)  # no partition knows of another's
        transaction.set_rollback(True)
    with pytest.raises(IntegrityError, match="identity"), transaction.atomic():
        insert("spread.identity", "spread.identity WHERE city = '4401'", city="4403", instrument_id=10**12)


def test_a_line_stays_with_its_instrument(spread) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT city FROM spread.mandatory_line LIMIT 1")
        (city,) = cursor.fetchone()
    other = next(one for one in POPULATION if one != city)
    row = f"spread.mandatory_line WHERE city = '{city}'"
    with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
        insert("spread.mandatory_line", row, id=10**12, position=999, open=False, city=other)
