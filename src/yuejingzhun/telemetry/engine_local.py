"""Tasks in processes of this machine, one thread each: many small matrices gain nothing from threads that share them.

Each process hangs on a pipe of its own, and ends when the pipe does, so that none is left behind by a killed parent.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

import pyarrow as pa

from yuejingzhun.telemetry.engine import Job, Outcomes, Settings, Task, told, work
from yuejingzhun.telemetry.lake import Lake

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
SPAWN = multiprocessing.get_context("spawn")
PATIENCE = 60.0  # seconds for a process that was told to end


def run_tasks(job: Job, tasks: Sequence[Task], settings: Settings, stopped: Callable[[], bool]) -> Outcomes:
    """Do the tasks and tell each as it is finished; a process that dies costs its task only."""
    waiting = list(reversed(tasks))
    count = min(settings.workers or len(os.sched_getaffinity(0)), len(waiting))
    busy: dict[Connection, tuple[BaseProcess, Task]] = {}
    idle = [_start(job) for _ in range(count)]
    try:
        while waiting or busy:
            while idle and waiting and not stopped():
                process, pipe = idle.pop()
                task = waiting.pop()
                pipe.send(task)
                busy[pipe] = process, task
            if not busy:
                return
            for pipe in wait(list(busy)):
                process, task = busy.pop(pipe)
                try:
                    error = pipe.recv()
                    idle.append((process, pipe))
                except EOFError:
                    process.join()
                    error = f"进程意外结束（{process.exitcode}）"
                    idle.append(_start(job))
                yield task.name, error
    except KeyboardInterrupt:  # who asked for that does not want to wait; what was at work is done again some time
        for process, _ in busy.values():
            process.kill()
        raise
    finally:
        _end([*idle, *((process, pipe) for pipe, (process, _) in busy.items())])


def _start(job: Job) -> tuple[BaseProcess, Connection]:
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_serve, args=(theirs, job), daemon=True)
    with _environment(ONE_THREAD):
        process.start()
    theirs.close()
    return process, ours


def _end(processes: list[tuple[BaseProcess, Connection]]) -> None:
    for _, pipe in processes:
        pipe.close()
    for process, _ in processes:
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
            process.join()


def _serve(pipe: Connection, job: Job) -> None:
    """A process's life: task after task until the pipe ends. Ctrl-C is for the parent, who tells it when to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pa.set_cpu_count(1)
    snapshot = Lake(job.lake).snapshot(job.commit)
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        try:
            work(job, task, snapshot)
            error = ""
        except Exception as problem:  # noqa: BLE001 - a kernel may raise anything, and the others go on
            error = told(problem)
        try:
            pipe.send(error)
        except BrokenPipeError:
            return


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """What a process that is started finds in its environment; BLAS reads it once, when it is loaded."""
    before = {name: os.environ.get(name) for name in values}
    os.environ |= values
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
