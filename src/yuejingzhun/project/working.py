"""The worker of the queue as a program of its own, beside the web server or on another machine, once or several times.

Each worker is a process that does two tasks at once. Told to end, it finishes the piece of work in hand and leaves the
rest to whoever comes next; killed, it leaves what its last whole piece left.
"""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import django
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

Progress = Callable[[str], None]
LOOK = 1.0  # s between two looks whether a worker ended by itself


class CannotWorkError(RuntimeError):
    """There is no database to work on; the message says what to do."""


def work(data: Path, processes: int, progress: Progress) -> None:
    """Work through the queue with so many processes, until Ctrl-C or a signal to end; raises CannotWorkError."""
    if not os.environ.get("DATABASE_URL"):
        raise CannotWorkError(
            "没有设置 DATABASE_URL：内置数据库只供启动它的 yjz serve 使用，那里已有工作进程；"
            "单独的工作进程要有 PostgreSQL 服务器"
        )
    os.environ["YJZ_DATA"] = str(data.absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuejingzhun.project.settings")
    django.setup()
    check_structure()
    connections.close_all()
    told = _told()
    if processes == 1:
        _work_here(told, progress)
    else:
        _work_beside(told, processes, progress)


def check_structure() -> None:
    """Raises CannotWorkError where the database can't be reached or is of another version than this program."""
    try:
        executor = MigrationExecutor(connection)
    except OperationalError as error:
        raise CannotWorkError(f"连不上 DATABASE_URL 所指的数据库：{str(error).strip()}") from error
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CannotWorkError(
            f"数据库 {connections[DEFAULT_DB_ALIAS].settings_dict['NAME']} 的结构比本程序旧；"
            "请先启动新版的 yjz serve（它会更新结构），再启动工作进程"
        )


def _work_here(told: threading.Event, progress: Progress) -> None:
    from yuejingzhun.platform.foundation.jobs import worker
    from yuejingzhun.platform.foundation.jobs.reporting import program_ends

    worker.start()
    progress(f"工作进程 {os.getpid()} 已就绪")
    told.wait()
    program_ends.set()  # the interpreter waits for the tasks in hand, which end after their piece of work
    progress(f"工作进程 {os.getpid()} 做完手头的一块后停止")


def _work_beside(told: threading.Event, processes: int, progress: Progress) -> None:
    # Not forked: a fork would inherit connections and the locks of threads that it doesn't have.
    context = multiprocessing.get_context("spawn")

    def start() -> multiprocessing.process.BaseProcess:
        child = context.Process(target=_child, name="worker")
        child.start()
        return child

    children = [start() for _ in range(processes)]
    while not told.wait(LOOK):
        for n, child in enumerate(children):
            if not child.is_alive():
                progress(f"工作进程 {child.pid} 意外结束（{child.exitcode}），另启一个")
                children[n] = start()
    for child in children:
        child.terminate()
    for child in children:
        child.join()


def _child() -> None:
    from yuejingzhun.platform.foundation.jobs.processes import end_with_parent

    end_with_parent()
    django.setup()
    _work_here(_told(), logging.getLogger(__name__).info)


def _told() -> threading.Event:
    """Set once the program is told to end."""
    told = threading.Event()

    def tell(_number: int, _frame: FrameType | None) -> None:
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, tell)
    return told
