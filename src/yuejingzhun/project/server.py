"""Running everything: database, migrations, web server, and stopping it all again."""

import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import django
from django.core.management import call_command
from granian import Granian
from granian.constants import Interfaces

from yuejingzhun.project.embedded_database import embedded_postgres

Progress = Callable[[str], None]
THREADS = 8


class PortTakenError(RuntimeError):
    """Another program listens there; the message says what to do."""


@contextmanager
def site(data: Path, progress: Progress) -> Iterator[None]:
    """Django ready for use, on the database that DATABASE_URL names or on an embedded one that runs as long."""
    _turn_signals_into_exits()
    os.environ["YJZ_DATA"] = str(data.absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuejingzhun.project.settings")
    if os.environ.get("DATABASE_URL"):
        yield _set_up(progress)
        return
    progress("启动数据库")
    with embedded_postgres(data / "postgres") as url:
        os.environ["DATABASE_URL"] = url
        try:
            yield _set_up(progress)
        finally:
            del os.environ["DATABASE_URL"]


def serve(host: str, port: int) -> None:
    """Serve until Ctrl-C or a signal to end; raises PortTakenError."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(f"{host}:{port} 已被另一个程序占用，请换一个端口（如 PORT={port + 1}）") from error
    os.environ["YJZ_SERVER"] = str(os.getpid())
    # A forked worker would inherit the locks of threads that it doesn't have, and wait for them for ever.
    multiprocessing.set_start_method("spawn", force=True)
    Granian(
        "yuejingzhun.project.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        workers=1,
        log_enabled=False,
        workers_kill_timeout=5,
    ).serve()


def _set_up(progress: Progress) -> None:
    django.setup()
    progress("检查并更新数据库结构")
    call_command("migrate", verbosity=0, interactive=False)


def _turn_signals_into_exits() -> None:
    # Without this a signal would end the program before it has stopped its database.
    def leave(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
