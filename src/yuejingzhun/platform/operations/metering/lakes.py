"""Where a utility's readings and the results of its evaluations are, and what the lake holds for a period.

Each utility has a lake of its own, `lakes/<number>` in the data folder, so that an evaluation can't read another's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.compute as pc
from django.conf import settings

from yuejingzhun.platform.operations.metering.errors import MeteringError
from yuejingzhun.telemetry.errors import LakeError
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.snapshot import Snapshot, Where

MOST_COUNTED = 2_000_000  # rows of a register and day that a page counts exactly


@dataclass(frozen=True, slots=True)
class Holding:
    """What a lake holds between two days; `exact` is false where meters and districts were not counted one by one."""

    commit: int
    first_day: date
    last_day: date
    days: int
    cities: tuple[str, ...]
    districts: int
    meters: int
    registers_and_days: int
    exact: bool


def lake_of(organisation_id: int) -> Lake:
    """The lake of a utility; it need not exist yet."""
    return Lake(Path(settings.DATA) / "lakes" / str(organisation_id))


def folder_of(evaluation_id: int) -> Path:
    """Where the engine writes the results of an evaluation."""
    return Path(settings.DATA) / "metering" / "evaluations" / str(evaluation_id)


def covered(organisation_id: int) -> tuple[date, date] | None:
    """First and last day of all readings, from the commits alone; None for an empty lake. Raises MeteringError."""
    files = _snapshot(organisation_id).current_files()
    return (min(file.first_day for file in files), max(file.last_day for file in files)) if files else None


def holding(organisation_id: int, first_day: date, last_day: date) -> Holding | None:
    """What is there between these days, both included; None for nothing. Raises MeteringError for a damaged lake."""
    snapshot = _snapshot(organisation_id)
    where = Where(first_day=first_day, last_day=last_day)
    files = snapshot.current_files(where)
    if not files:
        return None
    rows = sum(file.rows for file in files)
    days: set[date] = set()
    districts: set[str] = set()
    meters: set[str] = set()
    exact = rows <= MOST_COUNTED
    try:
        for district, meter, day in _counted(snapshot, where) if exact else ():
            districts |= district
            meters |= meter
            days |= day
    except (OSError, ValueError) as error:
        raise MeteringError(f"读数库无法读取：{error}") from error
    if exact and not days:
        return None
    first = min(days) if days else max(first_day, min(file.first_day for file in files))
    last = max(days) if days else min(last_day, max(file.last_day for file in files))
    span = len(days) if exact else (last - first).days + 1
    return Holding(
        commit=snapshot.number,
        first_day=first,
        last_day=last,
        days=span,
        cities=tuple(sorted({file.city for file in files})),
        districts=len(districts),
        meters=len(meters) if exact else rows // max(sum(_days_of(file.first_day, file.last_day) for file in files)
                                                     // len(files), 1),
        registers_and_days=rows,
        exact=exact,
    )  # fmt: skip


def _days_of(first: date, last: date) -> int:
    return (last - first).days + 1


def _snapshot(organisation_id: int) -> Snapshot:
    try:
        return lake_of(organisation_id).snapshot()
    except LakeError as error:
        raise MeteringError(f"读数库无法读取：{error}") from error


def _counted(snapshot: Snapshot, where: Where) -> Iterator[tuple[set[str], set[str], set[date]]]:
    for batch in snapshot.scan(where, ["district", "meter", "day"]):
        yield tuple(set(pc.unique(batch.column(name)).to_pylist()) for name in ("district", "meter", "day"))  # type: ignore[misc]
