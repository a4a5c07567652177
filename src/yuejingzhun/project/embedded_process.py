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
    ready: bool


def read_postmaster(cluster: Path) -> Postmaster | None:
    """The content of the pid file; None where it is missing or not (yet) complete enough to name a process."""
    try:
        lines = (cluster / PID_FILE).read_bytes().split(b"\n")
        pid = int(lines[0])
    except (FileNotFoundError, ValueError):
        return None
    return Postmaster(pid, ready=len(lines) > 7 and lines[7].strip() == b"ready")


def running_processes(cluster: Path) -> set[int]:
    """Every postgres process whose working folder is the cluster: the postmaster and its children never leave it.

    Number, name and age of a process prove nothing, since numbers are used again; the working folder does. In a
    container root may not see it (no CAP_SYS_PTRACE): there only the postmaster is found, by its arguments. Empty where
    the system has no /proc: then PostgreSQL's own interlock alone decides.
    """
    home, found = cluster.stat(), set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # ended meanwhile, or a zombie
            if (entry / "comm").read_text() == "postgres\n" and _works_in(entry, cluster, home):
                found.add(int(entry.name))
    return found


def _works_in(process: Path, cluster: Path, home: os.stat_result) -> bool:
    try:
        return os.path.samestat((process / "cwd").stat(), home)
    except PermissionError:
        return b"\0-D\0" + os.fsencode(cluster) + b"\0" in (process / "cmdline").read_bytes()


def clear_remains(cluster: Path) -> int | None:
    """End a server whose program was killed, and what a killed server left; the caller holds the folder's lock.

    Children of a dead postmaster may go on writing until they next wait; SIGQUIT is what it would have sent them. The
    pid file stays, since PostgreSQL reads in it which shared memory must be free of processes before it starts. Gives
    the number in that file, which PostgreSQL is to overlook: it may belong to a stranger or to a zombie by now.
    """
    left = read_postmaster(cluster)
    if left and left.pid in running_processes(cluster):
        end(cluster, left.pid)
    for number in (signal.SIGQUIT, signal.SIGKILL):
        for pid in running_processes(cluster):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if wait_until(lambda: not running_processes(cluster), IMMEDIATE_STOP_S):
            break
    left = read_postmaster(cluster)
    if left is None:  # created and not yet written when the disk was full or the power went
        (cluster / PID_FILE).unlink(missing_ok=True)
    return left.pid if left and Path("/proc/self").exists() else None


def end(cluster: Path, pid: int, child: subprocess.Popen[bytes] | None = None) -> None:
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
