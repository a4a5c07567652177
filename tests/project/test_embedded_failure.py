import errno
from pathlib import Path

import pytest

from yuejingzhun.project.embedded_failure import failure_from_os, failure_from_report

# As PostgreSQL 18.4 wrote them on a file system of 8 MB, for a folder of another user, and on a busy shared memory.
REPORTS = {
    'FATAL:  could not write to file "pg_wal/xlogtemp.15545": No space left on device': "磁盘已满",
    'FATAL:  data directory "/x" has wrong ownership': "属于另一个用户",
    "FATAL:  pre-existing shared memory block (key 2285587, ID 131089) is still in use": "尚未全部结束",
    "FATAL:  could not create shared memory segment: No space left on device": "共享内存不足",
}


@pytest.mark.parametrize("report", REPORTS)
def test_the_cause_is_said_in_chinese_with_the_report_below(report: str, tmp_path: Path) -> None:
    message = str(failure_from_report(tmp_path / "postgres", "LOG:  starting\n" + report))
    assert REPORTS[report] in message.splitlines()[0]
    assert str(tmp_path / "postgres") in message.splitlines()[0]
    assert message.endswith(report)


def test_an_unknown_cause_shows_the_end_of_the_report(tmp_path: Path) -> None:
    report = "\n".join(f"line {number}" for number in range(100))
    lines = str(failure_from_report(tmp_path / "postgres", report)).splitlines()
    assert (len(lines), lines[-1]) == (9, "line 99")


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "磁盘已满"), (errno.EACCES, "不可写"), (errno.EROFS, "只读"), (errno.EIO, "文件操作失败")],
)
def test_a_refused_file_operation(number: int, words: str) -> None:
    assert words in str(failure_from_os(Path("/x"), OSError(number, "refused", "/x/y")))
