"""A chunk of rows into the table of instruments: by COPY beside it, then into it, each row at most once.

What is there already is compared and changed only where it differs, and stays with its holder. Rows are taken in the
order of their keys, so that two imports at once wait for each other instead of deadlocking.
"""

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from yuejingzhun.platform.registry.instruments.models import TAG_ALPHABET, TAG_LENGTH

_TO_ALPHABET = bytes(ord(TAG_ALPHABET[value % len(TAG_ALPHABET)]) for value in range(256))  # 256 is 8 alphabets

OTHER_HOLDER = "出厂编号：这台器具已备案在另一单位名下，不会改动；请由原单位办理转移，或核对制造单位、型号与编号"
SCRAPPED = "使用状态：这台器具已报废，不能再用"

CREATE = """
create temporary table if not exists staged_instruments (
    row bigint, maker text, model text, serial text, regulation_series text, regulation text,
    holder_id bigint, holder_region text, name text, item text, usual_item text, accuracy_class text,
    measuring_range text, use text, type_approval text, holder_number text, region text, place text, in_use text,
    filed_on date, tag text)
"""
INSERT = """
insert into instruments_instrument (
    maker, model, serial, regulation_series, regulation, holder_id, name, item, accuracy_class, measuring_range, use,
    type_approval, holder_number, region, city, place, in_use, filed_at, tag, last_certificate)
select maker, model, serial, regulation_series, regulation, holder_id, name, coalesce(item, usual_item),
    coalesce(accuracy_class, ''), coalesce(measuring_range, ''), coalesce(use, 'trade'), coalesce(type_approval, ''),
    coalesce(holder_number, ''), coalesce(region, holder_region), left(coalesce(region, holder_region), 4),
    coalesce(place, ''), coalesce(in_use, 'in_use'),
    coalesce(filed_on::timestamp at time zone 'Asia/Shanghai', %s), tag, ''
from staged_instruments order by maker, model, serial, regulation_series
on conflict (maker, model, serial, regulation_series) do nothing
"""
SAME_KEY = """
i.maker = s.maker and i.model = s.model and i.serial = s.serial and i.regulation_series = s.regulation_series
"""
REVIVED = "(i.in_use = 'scrapped' and coalesce(s.in_use, 'scrapped') <> 'scrapped')"
# Fragments of numbers go into their index many at once; with less memory than this, in several runs.
MEMORY = "set local work_mem = '64MB'"
# Forced: nothing is known of the staged rows, and a scan of all instruments for each chunk would take for ever.
BY_INDEX = "set local enable_hashjoin = off; set local enable_mergejoin = off"
STANDING = f"""
select s.row, i.holder_id <> s.holder_id, {REVIVED}
from staged_instruments s join instruments_instrument i on {SAME_KEY}
"""  # noqa: S608 - put together from constants
LOCKED = f"{STANDING} order by i.id for update of i"
# Without statistics of a table that has just grown, the planner would take an index that finds all of a maker's model.
OUTDATED = """
select n_mod_since_analyze > n_live_tup / 2 from pg_stat_user_tables where relid = 'instruments_instrument'::regclass
"""
# What a mapped column changes; an empty cell of these leaves what is there.
_KEPT_IF_EMPTY = {
    "item": "coalesce(s.item, i.item)",
    "use": "coalesce(s.use, i.use)",
    "region": "coalesce(s.region, i.region)",
    "in_use": "coalesce(s.in_use, i.in_use)",
    "filed_at": "case when s.filed_on is null or (i.filed_at at time zone 'Asia/Shanghai')::date = s.filed_on "
    "then i.filed_at else s.filed_on::timestamp at time zone 'Asia/Shanghai' end",
}
_ALWAYS = ("regulation", "name")
_DETAILS = ("item", "accuracy_class", "measuring_range", "use", "type_approval", "holder_number", "region", "place")
_DETAILS += ("in_use",)


class Staged(NamedTuple):
    """A row that may be stored; None in a detail where its column isn't read or its cell is empty."""

    row: int
    maker: str
    model: str
    serial: str
    regulation_series: str
    regulation: str
    holder_id: int
    holder_region: str
    name: str
    item: str | None
    usual_item: str
    accuracy_class: str | None
    measuring_range: str | None
    use: str | None
    type_approval: str | None
    holder_number: str | None
    region: str | None
    place: str | None
    in_use: str | None
    filed_on: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a chunk: numbers of instruments, and why some rows weren't taken over."""

    created: int
    updated: int
    refused: dict[int, str]


def merge(rows: Collection[Staged], mapped: Collection[str], at: datetime) -> Merged:
    """Store a chunk, inside the caller's transaction; instruments of other holders are left as they are."""
    with connection.cursor() as cursor:
        _copy(cursor, rows)
        cursor.execute(MEMORY)
        cursor.execute(INSERT, [at])
        created = cursor.rowcount
        if created == len(rows):
            return Merged(created, 0, {})
        _expect_index(cursor)
        cursor.execute(LOCKED)
        refused = _refusals(cursor.fetchall())
        cursor.execute(_update(mapped))
        return Merged(created, cursor.rowcount, refused)


def conflicts(rows: Collection[Staged]) -> dict[int, str]:
    """Which rows couldn't be stored now, and why; nothing is changed."""
    with connection.cursor() as cursor:
        _copy(cursor, rows)
        _expect_index(cursor)
        cursor.execute(STANDING)
        return _refusals(cursor.fetchall())


def new_tags(count: int) -> list[str]:
    """So many tags, each as `models.new_tag` makes one."""
    drawn = os.urandom(count * TAG_LENGTH).translate(_TO_ALPHABET).decode()
    return [drawn[place : place + TAG_LENGTH] for place in range(0, len(drawn), TAG_LENGTH)]


def _copy(cursor: Any, rows: Collection[Staged]) -> None:
    cursor.execute(CREATE)
    cursor.execute("truncate staged_instruments")
    with cursor.copy("copy staged_instruments from stdin") as copy:
        for row, tag in zip(rows, new_tags(len(rows)), strict=True):
            copy.write_row((*row, tag))


def _expect_index(cursor: Any) -> None:
    cursor.execute(OUTDATED)
    if cursor.fetchone() == (True,):
        cursor.execute("analyze (skip_locked) instruments_instrument")
    cursor.execute(BY_INDEX)


def _refusals(found: Iterable[tuple[int, bool, bool]]) -> dict[int, str]:
    return {row: OTHER_HOLDER if other else SCRAPPED for row, other, revived in found if other or revived}


def _update(mapped: Collection[str]) -> str:
    """Change what differs, of the columns that were read."""
    fields = [*_ALWAYS, *(field for field in _DETAILS if field in mapped)]
    if "filed_on" in mapped:
        fields.append("filed_at")
    values = {field: _KEPT_IF_EMPTY.get(field, f"coalesce(s.{field}, '')") for field in fields}
    changes = [f"{field} = {value}" for field, value in values.items()]
    if "region" in values:
        changes.append(f"city = left({values['region']}, 4)")
    return f"""
    update instruments_instrument i set {", ".join(changes)} from staged_instruments s
    where {SAME_KEY} and i.holder_id = s.holder_id and not {REVIVED}
        and ({", ".join(f"i.{field}" for field in fields)}) is distinct from ({", ".join(values.values())})
    """  # noqa: S608 - names of columns, none of them from outside
