"""The list of a recall: found by the kernel over the snapshot, written in batches that show how far it has come.

A list that was interrupted is made anew from its start; only one process works at a list.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from yuejingzhun.metrology.traceability.effect import Weight, effect
from yuejingzhun.metrology.traceability.graph import FOREVER, replaced_on
from yuejingzhun.metrology.traceability.recall import reached
from yuejingzhun.platform.registry.traceability.models import Affected, Recall, Tally
from yuejingzhun.platform.registry.traceability.rules import day_number
from yuejingzhun.platform.registry.traceability.snapshot import Snapshot, current_snapshot

BATCH = 100_000
AT_ONCE = 20_000
"""Certificates that a request lists itself, in about a second; more are left to what runs beside requests."""
LOCK = 0x7265
"""Class of the advisory locks, one a recall, held by who makes its list."""
FIELDS = (("link", ">i8"), ("rank", ">i4"), ("ended", ">i4"), ("error", ">f8"), ("to_mpe", ">f8"), ("to_u", ">f8"),
          ("weight", ">i4"))  # fmt: skip
PARTS = [part for name, kind in FIELDS for part in ((f"{name}_bytes", ">i4"), (name, kind))]
ROW = np.dtype([("fields", ">i2"), *PARTS])
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
STAGE = """
create temporary table if not exists recall_stage (
    link int8, rank int4, ended int4, error float8, to_mpe float8, to_u float8, weight int4);
truncate recall_stage
"""
INSERT = """
insert into traceability_affected
    (recall_id, rank, link_id, holder_id, institute_id, region, ended, error, to_mpe, to_u, weight)
select %(recall)s, s.rank, s.link, node.holder_id, link.institute_id, node.region,
       case when s.ended <> %(forever)s then date '1970-01-01' + s.ended end,
       nullif(s.error, 'NaN'), nullif(s.to_mpe, 'NaN'), nullif(s.to_u, 'NaN'), s.weight
from recall_stage s
join traceability_link link on link.id = s.link
join traceability_node node on node.id = link.lower_id
"""
COUNT = """
insert into traceability_tally (recall_id, holder_id, institute_id, region, certificates, instruments, grave)
select a.recall_id, a.holder_id, a.institute_id, a.region, count(distinct link.certificate),
       count(distinct link.lower_id), count(distinct link.certificate) filter (where a.weight >= %(grave)s)
from traceability_affected a join traceability_link link on link.id = a.link_id
where a.recall_id = %(recall)s
group by grouping sets ((a.recall_id, a.holder_id, a.region), (a.recall_id, a.holder_id, a.region, a.institute_id))
having grouping(a.institute_id) = 1 or a.institute_id is not null
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What a recall reaches, the gravest first, as rows of COPY; until which link and through how many levels."""

    rows: NDArray[Any]
    last_link: int
    levels: int


def finish(recall_id: int, at_most: int | None = None, told: Callable[[int, int], None] | None = None) -> bool:
    """Make a recall's list; whether it is done. More than `at_most` certificates are left to a later call.

    `told(listed, found)` is called before each batch; what it raises interrupts the list.
    """
    with _alone(recall_id) as alone:
        recall = Recall.objects.select_related("source").get(pk=recall_id)
        if not alone or recall.state == Recall.State.DONE:
            return recall.state == Recall.State.DONE
        found = affected_by(current_snapshot(), recall)
        Recall.objects.filter(pk=recall_id).update(found=len(found.rows), levels=found.levels)
        if at_most is not None and len(found.rows) > at_most:
            return False
        _begin(recall, found)
        for start in range(0, len(found.rows), BATCH):
            if told is not None:
                told(start, len(found.rows))
            _add(recall, found.rows[start : start + BATCH])
        _end(recall)
        return True


def affected_by(snapshot: Snapshot, recall: Recall) -> Found:
    """The affected links with their effects, the gravest first."""
    graph = snapshot.graph
    end = None if recall.to_day is None else day_number(recall.to_day)
    error = None if recall.error is None else float(recall.error)
    found = reached(graph, recall.source_id, day_number(recall.from_day), end, error)
    places = found.places
    ids = graph.at(places, "number")
    limits = (graph.at(places, name) for name in ("mpe", "expanded_u", "margin"))
    result = effect(found.error, *limits)
    order = np.lexsort((ids, -result.to_mpe, -result.weight))
    columns = {
        "link": ids[order],
        "rank": np.arange(1, len(ids) + 1),
        "ended": replaced_on(graph, places)[order],
        "error": found.error[order],
        "to_mpe": result.to_mpe[order],
        "to_u": result.to_u[order],
        "weight": result.weight[order],
    }
    rows = np.empty(len(ids), ROW)
    rows["fields"] = len(FIELDS)
    for name, kind in FIELDS:
        rows[f"{name}_bytes"] = np.dtype(kind).itemsize
        rows[name] = columns[name]
    return Found(rows, snapshot.last, found.levels)


@transaction.atomic
def _begin(recall: Recall, found: Found) -> None:
    # What an interrupted attempt left; the database lets go of it only while the list isn't done.
    Affected.objects.filter(recall=recall)._raw_delete(connection.alias)
    Tally.objects.filter(recall=recall)._raw_delete(connection.alias)
    Recall.objects.filter(pk=recall.pk).update(state=Recall.State.LISTING, last_link=found.last_link, listed=0)


@transaction.atomic
def _add(recall: Recall, rows: NDArray[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.cursor.copy("copy recall_stage from stdin (format binary)") as copy:
            copy.write(HEADER + rows.tobytes() + TRAILER)
        cursor.execute(INSERT, {"recall": recall.pk, "forever": FOREVER})
    Recall.objects.filter(pk=recall.pk).update(listed=int(rows["rank"][-1]))


@transaction.atomic
def _end(recall: Recall) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"recall": recall.pk, "grave": int(Weight.CONCLUSION_OPEN)})
    Recall.objects.filter(pk=recall.pk).update(state=Recall.State.DONE)


@contextmanager
def _alone(recall_id: int) -> Iterator[bool]:
    """Whether no one else works at this list; the lock goes with the connection if the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", (LOCK, recall_id))
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s, %s)", (LOCK, recall_id))
