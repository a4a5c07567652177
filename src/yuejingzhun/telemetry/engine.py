"""Kernels over the lake: a kernel is a function Arrow table -> Arrow table over whole districts.

    run(kernel, lake, Where(first_day=..., last_day=...), Path("results"), settings=Settings(engine="spark"))

The work is cut into tasks of some districts. Each task reads its districts, calls the kernel and writes one Parquet
file, once and whole; where that file is, the task is done. So a run that was stopped or killed goes on where it was,
and ends with the same files: it keeps to the snapshot of the lake that it began with. The same tasks run in processes
here or on Apache Spark, by `Settings.engine`.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yuejingzhun.telemetry import run_identity
from yuejingzhun.telemetry.commits import sync_folder
from yuejingzhun.telemetry.errors import EngineError, LakeError
from yuejingzhun.telemetry.lake import Lake, read_in_order
from yuejingzhun.telemetry.reading import ORDER, SCHEMA
from yuejingzhun.telemetry.run_identity import Identity, asked, lake_digest
from yuejingzhun.telemetry.snapshot import Snapshot, Where

Kernel = Callable[..., pa.Table]
"""Takes whole districts (columns of reading.SCHEMA, in the order of reading.ORDER). It must be picklable: a function of
a module, or functools.partial of one. With `Settings.keeps` it also takes `beside`, the path of a file that it writes
beside the result, at once and whole (`write_once`)."""
KEPT = ".state"
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
    keeps: bool = False  # whether the kernel keeps a file beside each result


LOCAL = Settings()


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
    keeps: bool = False

    def result(self, task: Task) -> Path:
        """Where a task's result stands once it is done."""
        return self.out / f"{task.name}.parquet"

    def beside(self, task: Task) -> Path:
        """What the kernel keeps beside it."""
        return self.out / f"{task.name}{KEPT}"


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
    settings: Settings = LOCAL,
    progress: Callable[[int, int], None] = lambda done, whole: None,
    stopped: Callable[[], bool] = lambda: False,
    commit: int | None = None,
    tasks: Sequence[Task] | None = None,
) -> Ran:
    """Do what is not done yet and tell how far it is (tasks); asks `stopped` before each task.

    It is over the lake as it was after `commit`, or where none is given, as it is when the run begins. The tasks are
    those of `plan`, unless they are given, when they must be the same each time. A task that goes
    wrong does not hold up the others, and is tried again by the next run. Raises EngineError where `out` holds another
    run's results, or the engine that is wanted is not installed; LakeError.
    """
    run_tasks = _engine(settings)
    out.mkdir(parents=True, exist_ok=True)
    for draft in out.glob("*.new"):
        draft.unlink(missing_ok=True)
    wanted = asked(kernel, where, settings.districts_a_task, settings.columns)
    begun = _begun(wanted, lake, out, commit)
    snapshot = lake.snapshot(begun.commit if begun else commit)
    job = Job(lake.root.absolute(), snapshot.number, kernel, settings.columns, out.absolute(), settings.keeps)
    tasks = list(plan(snapshot, where, settings.districts_a_task)) if tasks is None else tasks
    if begun is None:
        digest = lake_digest(lake.root, snapshot.number)
        run_identity.write(out, replace(wanted, lake=digest, commit=snapshot.number, tasks=len(tasks)))
    waiting = [task for task in tasks if not job.result(task).exists()]
    before = len(tasks) - len(waiting)
    outcomes: dict[str, str] = {}
    for name, error in run_tasks(job, waiting, settings, stopped):
        outcomes[name] = error
        progress(before + len(outcomes), len(tasks))
    failed = tuple((name, error) for name, error in outcomes.items() if error)
    return Ran(len(outcomes) - len(failed), before, failed, len(outcomes) < len(waiting))


def plan(snapshot: Snapshot, where: Where, districts_a_task: int) -> Iterator[Task]:
    """The tasks of a run, always the same for the same snapshot."""
    for city, districts in districts_of(snapshot, where).items():
        for start in range(0, len(districts), districts_a_task):
            some = tuple(districts[start : start + districts_a_task])
            digest = hashlib.sha256("\n".join(some).encode()).hexdigest()[:12]
            name = f"{city}-{start // districts_a_task:06}-{digest}"
            yield Task(name, Where(city, where.month, where.first_day, where.last_day, some, where.meters))


def districts_of(snapshot: Snapshot, where: Where) -> dict[str, list[str]]:
    """Districts of each city that have readings there, in order."""
    found: dict[str, list[str]] = {}
    for city in sorted({file.city for file in snapshot.current_files(where)}):
        names: set[str] = set()
        for batch in snapshot.scan(replace(where, city=city), ["district"]):
            names |= set(pc.unique(batch.column("district")).to_pylist())
        found[city] = sorted(names)
    return found


def work(job: Job, task: Task, snapshot: Snapshot | None = None) -> None:
    """Do one task: read, evaluate, write once; raises what the kernel raises."""
    if job.result(task).exists():
        return
    snapshot = snapshot or Lake(job.lake).snapshot(job.commit)
    more = {"beside": job.beside(task)} if job.keeps else {}
    result = job.kernel(read_in_order(snapshot, task.where, job.columns), **more)
    write_once(job.result(task), lambda draft: pq.write_table(result, draft, compression="zstd"))


def write_once(path: Path, write: Callable[[Path], object]) -> None:
    """A file that is there whole or not at all, whatever happens: `write` makes a draft of it."""
    draft = path.with_name(f"{path.stem}.{os.getpid()}.new")
    write(draft)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def results(out: Path) -> pa.Table:
    """All results in the order of the tasks; raises EngineError where there are none, or one is damaged."""
    paths = sorted(out.glob("*.parquet"))
    if not paths:
        raise EngineError(f"{out} 里没有结果")
    tables = []
    for path in paths:
        try:
            tables.append(pq.read_table(path))
        except (OSError, pa.ArrowException) as error:
            raise EngineError(f"结果 {path} 损坏：删去它再运行一次，就会重做") from error
    return pa.concat_tables(tables, promote_options="default")


def _begun(wanted: Identity, lake: Lake, out: Path, commit: int | None) -> Identity | None:
    """The identity of the run that `out` holds already, if it is the wanted one; raises EngineError if it is not."""
    unknown = set(wanted.columns) - set(SCHEMA.names)
    if unknown or not set(ORDER) <= set(wanted.columns):
        more = f"，没有 {'、'.join(sorted(unknown))} 列" if unknown else ""
        raise EngineError(f"columns 应含 {'、'.join(ORDER)}{more}")
    found = run_identity.read(out)
    if found is None:
        return None
    if changed := run_identity.differences(found, wanted):
        raise EngineError(f"{out} 里是另一次运行的结果，不同的是{changed}：请换一个文件夹")
    if commit not in (None, found.commit):
        raise EngineError(f"{out} 里是第 {found.commit} 次提交的结果，不是第 {commit} 次：请换一个文件夹")
    check_lake(found, lake, out)
    return found


def check_lake(found: Identity, lake: Lake, out: Path) -> None:
    """Raises EngineError where the run that `out` holds is over another lake."""
    if found.commit > len(lake.commits()) or found.lake != lake_digest(lake.root, found.commit):
        raise EngineError(f"{out} 里是另一个读数湖的结果，不是 {lake.root} 的：请换一个文件夹")


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
