"""Which run a folder of results belongs to: kernel and arguments, readings, lake and commit, kept beside the results.

A run that goes on must be the same one. A lake is known by the content of the commit that the run is over, so that it
may be moved, but not mistaken for another.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from yuejingzhun.telemetry.commits import commit_path
from yuejingzhun.telemetry.errors import EngineError
from yuejingzhun.telemetry.snapshot import Where

FILE = "run.json"
CALLED = {
    "kernel": "评价方法",
    "arguments": "方法的参数",
    "where": "读数的范围",
    "districts_a_task": "每个任务的台区数",
    "columns": "读数的列",
    "lake": "读数湖",
    "city": "市",
    "month": "月",
    "first_day": "第一天",
    "last_day": "最后一天",
    "districts": "台区",
    "meters": "表",
    "days": "天数",
    "mpe": "最大允许误差",
    "prior": "先验",
    "follow": "是否逐日更新",
    "day": "日",
    "before": "前一日的结果",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """What must be the same for a run to go on, and what it knows of itself: `commit` of the lake, number of tasks."""

    kernel: str
    arguments: dict[str, str]
    where: dict[str, str]
    districts_a_task: int
    columns: list[str]
    lake: str = ""  # digest of the commit
    commit: int = 0
    tasks: int = 0


def asked(kernel: Callable[..., Any], where: Where, districts_a_task: int, columns: tuple[str, ...]) -> Identity:
    """The identity of a run that is wanted, before the lake is looked at."""
    arguments: dict[str, str] = {}
    while isinstance(kernel, partial):
        arguments |= {str(place): str(value) for place, value in enumerate(kernel.args)}
        arguments |= {name: str(value) for name, value in kernel.keywords.items()}
        kernel = kernel.func
    name = f"{kernel.__module__}.{kernel.__qualname__}"
    return Identity(
        kernel=name,
        arguments=dict(sorted(arguments.items())),
        where={name: _said(value) for name, value in asdict(where).items()},
        districts_a_task=districts_a_task,
        columns=list(columns),
    )


def _said(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)


def lake_digest(root: Path, commit: int) -> str:
    """Of the content of a commit; empty for a lake without any."""
    return hashlib.sha256(commit_path(root, commit).read_bytes()).hexdigest() if commit else ""


def read(out: Path) -> Identity | None:
    """Of the run that a folder holds, None where it holds none; raises EngineError for one that can't be read."""
    path = out / FILE
    if not path.exists():
        return None
    try:
        found = Identity(**json.loads(path.read_bytes()))
    except (ValueError, TypeError) as error:
        raise EngineError(f"{path} 无法读取") from error
    if not isinstance(found.commit, int) or not isinstance(found.tasks, int):
        raise EngineError(f"{path} 的 commit 与 tasks 应为整数")
    return found


def write(out: Path, identity: Identity) -> None:
    """Say whose results a folder holds, at once and whole."""
    draft = out / f"{FILE}.new"
    draft.write_text(json.dumps(asdict(identity), ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(out / FILE)


def differences(found: Identity, wanted: Identity) -> str:
    """In what a folder's run is not the one that is wanted, for people; empty where it is. The lake is not compared."""
    told = []
    for name in ("kernel", "arguments", "where", "districts_a_task", "columns"):
        there, here = getattr(found, name), getattr(wanted, name)
        if there == here:
            continue
        if isinstance(there, dict) and isinstance(here, dict):
            parts = [
                f"{CALLED.get(key, key)}为 {there.get(key) or '—'}，现为 {here.get(key) or '—'}"
                for key in {**there, **here}
                if there.get(key) != here.get(key)
            ]
            told.append(f"{CALLED[name]}（{'；'.join(parts)}）")
        else:
            told.append(f"{CALLED[name]}（为 {there}，现为 {here}）")
    return "、".join(told)
