"""The long task that takes a file of instruments over.

All or nothing: the whole file is checked, then stored in one transaction. Good rows kept: chunk by chunk, each in one
transaction with the checkpoint.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from itertools import islice
from typing import Any, NamedTuple

from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected

from yuejingzhun.platform.foundation.jobs.errors import TaskError
from yuejingzhun.platform.foundation.jobs.registry import Asked
from yuejingzhun.platform.foundation.jobs.reporting import Report
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.foundation.tables.columns import Problem, read_rows
from yuejingzhun.platform.foundation.tables.reading import open_table
from yuejingzhun.platform.foundation.tables.table import Table, TableError
from yuejingzhun.platform.registry.instruments.desks import Desk
from yuejingzhun.platform.registry.instruments.intake import Intake
from yuejingzhun.platform.registry.instruments.kept_files import KeptFile, unchanged
from yuejingzhun.platform.registry.instruments.staging import Staged, conflicts, merge
from yuejingzhun.platform.registry.instruments.transfer_columns import columns
from yuejingzhun.procedures.local_date import local_date

CHUNK = 10_000
LOCK = (0x594A01, 0)  # of PostgreSQL's advisory locks: an import that stores all or nothing stores alone
DEADLOCKS = 3
LABELS = {
    "outcome": "结论",
    "rows": "读取的行",
    "created": "新备案",
    "updated": "更新",
    "unchanged": "未变",
    "refused": "有问题的行",
}
Counts = dict[str, int]
NOTHING: Counts = {"rows": 0, "created": 0, "updated": 0, "unchanged": 0, "refused": 0}


class Keep(Enum):
    """What becomes of the good rows of a file that has bad ones; the value is the term on the screen."""

    ALL = "全部正确才导入，否则一行也不导入"
    GOOD = "导入正确的行，有问题的行另列"


class Chunk(NamedTuple):
    """So many rows of the file, up to the row `last`: those that may be stored, and the problems of the others."""

    last: int
    rows: int
    staged: list[Staged]
    problems: list[tuple[int, Problem]]


class _RefusedError(Exception):
    def __init__(self, problems: list[tuple[int, Problem]]) -> None:
        super().__init__(f"{len(problems)} rows")
        self.problems = problems


def run_import(asked: Asked, report: Report) -> dict[str, Any]:
    """Take the file over; the figures under the names of LABELS. Raises TaskError for a file that can't be opened."""
    try:
        run = _Run(asked, report, open_table(unchanged(KeptFile(**asked.arguments["file"])).path))
    except TableError as error:
        raise TaskError(str(error)) from error
    if Keep[asked.arguments["keep"]] is Keep.GOOD:
        counts = run.keep_good()
        refused = f"已导入正确的行；{counts['refused']} 行有问题，没有导入"
    else:
        counts = run.check_all()
        if not counts["refused"]:
            counts = run.store_all(counts)
        refused = f"一行也没有导入：{counts['refused']} 行有问题"
    return {"outcome": refused if counts["refused"] else "全部导入"} | counts


class _Run:
    """One run of an import, from the last checkpoint of its phase on."""

    def __init__(self, asked: Asked, report: Report, table: Table) -> None:
        self.report, self.table, self.at = report, table, asked.asked_at
        self.mapping: dict[str, int] = asked.arguments["mapping"]
        role, organisation_id = asked.arguments["desk"].split(":")
        self.desk = Desk(Role[role], int(organisation_id), asked.region)
        self.phases = 2 if asked.arguments["keep"] == Keep.ALL.name else 1

    def keep_good(self) -> Counts:
        """Store chunk by chunk; each with its counts, its problems and the checkpoint."""
        for chunk in self._chunks("正在导入", self.report.checkpoint.get("row", 0)):

            def store(after: dict[str, Any], chunk: Chunk = chunk) -> None:
                _lock(alone=False)
                merged = merge(chunk.staged, self.mapping, self.at)
                counts = self._note(after, chunk, merged.refused)
                unchanged_rows = len(chunk.staged) - merged.created - merged.updated - len(merged.refused)
                _add(counts, merged.created, merged.updated, unchanged_rows)

            self._piece(store)
        return self._counts()

    def check_all(self) -> Counts:
        """Check chunk by chunk, against the file and against what is on record; only problems are stored."""
        if "checked" not in self.report.checkpoint:
            for chunk in self._chunks("正在检查", self.report.checkpoint.get("row", 0)):
                with self.report.piece() as after:
                    self._note(after, chunk, conflicts(chunk.staged))
            with self.report.piece() as after:
                after["checked"] = True
        return self._counts()

    def store_all(self, checked: Counts) -> Counts:
        """Store every row in one transaction; where something has come in between, undo it and say what."""
        if "stored" in self.report.checkpoint:
            return checked
        try:
            with self.report.piece() as after:
                _lock(alone=True)
                counts = NOTHING | {"rows": checked["rows"]}
                for chunk in self._chunks("正在写入", 0, before=checked["rows"]):
                    self.report.check()
                    merged = merge(chunk.staged, self.mapping, self.at)
                    if chunk.problems or merged.refused:
                        raise _RefusedError([*chunk.problems, *_problems(merged.refused)])
                    unchanged_rows = len(chunk.staged) - merged.created - merged.updated
                    _add(counts, merged.created, merged.updated, unchanged_rows)
                after["result"], after["stored"] = counts, True
        except _RefusedError as error:
            with self.report.piece() as after:
                self.report.problems((row, *problem) for row, problem in error.problems)
                after["result"] = checked | {"refused": len({row for row, _ in error.problems})}
                after["stored"] = False
        return self._counts()

    def _chunks(self, words: str, after_row: int, before: int = 0) -> Iterator[Chunk]:
        """The chunks after that row; those before are read too, since a later row may repeat one of theirs."""
        on = local_date(self.at)
        declared = columns(on)
        intake = Intake(self.desk, declared, self.mapping, on)
        rows, done = read_rows(declared, self.mapping, self.table), before
        while read := list(islice(rows, CHUNK)):
            staged, problems = intake.stage(read)
            if read[-1].number > after_row:
                yield Chunk(read[-1].number, len(read), staged, problems)
            done += len(read)
            # The number of lines of a text file is only about that of its rows.
            self.report.progress(done, max(done, self.table.expected * self.phases), words)

    def _piece(self, work: Callable[[dict[str, Any]], None]) -> None:
        """A piece of work, tried again where the database ended it to free two that waited for each other."""
        for attempt in range(1, DEADLOCKS + 1):
            try:
                with self.report.piece() as after:
                    work(after)
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected) or attempt == DEADLOCKS:
                    raise
            else:
                return

    def _note(self, after: dict[str, Any], chunk: Chunk, refused: Mapping[int, str]) -> Counts:
        """Problems and counts of a chunk, and how far it reached."""
        found = [*chunk.problems, *_problems(refused)]
        self.report.problems((row, *problem) for row, problem in found)
        counts = dict(after.get("result") or NOTHING)
        counts["rows"] += chunk.rows
        counts["refused"] += len({row for row, _ in found})
        after["result"], after["row"] = counts, chunk.last
        return counts

    def _counts(self) -> Counts:
        return dict(self.report.checkpoint.get("result") or NOTHING)


def _add(counts: Counts, created: int, updated: int, unchanged_rows: int) -> None:
    counts["created"] += created
    counts["updated"] += updated
    counts["unchanged"] += unchanged_rows


def _problems(refused: Mapping[int, str]) -> list[tuple[int, Problem]]:
    """Reasons of the form 列：说明."""
    found = []
    for row, reason in sorted(refused.items()):
        column, _, expected = reason.partition("：")
        found.append((row, Problem(column, "", expected)))
    return found


def _lock(alone: bool) -> None:
    """Until the transaction ends: many imports store their chunks side by side, or one stores a whole file."""
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}(%s, %s)", LOCK)
