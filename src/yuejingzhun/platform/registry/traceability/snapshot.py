"""The graph as arrays for the kernel: what is on file (see `parts_on_file`) with the links that are newer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from django.conf import settings
from django.db import connection, transaction
from numpy.typing import NDArray

from yuejingzhun.metrology.traceability.graph import Calibrations, calibrations
from yuejingzhun.metrology.traceability.part import Part, key_of_upper, part_of
from yuejingzhun.platform.registry.traceability.models import Link
from yuejingzhun.platform.registry.traceability.parts_on_file import Kept, file_names, grown, kept_parts, locked
from yuejingzhun.platform.registry.traceability.rules import day_number

CHUNK = 100_000
# Columns as arrays, a row a chunk: a row a link would cost more than everything else.
SELECT = """
select array_agg(id), array_agg(lower_id::int4), array_agg(upper_id::int4), array_agg(made_on - date '1970-01-01'),
       array_agg(strand::int4), array_agg(coalesce(factor, 'NaN')), array_agg(coalesce(mpe::float8, 'NaN')),
       array_agg(coalesce(expanded_uncertainty::float8, 'NaN')), array_agg(coalesce(margin::float8, 'NaN'))
from (select * from traceability_link where id > %s and id <= %s order by id limit %s) chunk
"""
FIELDS = (("number", "i8"), *((name, "i4") for name in ("lower", "upper", "on", "strand")),
          *((name, "f8") for name in ("factor", "mpe", "expanded_u", "margin")))  # fmt: skip
ARRAY_HEADER_BYTES = 20  # dimensions, flags, type, length, lower bound; then length and value of each


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The graph, whose items are ids of nodes and whose numbers are ids of links, up to the link of id `last`."""

    graph: Calibrations
    last: int


_remembered: dict[Path, tuple[set[str], list[Kept]]] = {}
"""The files and parts of this process's last call: to open and read them again is most of what a small recall takes."""


def current_snapshot() -> Snapshot:
    """The graph with every link that is committed now; the files grow with it."""
    folder = settings.DATA / "traceability"
    found = _remembered_of(folder)
    if not found:
        with locked(folder):
            known = _of_this_database(kept_parts(folder))
            found = grown(folder, known, _last_committed(known[-1].last if known else 0), _read)
            names = file_names(folder)
        _remembered.clear()
        _remembered[folder] = names, found
    parts = tuple(one.part for one in found)
    return Snapshot(Calibrations(parts) if parts else calibrations([], [], []), found[-1].last if found else 0)


def _remembered_of(folder: Path) -> list[Kept]:
    """The parts, where the same files are there, they are of this database and nothing is newer; else none."""
    names, known = _remembered.get(folder, (set(), []))
    if not known or names != file_names(folder) or _last_id() != known[-1].last:
        return []
    return known if len(_of_this_database(known)) == len(known) else []


def _last_id() -> int:
    return Link.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _last_committed(known: int) -> int:
    """The id below which no link can still appear.

    Ids are given before their transactions commit, so a lower one may come to be seen after a higher. Who has the table
    in share mode has waited for all writers, and no new one has taken an id; then it lets them go on.
    """
    if _last_id() <= known:
        return known
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("lock table traceability_link in share mode")
        cursor.execute("select coalesce(max(id), 0) from traceability_link")
        return int(cursor.fetchone()[0])


def _read(after: int, last: int) -> Part:
    """The links above one id, up to another; they are there for good, so that each chunk may be asked for by itself."""
    pieces: dict[str, list[NDArray[Any]]] = {name: [np.empty(0, kind)] for name, kind in FIELDS}
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:  # Django's own can't ask for binary results
        while after < last:
            cursor.execute(SELECT, (after, last, CHUNK), binary=True)
            for place, (name, kind) in enumerate(FIELDS):
                data = cursor.pgresult.get_value(0, place)  # type: ignore[union-attr]
                if data is None:
                    raise ValueError(f"no links above {after}, though there should be one of id {last}")
                elements = np.frombuffer(data, [("bytes", ">i4"), ("value", f">{kind}")], offset=ARRAY_HEADER_BYTES)
                pieces[name].append(elements["value"].astype(kind))
            after = int(pieces["number"][-1].max())
    uppers, days = pieces.pop("upper"), pieces.pop("on")
    return part_of(pieces | {"upper_key": list(map(key_of_upper, uppers, days))})


def _of_this_database(known: list[Kept]) -> list[Kept]:
    """The parts up to the first whose links are not those of the database: a backup may have been put back."""
    samples = [
        {one.last, *(int(one.part.number[place]) for place in (0, one.part.links // 2, -1))}
        if one.part.links
        else set()
        for one in known
    ]
    rows = {row[0]: row for row in Link.objects.filter(pk__in=set().union(*samples)).values_list(
        "pk", "lower_id", "upper_id", "made_on")}  # fmt: skip
    for place, (one, sample) in enumerate(zip(known, samples, strict=True)):
        if not sample or not all(pk in rows and _holds(one.part, *rows[pk]) for pk in sample):
            return known[:place]
    return known


def _holds(part: Part, pk: int, lower: int, upper: int, made_on: Any) -> bool:
    key = key_of_upper(np.array([upper]), np.array([day_number(made_on)]))[0]
    first, last = np.searchsorted(part.upper_key, [key, key + 1])
    same = (part.number[first:last] == pk) & (part.lower[first:last] == lower)
    return bool(same.any())
