import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from yuejingzhun.project.embedded_database import DatabaseError, embedded_postgres, start, stop


def remember(url: str, word: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS memory (word text)")
        connection.execute("INSERT INTO memory VALUES (%s)", [word])


def recall(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM memory ORDER BY word")]


@pytest.mark.parametrize("folder", ["粤 精准/数据 一", "long/" + "x" * 120 + "/" + "y" * 120])
def test_any_folder_will_do_and_data_stay(folder: str, tmp_path: Path) -> None:
    data = tmp_path / folder / "postgres"
    with embedded_postgres(data, durable=False) as url:
        remember(url, "一")
    with embedded_postgres(data, durable=False) as url:
        remember(url, "二")
        assert recall(url) == ["一", "二"]
        with psycopg.connect(url) as connection:
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
            assert connection.execute("SHOW timezone").fetchone() == ("UTC",)


def test_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    server = start(tmp_path / "postgres", durable=False)
    with psycopg.connect(server.url):
        stop(server)  # though a connection is open
    assert server.process.poll() is not None
    assert not server.runtime.exists()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_a_killed_server_is_mended(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    server = start(data)
    remember(server.url, "kept")
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    os.close(server.lock)
    with embedded_postgres(data) as url:
        assert recall(url) == ["kept"]


ORPHAN = """
import sys, os, signal
from pathlib import Path
from yuejingzhun.project.embedded_database import start
server = start(Path(sys.argv[1]))
print(server.process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_program_leaves_a_server_that_the_next_start_replaces(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    program = subprocess.run([sys.executable, "-c", ORPHAN, str(data)], capture_output=True, text=True, check=False)
    assert program.returncode == -signal.SIGKILL, program.stderr
    orphan = int(program.stdout)
    assert Path(f"/proc/{orphan}/cmdline").read_bytes()
    with embedded_postgres(data) as url:
        remember(url, "again")
        assert recall(url) == ["again"]
    deadline = time.monotonic() + 5
    while Path(f"/proc/{orphan}").exists() and Path(f"/proc/{orphan}/cmdline").read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_number_of_a_dead_server_may_belong_to_another_process_now(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    with embedded_postgres(data, durable=False):
        pass
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")
    with embedded_postgres(data, durable=False) as url:
        assert psycopg.connect(url).close() is None


def test_two_folders_run_at_once_and_one_folder_only_once(tmp_path: Path) -> None:
    with (
        embedded_postgres(tmp_path / "a", durable=False) as one,
        embedded_postgres(tmp_path / "b", durable=False) as two,
    ):
        remember(one, "one")
        remember(two, "two")
        assert (recall(one), recall(two)) == (["one"], ["two"])
        with pytest.raises(DatabaseError, match="正在运行"):
            start(tmp_path / "a")


def test_folders_that_are_not_ours_are_refused(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "letter.txt").write_text("dear")
    with pytest.raises(DatabaseError, match="不是数据库文件夹"):
        start(tmp_path / "documents")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(DatabaseError, match=r"PostgreSQL 9\.6"):
        start(tmp_path / "old")
    assert (tmp_path / "documents" / "letter.txt").read_text() == "dear"
