"""Files into the lake: some files at a time, each lot committed at once, so that a killed import goes on where it was.

What a lot holds is decided by the sizes of its files alone. Reports are kept in the lake, with the commit.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.telemetry import refusal
from yuejingzhun.telemetry.admission.admit import admit
from yuejingzhun.telemetry.admission.sieve import Expected
from yuejingzhun.telemetry.checks import across_rows
from yuejingzhun.telemetry.commits import Commit, Source, write_commit
from yuejingzhun.telemetry.database import database
from yuejingzhun.telemetry.files import write_superseded, write_table
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.merging import merge
from yuejingzhun.telemetry.reading import SCHEMA, Month
from yuejingzhun.telemetry.refusal import Reason
from yuejingzhun.telemetry.snapshot import Snapshot, Where
from yuejingzhun.telemetry.sources.chunk import SourceError
from yuejingzhun.telemetry.sources.month import month_in_name
from yuejingzhun.telemetry.sources.open import chunks

LOT = 256 * 2**20
"""Bytes of source files that are committed together, unless one file alone is larger."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: files that are committed and their bytes, and rows read of those that are not yet."""

    files: int
    of_files: int
    bytes: int
    of_bytes: int
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the files: rows that are new, that were there, that were refused, notices, and files whose import
    was committed before. `commits` are those that hold the files, also before this import."""

    files: int
    repeated_files: int
    stored: int
    duplicates: int
    refused: int
    notices: int
    commits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Given:
    path: Path
    expected: Expected
    size: int
    digest: str


def import_readings(
    lake: Lake,
    paths: Sequence[Path],
    at: datetime,
    month: Month | None = None,
    city: str | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Outcome:
    """Take in what can be; the same files again add nothing. `month` and `city` are for files that do not say theirs.

    Raises LakeError where the lake can't be written; a file that can't be read is one line of the report.
    """
    with lake.writing() as staging:
        given = [_given(path, at, month, city) for path in paths]
        done = {source.digest: commit.number for commit in lake.commits() for source in commit.sources}
        whole, found = sum(each.size for each in given), set()
        outcome = Outcome(len(given), 0, 0, 0, 0, 0, ())
        files = passed = 0
        for lot in _lots(given):
            fresh = [each for each in lot if each.digest not in done]
            found |= {done[each.digest] for each in lot if each.digest in done}
            outcome = replace(outcome, repeated_files=outcome.repeated_files + len(lot) - len(fresh))
            if fresh:
                at_rows = partial(_tell_rows, progress, Progress(files, len(given), passed, whole))
                commit = _take_in(lake, staging, fresh, at, at_rows)
                found.add(commit.number)
                done |= {source.digest: commit.number for source in commit.sources}
                outcome = _added(outcome, commit)
            files, passed = files + len(lot), passed + sum(each.size for each in lot)
            progress(Progress(files, len(given), passed, whole))
        return replace(outcome, commits=tuple(sorted(found)))


def lines_of(lake: Lake, numbers: Iterable[int]) -> Iterator[pa.Table]:
    """The reports (refusal.SCHEMA) of those commits."""
    for commit in lake.commits():
        if commit.number in set(numbers) and commit.lines:
            yield pq.read_table(lake.root / commit.lines)


def _given(path: Path, at: datetime, month: Month | None, city: str | None) -> _Given:
    expected = Expected(path.name, local_date(at), at, month or month_in_name(path.name), city)
    try:
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        size = path.stat().st_size
    except OSError:  # said when it is read
        content, size = f"unreadable {path}", 0
    how = f"{content} {expected.month} {city}"
    return _Given(path, expected, size, hashlib.sha256(how.encode()).hexdigest())


def _lots(given: Iterable[_Given]) -> Iterator[list[_Given]]:
    lot: list[_Given] = []
    for each in given:
        if lot and sum(other.size for other in lot) + each.size > LOT:
            yield lot
            lot = []
        lot.append(each)
    if lot:
        yield lot


def _tell_rows(progress: Callable[[Progress], None], before: Progress, rows: int) -> None:
    progress(replace(before, rows=rows))


def _take_in(lake: Lake, staging: Path, lot: Sequence[_Given], at: datetime, progress: Callable[[int], None]) -> Commit:
    snapshot = lake.snapshot()
    lines: list[refusal.Line] = []
    sources, staged, before = [], [], 0
    for number, each in enumerate(lot, 1):
        path = staging / f"{number:06}.parquet"
        rows, own = _stage(each, path, staging, lambda rows, before=before: progress(before + rows))
        before += rows
        lines += own
        if rows:
            staged.append(path)
        sources.append(Source(each.expected.source, each.digest, rows, sum(bool(line["refused"]) for line in own)))
    commit = Commit(snapshot.number + 1, "import", at, tuple(sources))
    if staged:
        with database(staging) as connection:
            merged = merge(connection, snapshot, staged, staging)
        aside = write_superseded(lake.root, staging, merged.superseded)
        commit = replace(commit, added=merged.added, superseded=aside)
        lines += [*merged.lines, *_noticed(snapshot, commit, staging)]
        for path in staged:
            path.unlink()
    counts = {"stored": merged.stored, "duplicates": merged.duplicates} if staged else {"stored": 0, "duplicates": 0}
    counts["refused"] = sum(bool(line["refused"]) for line in lines)
    counts["notices"] = len(lines) - counts["refused"]
    report = write_table(lake.root, staging, refusal.table(lines), "lines") if lines else None
    commit = replace(commit, lines=report, counts=counts)
    write_commit(lake.root, commit)
    return commit


def _stage(given: _Given, path: Path, folder: Path, progress: Callable[[int], None]) -> tuple[int, list[refusal.Line]]:
    """Judge a file's rows and put the good ones down; how many those are, and the lines of the others. Of a file that
    turns out to be damaged nothing stays."""
    lines: list[refusal.Line] = []
    rows, seen = 0, False
    name = given.expected.source
    try:
        with pq.ParquetWriter(path, SCHEMA, compression="lz4", use_dictionary=True) as writer:
            for chunk in chunks(given.path, folder):
                seen = seen or bool(chunk.table.num_rows)
                lines += [
                    refusal.line(refusal.Where(name, row), Reason.WRONG_FIELDS, found) for row, found in chunk.misshapen
                ]
                if chunk.table.num_rows:
                    admitted = admit(chunk.table, chunk.row_numbers, chunk.layout, given.expected)
                    lines += admitted.lines
                    rows += admitted.rows.num_rows
                    writer.write_table(admitted.rows)
                    progress(rows)
            if not seen and not lines:
                raise SourceError(Reason.EMPTY, "")
    except SourceError as error:
        path.unlink(missing_ok=True)
        return 0, [refusal.line(refusal.Where(name), error.reason, error.found)]
    except (OSError, pa.ArrowException) as error:
        path.unlink(missing_ok=True)
        return 0, [refusal.line(refusal.Where(name), Reason.UNREADABLE, str(error)[:120])]
    return rows, lines


def _noticed(snapshot: Snapshot, commit: Commit, staging: Path) -> Iterator[refusal.Line]:
    """What shows only across rows, for the districts and days that a commit would add."""
    if not commit.added:
        return
    after = Snapshot(
        snapshot.root,
        commit.number,
        [*snapshot.files, *commit.added],
        [*snapshot.superseded_paths, *([commit.superseded] if commit.superseded else [])],
    )
    for file in commit.added:
        districts = pc.unique(pq.read_table(snapshot.root / file.path, columns=["district"])["district"]).to_pylist()
        meant = Where(
            city=file.city, first_day=file.first_day, last_day=file.last_day, districts=tuple(sorted(districts))
        )
        yield from across_rows(after, meant, staging)


def _added(outcome: Outcome, commit: Commit) -> Outcome:
    names = ("stored", "duplicates", "refused", "notices")
    return replace(outcome, **{name: getattr(outcome, name) + commit.counts[name] for name in names})
