"""Why the embedded database did not start, said in Chinese."""

import errno
import shutil
from pathlib import Path

STILL_IN_USE = "is still in use"  # the shared memory of a killed server, by one of its children

FULL = "磁盘已满，请腾出空间后再启动"
FULL_BYTES = 1 << 20

# In this order: PostgreSQL reports exhausted shared memory with the words of a full disk, too.
CAUSES = (
    ("could not create shared memory segment", "系统共享内存不足"),
    ("could not resize shared memory segment", "系统共享内存（/dev/shm）不足"),
    ("No space left on device", FULL),
    ("Disk quota exceeded", "磁盘配额已用完，请腾出空间后再启动"),
    ("Read-only file system", "数据目录所在的文件系统只读"),
    ("has wrong ownership", "数据目录属于另一个用户"),
    ("could not look up effective user ID", "当前用户号在系统中没有对应的用户名"),
    ("Permission denied", "数据目录不可写，请检查它的属主和权限"),
    ("Operation not permitted", "没有所需的权限"),
    ("are incompatible with server", "数据目录由另一版本的 PostgreSQL 建立"),
    ('"postmaster.pid" already exists', "数据目录正被另一个数据库进程使用"),
    (STILL_IN_USE, "上次的数据库进程尚未全部结束，请稍后再启动"),
    ("error while loading shared libraries", "系统缺少 PostgreSQL 所需的共享库"),
)
ERRNO_WORDS = {
    errno.ENOSPC: "No space left on device",
    errno.EDQUOT: "Disk quota exceeded",
    errno.EROFS: "Read-only file system",
    errno.EACCES: "Permission denied",
    errno.EPERM: "Operation not permitted",
}
TAIL_LINES = 8


class DatabaseError(RuntimeError):
    """The embedded database can't be used; the message says in Chinese which folder, why and what to do."""


def cause_of(report: str) -> str | None:
    """The first known cause named in what PostgreSQL reported (messages in English, `LC_MESSAGES=C`)."""
    return next((chinese for english, chinese in CAUSES if english in report), None)


def failure_from_report(data: Path, report: str) -> DatabaseError:
    """The error for a failed program: cause where known, and the last lines of what it wrote.

    On a full disk the report may be empty, since it lies there, too: then the free space tells.
    """
    tail = "\n".join(report.strip().splitlines()[-TAIL_LINES:])
    full = shutil.disk_usage(data.parent).free < FULL_BYTES
    cause = cause_of(report) or (FULL if full else "原因见下面的日志")
    return DatabaseError(f"嵌入式数据库无法启动（数据目录 {data}）：{cause}。\n{tail}")


def failure_from_os(data: Path, error: OSError) -> DatabaseError:
    """The error for a refused file operation: cause where known, and the file it was about."""
    cause = cause_of(ERRNO_WORDS.get(error.errno or 0, "")) or "文件操作失败"
    return DatabaseError(f"嵌入式数据库无法启动（数据目录 {data}）：{cause}。\n{error}")
