"""The commits of a lake: each adds files, takes files away, or sets rows aside, all at once or not at all.

A commit is one JSON file with the next number. Data files are written before it and are nothing until it is there, so
a process that is killed leaves the lake as it was. It is made by a hard link, which fails where the number is taken.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from yuejingzhun.telemetry.errors import LakeError

FOLDER = "commits"


@dataclass(frozen=True, slots=True)
class DataFile:
    """A Parquet file of readings; `path` is relative to the lake. All rows of `history` are superseded."""

    path: str
    month: str
    city: str
    rows: int
    points: int
    size: int
    first_day: date
    last_day: date
    first_district: str
    last_district: str
    history: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was imported: `digest` is of its content and of how it was read."""

    name: str
    digest: str
    rows: int
    refused: int


@dataclass(frozen=True, slots=True)
class Commit:
    """`superseded` and `lines` are paths of Parquet files: rows (file, row) set aside, and the report of an import."""

    number: int
    kind: str  # import or compact
    at: datetime
    sources: tuple[Source, ...] = ()
    added: tuple[DataFile, ...] = ()
    removed: tuple[str, ...] = ()
    superseded: str | None = None
    lines: str | None = None
    counts: dict[str, int] = field(default_factory=dict)


def read_commits(root: Path) -> Iterator[Commit]:
    """All commits in order; raises LakeError for one that is missing or can't be read."""
    folder = root / FOLDER
    names = sorted(path.name for path in folder.glob("*.json")) if folder.is_dir() else []
    for number, name in enumerate(names, 1):
        if name != _name(number):
            raise LakeError(f"{folder} 缺少第 {number} 次提交 {_name(number)}")
        yield _read(folder / name)


def write_commit(root: Path, commit: Commit) -> None:
    """Make it count, durably; raises LakeError where another has taken the number."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{_name(commit.number)}.new"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(commit), file, ensure_ascii=False, indent=1, default=_text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, folder / _name(commit.number))
    except FileExistsError as error:
        raise LakeError(f"第 {commit.number} 次提交已存在，另有进程在写入") from error
    finally:
        draft.unlink()
    sync_folder(folder)


def commit_path(root: Path, number: int) -> Path:
    """Where a commit stands."""
    return root / FOLDER / _name(number)


def sync_folder(folder: Path) -> None:
    """Return once the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _name(number: int) -> str:
    return f"{number:08}.json"


def _text(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value))


def _read(path: Path) -> Commit:
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
        content["at"] = datetime.fromisoformat(content["at"])
        content["sources"] = tuple(Source(**each) for each in content["sources"])
        content["added"] = tuple(map(_data_file, content["added"]))
        content["removed"] = tuple(content["removed"])
        return Commit(**content)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise LakeError(f"{path} 无法读取：{error}") from error


def _data_file(content: dict[str, Any]) -> DataFile:
    days = {name: date.fromisoformat(content[name]) for name in ("first_day", "last_day")}
    return DataFile(**(content | days))


def live_files(commits: Iterable[Commit]) -> tuple[DataFile, ...]:
    """The files that count after these commits."""
    files: dict[str, DataFile] = {}
    for commit in commits:
        for path in commit.removed:
            del files[path]
        files |= {file.path: file for file in commit.added}
    return tuple(files.values())
