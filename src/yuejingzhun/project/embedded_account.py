"""Which system account runs the embedded PostgreSQL, and how a program is started under it.

PostgreSQL refuses to run as root, so that a hole in it is not a hole in the machine. An ordinary user runs it as
himself. Root hands it to the account that owns the data, at first `postgres` or else `nobody`: nothing is added to the
system and no permission outside the data folder is changed. Where that account can't reach the folder (a checkout under
/root, mode 0700), the processes carry one capability that lets them pass, CAP_DAC_READ_SEARCH, or CAP_DAC_OVERRIDE in a
container that has only this.
"""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from yuejingzhun.project.embedded_failure import DatabaseError

ACCOUNTS = ("postgres", "nobody")
PASSING = (("dac_read_search", 2), ("dac_override", 1))  # name and number in linux/capability.h; the weaker first


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group number, and the command that starts a program with a capability where it needs one."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def launch(
        self, command: Sequence[str], output: BinaryIO, settings: Mapping[str, str] = MappingProxyType({})
    ) -> subprocess.Popen[bytes]:
        """Start the command as this account in a session of its own, so that Ctrl-C ends the caller first.

        The environment is cleared of PG* (a foreign PGDATA or PGPORT must not count) and of the locale; `settings` are
        added to it.
        """
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        switch = os.geteuid() == 0 and not self.prefix
        return subprocess.Popen(  # noqa: S603 - the bundled program with our own arguments
            [*self.prefix, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=environment | {"LC_ALL": "C"} | dict(settings),
            start_new_session=True,
            user=self.uid if switch else None,
            group=self.gid if switch else None,
            extra_groups=[] if switch else None,
        )

    def own(self, path: Path) -> None:
        """Make the account the owner of a file or folder that the caller has just made."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def reaches(self, folder: Path) -> bool:
        """Whether the account may pass through the folder and all above it, by their modes."""
        return all(self._passes(step.stat()) for step in (folder, *folder.parents))

    def _passes(self, folder: os.stat_result) -> bool:
        if folder.st_uid == self.uid:
            return bool(folder.st_mode & stat.S_IXUSR)
        if folder.st_gid == self.gid:
            return bool(folder.st_mode & stat.S_IXGRP)
        return bool(folder.st_mode & stat.S_IXOTH)


def account_for(cluster: Path, folders: Sequence[Path]) -> Account:
    """The account for the data in `cluster`, able to reach the existing folders; raises DatabaseError."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    account = _unprivileged(cluster)
    blocked = next((folder for folder in folders if not account.reaches(folder)), None)
    if blocked is None:
        return account
    capability, setpriv = _passing_capability(), shutil.which("setpriv")
    if capability is None or setpriv is None:
        raise DatabaseError(
            f"以 root 运行时，数据库由账户 {account.uid} 代管，但它无法进入 {blocked}。请改用普通用户运行，"
            "或把程序移到 /opt 等各级目录都可进入的位置，或设置 DATABASE_URL 使用已有的 PostgreSQL。"
        )
    switch = (f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups", "--no-new-privs")
    keep = (f"--inh-caps=-all,+{capability}", f"--ambient-caps=-all,+{capability}")
    return Account(account.uid, account.gid, (setpriv, *switch, *keep, "--"))


def _unprivileged(cluster: Path) -> Account:
    """Who owns the data, else the first account that exists."""
    if cluster.exists():
        status = cluster.stat()
        if status.st_uid != 0:
            return Account(status.st_uid, status.st_gid)
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise DatabaseError("PostgreSQL 不能以 root 运行，而系统中没有 postgres 或 nobody 账户。请改用普通用户运行。")


def _passing_capability() -> str | None:
    """The weakest capability of this process that passes any folder; None where /proc doesn't tell or none is held."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
    held = int(fields["CapPrm"], 16) & int(fields["CapBnd"], 16)
    return next((name for name, number in PASSING if held >> number & 1), None)
