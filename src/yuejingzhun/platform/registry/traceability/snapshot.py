"""The graph as arrays for the kernel: a cache in files, memory-mapped, that grows by the links newer than its last.

The folder `traceability` in the data folder holds one snapshot, a folder named by the id of its last link, with one
.npy a column. It can be deleted at any time. A lock file keeps processes from building at once; a snapshot is written
beside and renamed, so a reader finds a whole one or none, and what it has mapped stays readable after it is gone.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from numpy.typing import NDArray

from yuejingzhun.metrology.traceability.graph import Calibrations, calibrations, extended
from yuejingzhun.platform.registry.traceability.models import Link, Node
from yuejingzhun.platform.registry.traceability.rules import day_number

# A row of COPY in binary form: a count of fields, then length and value of each; fixed, since no field is ever null.
FIELDS = (("id", ">i8"), *((name, ">i4") for name in ("lower", "upper", "on", "strand")),
          *((name, ">f8") for name in ("factor", "mpe", "expanded_u", "margin")))  # fmt: skip
PARTS = [part for name, kind in FIELDS for part in ((f"{name}_bytes", ">i4"), (name, kind))]
ROW = np.dtype([("fields", ">i2"), *PARTS])
HEADER_BYTES = 19  # signature, flags, and no extension
COPY = """
copy (
    select id, lower_id::int4, upper_id::int4, made_on - date '1970-01-01', strand::int4,
           coalesce(factor, 'NaN'), coalesce(mpe::float8, 'NaN'), coalesce(expanded_uncertainty::float8, 'NaN'),
           coalesce(margin::float8, 'NaN')
    from traceability_link where id > %s and id <= %s order by id
) to stdout (format binary)
"""
GRAPH = tuple(Calibrations.__slots__)
LIMITS = ("ids", "mpe", "expanded_u", "margin")
SMALL = 50
"""An increment below one part in so many isn't written: reading it again costs less than writing everything."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The graph, whose items are ids of nodes, and for each link its id, ascending, and its limits (NaN if unknown)."""

    graph: Calibrations
    ids: NDArray[np.int64]
    mpe: NDArray[np.float64]
    expanded_u: NDArray[np.float64]
    margin: NDArray[np.float64]

    @property
    def last(self) -> int:
        """The id of the last link; 0 for none."""
        return int(self.ids[-1]) if len(self.ids) else 0


def current_snapshot() -> Snapshot:
    """The graph with every link that is committed now; the files grow with it."""
    with _locked() as folder:
        kept = _kept(folder)
        last = _last_committed(kept.last)
        if last == kept.last:
            return kept
        grown = _grown(kept, _read(kept.last, last))
        if SMALL * (len(grown.ids) - len(kept.ids)) > len(kept.ids):
            _write(grown, folder)
            return _load(folder / _name(grown)) or grown
        return grown


def _last_committed(known: int) -> int:
    """The id below which no link can still appear.

    Ids are given before their transactions commit, so a lower one may come to be seen after a higher. Who has the table
    in share mode has waited for all writers, and no new one has taken an id; then it lets them go on.
    """
    if (Link.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) <= known:
        return known
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("lock table traceability_link in share mode")
        cursor.execute("select coalesce(max(id), 0) from traceability_link")
        return int(cursor.fetchone()[0])


def _read(after: int, last: int) -> NDArray[Any]:
    connection.ensure_connection()
    with connection.connection.cursor() as cursor, cursor.copy(COPY, (after, last)) as copy:
        data = b"".join(copy)
    rows = np.frombuffer(data, ROW, count=(len(data) - HEADER_BYTES) // ROW.itemsize, offset=HEADER_BYTES)
    if len(data) != HEADER_BYTES + rows.nbytes + 2:
        raise ValueError(f"COPY gave {len(data)} bytes, not whole rows of {ROW.itemsize}")
    return rows


def _grown(kept: Snapshot, rows: NDArray[Any]) -> Snapshot:
    items = max(kept.graph.items, 1 + (Node.objects.order_by("-pk").values_list("pk", flat=True).first() or 0))
    new = {name: rows[name].astype(rows.dtype[name].newbyteorder("=")) for name, _ in FIELDS}
    ids, mpe, expanded_u, margin = (
        np.concatenate((getattr(kept, own), new[name]))
        for own, name in zip(LIMITS, ("id", "mpe", "expanded_u", "margin"), strict=True)
    )
    graph = extended(kept.graph, items, *(new[name] for name in ("lower", "upper", "on", "strand", "factor")))
    return Snapshot(graph, ids, mpe, expanded_u, margin)


def _empty() -> Snapshot:
    none = np.empty(0, int)
    return Snapshot(calibrations(0, none, none, none), np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0))


def _kept(folder: Path) -> Snapshot:
    """The snapshot on file, or none where there is none, it is damaged, or it is of another state of the database."""
    for path in sorted(folder.glob("links-*"), reverse=True):
        found = _load(path)
        if found is not None and _is_of_this_database(found):
            return found
        shutil.rmtree(path)
    return _empty()


def _is_of_this_database(found: Snapshot) -> bool:
    # After a backup was put back, the same id may be another link.
    graph = found.graph
    at = [0, len(found.ids) // 2, -1]
    known = {
        int(found.ids[k]): (int(graph.lower[k]), int(graph.upper[k]), int(graph.on[k])) for k in at if len(found.ids)
    }
    rows = Link.objects.filter(pk__in=known).values_list("pk", "lower_id", "upper_id", "made_on")
    return known == {pk: (lower, upper, day_number(on)) for pk, lower, upper, on in rows}


def _load(path: Path) -> Snapshot | None:
    try:
        column = {name: np.load(path / f"{name}.npy", mmap_mode="r") for name in (*GRAPH, *LIMITS)}
    except (OSError, ValueError):
        return None
    graph = Calibrations(**{name: column[name] for name in GRAPH})
    whole = len({len(column[name]) for name in (*LIMITS, "lower", "upper", "on", "by_upper", "by_lower")}) == 1
    return Snapshot(graph, *(column[name] for name in LIMITS)) if whole else None


def _write(found: Snapshot, folder: Path) -> None:
    draft = folder / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    columns = {name: getattr(found.graph, name) for name in GRAPH} | {name: getattr(found, name) for name in LIMITS}
    for name, values in columns.items():
        with (draft / f"{name}.npy").open("wb") as file:
            np.save(file, values)
            file.flush()
            os.fsync(file.fileno())
    older = list(folder.glob("links-*"))
    draft.rename(folder / _name(found))
    for path in older:
        shutil.rmtree(path)


def _name(found: Snapshot) -> str:
    return f"links-{found.last:020}"


@contextmanager
def _locked() -> Iterator[Path]:
    folder = settings.DATA / "traceability"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
