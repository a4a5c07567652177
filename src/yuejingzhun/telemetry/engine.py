"""Kernels over the lake: a kernel is a function Arrow table -> Arrow table over whole districts.

    run(kernel, lake, Where(first_day=..., last_day=...), Path("results"), settings=Settings(engine="spark"))

The work is cut into tasks of some districts. Each task reads its districts, calls the kernel and writes one Parquet
file, once and whole; where that file is, the task is done. So a run that was stopped or killed goes on where it was,
and ends with the same files: it keeps to the snapshot of the lake that it began with. The same tasks run in processes
here or on Apache Spark, by `Settings.engine`.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yuejingzhun.telemetry.commits import sync_folder
from yuejingzhun.telemetry.errors import EngineError, LakeError
from yuejingzhun.telemetry.lake import Lake, read_in_order
from yuejingzhun.telemetry.reading import ORDER, SCHEMA
from yuejingzhun.telemetry.snapshot import Snapshot, Where

Kernel = Callable[[pa.Table], pa.Table]
"""Takes whole districts (columns of reading.SCHEMA, in the order of reading.ORDER). It must be picklable: a function of
a module, or functools.partial of one."""
IDENTITY = "run.json"
NEEDED = (
    *ORDER,
    "city",
    "scaler",
    "multiplier",
    "capacity",
    "interval_minutes",
    "branch",
    "phase",
    "unit",
    "registers",
)
NEEDED += ("flags", "findings")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where and how a run is done: `workers` is for the local engine, `master` for Spark (such as local[2])."""

    engine: Literal["local", "spark"] = "local"
    workers: int = 0  # 0: as many as this process may use
    districts_a_task: int = 32
    columns: tuple[str, ...] = NEEDED
    master: str = "local[*]"


@dataclass(frozen=True, slots=True)
class Task:
    """Some districts of one city; `name` is that of its result."""

    name: str
    where: Where


@dataclass(frozen=True, slots=True)
class Job:
    """All that a worker has to know of a run."""

    lake: Path
    commit: int
    kernel: Kernel
    columns: tuple[str, ...]
    out: Path

    def result(self, task: Task) -> Path:
        """Where a task's result stands once it is done."""
        return self.out / f"{task.name}.parquet"


@dataclass(frozen=True, slots=True)
class Ran:
    """Tasks that were done now, were done before, and went wrong with the reason; `stopped` before all were done."""

    done: int
    before: int
    failed: tuple[tuple[str, str], ...]
    stopped: bool


def run(
    kernel: Kernel,
    lake: Lake,
    where: Where,
    out: Path,
    settings: Settings = Settings(),
    progress: Callable[[int, int], None] = lambda done, whole: None,
    stopped: Callable[[], bool] = lambda: False,
    commit: int | None = None,
) -> Ran:
    """Do what is not done yet and tell how far it is (tasks); asks `stopped` before each task.

    It is over the lake as it was after `commit`, or where none is given, as it is when the run begins. A task that goes
    wrong does not hold up the others, and is tried again by the next run. Raises EngineError where `out` holds another
    run's results, or the engine that is wanted is not installed; LakeError.
    """
    out.mkdir(parents=True, exist_ok=True)
    for draft in out.glob("*.new"):
        draft.unlink(missing_ok=True)
    snapshot = lake.snapshot(_begun(kernel, lake, where, out, settings, commit))
    job = Job(lake.root.absolute(), snapshot.number, kernel, settings.columns, out.absolute())
    tasks = list(plan(snapshot, where, settings.districts_a_task))
    waiting = [task for task in tasks if not job.result(task).exists()]
    before = len(tasks) - len(waiting)
    outcomes: dict[str, str] = {}
    for name, error in _engine(settings)(job, waiting, settings, stopped):
        outcomes[name] = error
        progress(before + len(outcomes), len(tasks))
    failed = tuple((name, error) for name, error in outcomes.items() if error)
    return Ran(len(outcomes) - len(failed), before, failed, len(outcomes) < len(waiting))


def plan(snapshot: Snapshot, where: Where, districts_a_task: int) -> Iterator[Task]:
    """The tasks of a run, always the same for the same snapshot."""
    for city in sorted({file.city for file in snapshot.current_files(where)}):
        of_city = Where(city, where.month, where.first_day, where.last_day, where.districts, where.meters)
        found: set[str] = set()
        for batch in snapshot.scan(of_city, ["district"]):
            found |= set(pc.unique(batch.column("district")).to_pylist())
        districts = sorted(found)
        for start in range(0, len(districts), districts_a_task):
            some = tuple(districts[start : start + districts_a_task])
            digest = hashlib.sha256("\n".join(some).encode()).hexdigest()[:12]
            name = f"{city}-{start // districts_a_task:06}-{digest}"
            yield Task(name, Where(city, where.month, where.first_day, where.last_day, some, where.meters))


def work(job: Job, task: Task, snapshot: Snapshot | None = None) -> None:
    """Do one task: read, evaluate, write once; raises what the kernel raises."""
    if job.result(task).exists():
        return
    snapshot = snapshot or Lake(job.lake).snapshot(job.commit)
    result = job.kernel(read_in_order(snapshot, task.where, job.columns))
    draft = job.out / f"{task.name}.{os.getpid()}.new"
    pq.write_table(result, draft, compression="zstd")
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(job.result(task))
    sync_folder(job.out)


def results(out: Path) -> pa.Table:
    """All results in the order of the tasks; raises EngineError where there are none."""
    paths = sorted(out.glob("*.parquet"))
    if not paths:
        raise EngineError(f"{out} 里没有结果")
    return pa.concat_tables([pq.read_table(path) for path in paths], promote_options="default")


def kernel_name(kernel: Kernel) -> str:
    """What a kernel is called in the identity of a run, with the arguments that were given beforehand."""
    if isinstance(kernel, partial):
        named = [f"{name}={value!r}" for name, value in sorted(kernel.keywords.items())]
        return f"{kernel_name(kernel.func)}({', '.join([*map(repr, kernel.args), *named])})"
    return f"{kernel.__module__}.{kernel.__qualname__}"


def _begun(kernel: Kernel, lake: Lake, where: Where, out: Path, settings: Settings, commit: int | None) -> int:
    """The commit that the run is over: the lake's last, or that of the run which `out` holds already."""
    unknown = set(settings.columns) - set(SCHEMA.names)
    if unknown or not set(ORDER) <= set(settings.columns):
        more = f"，没有 {'、'.join(sorted(unknown))} 列" if unknown else ""
        raise EngineError(f"columns 应含 {'、'.join(ORDER)}{more}")
    wanted = {
        "kernel": kernel_name(kernel),
        "where": {name: str(value) for name, value in asdict(where).items()},
        "districts_a_task": settings.districts_a_task,
        "columns": list(settings.columns),
    }
    path = out / IDENTITY
    if not path.exists():
        number = len(lake.commits()) if commit is None else commit
        draft = path.with_suffix(".json.new")
        draft.write_text(json.dumps(wanted | {"commit": number}, ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(path)
        return number
    try:
        found = json.loads(path.read_bytes())
        number = found.pop("commit")
    except (ValueError, KeyError, AttributeError) as error:
        raise EngineError(f"{path} 无法读取") from error
    if found != wanted:
        changed = "、".join(name for name in wanted if found.get(name) != wanted[name])
        raise EngineError(f"{out} 里是另一次运行的结果，不同的是 {changed}：请换一个文件夹")
    if not isinstance(number, int):
        raise EngineError(f"{path} 的 commit 应为整数")
    if commit not in (None, number):
        raise EngineError(f"{out} 里是第 {number} 次提交的结果，不是第 {commit} 次：请换一个文件夹")
    return number


Outcomes = Iterator[tuple[str, str]]
"""Name of a finished task and its error, empty where it went well."""


def _engine(settings: Settings) -> Callable[[Job, Sequence[Task], Settings, Callable[[], bool]], Outcomes]:
    if settings.engine == "local":
        from yuejingzhun.telemetry.engine_local import run_tasks
    elif settings.engine == "spark":
        try:
            from yuejingzhun.telemetry.engine_spark import run_tasks
        except ImportError as error:
            raise EngineError(f"没有安装 Spark：pip install 'yuejingzhun[spark]'（{error}）") from error
    else:
        raise EngineError(f"engine 应为 local 或 spark，为“{settings.engine}”")
    return run_tasks


def told(error: Exception) -> str:
    """One line about what went wrong in a task."""
    if isinstance(error, LakeError | EngineError):
        return str(error)
    return f"{type(error).__name__}：{error}"[:300]
