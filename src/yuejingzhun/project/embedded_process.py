"""The processes of the embedded PostgreSQL: what postmaster.pid says, what really runs, and how it is ended."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PID_FILE = "postmaster.pid"
POLL_S = 0.02
FAST_STOP_S = 60.0  # a checkpoint of a large cache on a slow disk
IMMEDIATE_STOP_S = 10.0


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What postmaster.pid says (PostgreSQL, src/include/utils/pidfile.h); it may be stale."""

    pid: int
    socket_folder: Path | None
    ready: bool


def read_postmaster(cluster: Path) -> Postmaster | None:
    """The content of the pid file; None where it is missing or not (yet) complete enough to name a process."""
    try:
        lines = [os.fsdecode(line) for line in (cluster / PID_FILE).read_bytes().split(b"\n")]
        pid = int(lines[0])
    except (FileNotFoundError, ValueError):
        return None
    folder = Path(lines[4]) if len(lines) > 4 and lines[4] else None
    return Postmaster(pid, folder, ready=len(lines) > 7 and lines[7].strip() == "ready")


def running_processes(cluster: Path) -> set[int]:
    """Every postgres process whose working folder is the cluster: the postmaster and its children never leave it.

    Number, name and age of a process prove nothing, since numbers are used again; the working folder does. Empty where
    the system has no /proc: then PostgreSQL's own interlock alone decides.
    """
    home, found = cluster.stat(), set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # ended meanwhile, a zombie, or another user's
            if (entry / "comm").read_text() == "postgres\n" and os.path.samestat((entry / "cwd").stat(), home):
                found.add(int(entry.name))
    return found


def serving_postmaster(cluster: Path) -> Postmaster | None:
    """The postmaster that serves the cluster now, whoever started it."""
    postmaster = read_postmaster(cluster)
    return postmaster if postmaster and postmaster.pid in running_processes(cluster) else None


def clear_remains(cluster: Path) -> None:
    """After a postmaster was killed: end its children and drop a pid file that would refuse the next start.

    Children of a dead postmaster may go on writing until they next wait; SIGQUIT is what it would have sent them.
    PostgreSQL itself replaces the file of a dead process, and checks the shared memory it names; it is only dropped
    where its number now belongs to a stranger (or to a zombie), or was never written.
    """
    for number in (signal.SIGQUIT, signal.SIGKILL):
        for pid in running_processes(cluster):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if wait_until(lambda: not running_processes(cluster), IMMEDIATE_STOP_S):
            break
    postmaster = read_postmaster(cluster)
    if Path("/proc/self").exists() and (postmaster is None or _exists(postmaster.pid)):
        (cluster / PID_FILE).unlink(missing_ok=True)


def end(cluster: Path, pid: int, child: subprocess.Popen[bytes] | None) -> None:
    """Stop this postmaster: fast shutdown, then immediate, then kill. `child` is its handle if it is our child."""

    def gone() -> bool:
        return child.poll() is not None if child else pid not in running_processes(cluster)

    steps = ((signal.SIGINT, FAST_STOP_S), (signal.SIGQUIT, IMMEDIATE_STOP_S), (signal.SIGKILL, IMMEDIATE_STOP_S))
    for number, patience_s in steps:
        if gone():
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if wait_until(gone, patience_s):
            return


def wait_until(condition: Callable[[], bool], patience_s: float) -> bool:
    """Whether the condition became true within the time, in seconds."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
