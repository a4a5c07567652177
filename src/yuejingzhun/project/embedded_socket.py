"""The folder of the embedded database's socket: short, private, and elsewhere than the data.

The address of a Unix socket holds 107 bytes (103 on macOS), less than many a path, so the socket can't lie beside
the data. The server listens nowhere else.
"""

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

from yuejingzhun.project.embedded_account import Account
from yuejingzhun.project.embedded_failure import DatabaseError

PORT = 5432  # only a part of the socket's name
SOCKET = f".s.PGSQL.{PORT}"
ADDRESS_BYTES = 103


def claim_socket_folder(cluster: Path, account: Account) -> Path:
    """A folder of mode 0700 that belongs to the account, without the socket of a killed server.

    Its name is a hash of the cluster's path and inode: a server that still runs in a deleted folder of the same path
    removes its own socket when it ends, not the new one. Raises DatabaseError where no place fits.
    """
    identity = os.fsencode(cluster) + f":{cluster.stat().st_ino}".encode()
    name = "yjz-" + hashlib.sha256(identity).hexdigest()[:16]
    bases = [os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"]  # noqa: S108 - a private folder in it
    for base in [Path(base) for base in bases if base]:
        # PostgreSQL's clients take a comma for the end of an address and the start of another.
        fits = len(os.fsencode(base / name / SOCKET)) <= ADDRESS_BYTES and "," not in str(base)
        if base.is_absolute() and fits and os.access(base, os.W_OK | os.X_OK) and account.reaches(base):
            folder = base / name
            _make_private(folder, account)
            _remove_socket(folder)
            return folder
    raise DatabaseError("找不到可写且路径较短的临时目录放置数据库套接字，请设置 TMPDIR。")


def release_socket_folder(folder: Path) -> None:
    """Remove the folder once its server has ended; anything in it but the socket stays."""
    with contextlib.suppress(OSError):
        _remove_socket(folder)
        folder.rmdir()


def _make_private(folder: Path, account: Account) -> None:
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not private or found.st_uid not in (account.uid, os.geteuid()):
        raise DatabaseError(f"{folder} 已被占用，且不是本用户的私有目录。请删除它，或另设 TMPDIR。")
    account.own(folder)


def _remove_socket(folder: Path) -> None:
    for name in (SOCKET, f"{SOCKET}.lock"):
        (folder / name).unlink(missing_ok=True)
