import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from yuejingzhun.project.embedded_database import DatabaseError, embedded_postgres, start, stop
from yuejingzhun.project.embedded_process import running_processes, wait_until


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
    data = tmp_path / "postgres"
    server = start(data, durable=False)
    with psycopg.connect(server.url):
        server.stop()  # though a connection is open
    assert server.process.poll() is not None
    assert not running_processes(data)
    assert not server.runtime.exists()
    assert not (data / "postmaster.pid").exists()
    server.stop()
    with embedded_postgres(data, durable=False) as url:
        stop(server)  # a second call must not touch what runs now
        psycopg.connect(url).close()


def test_the_program_is_no_superuser_and_the_server_listens_nowhere_else(tmp_path: Path) -> None:
    server = start(tmp_path / "postgres", durable=False)
    try:
        with psycopg.connect(server.url) as connection:
            role = "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
            assert connection.execute(role).fetchone() == (False, True)
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            order = "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()"
            assert connection.execute(order).fetchone() == ("b", "C.UTF-8")
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        assert "Uid:\t0\t" not in status
        assert server.runtime.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()


def test_a_killed_server_is_mended(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    server = start(data)
    remember(server.url, "kept")
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    os.close(server.lock)
    with embedded_postgres(data) as url:
        assert recall(url) == ["kept"]


def test_a_child_of_a_killed_server_that_is_busy_is_ended_before_the_next_start(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    server = start(data)
    if running_processes(data) == {server.process.pid}:
        server.stop()
        pytest.skip("in a container without CAP_SYS_PTRACE root can't see the working folder of the children")
    remember(server.url, "kept")
    with closing(psycopg.connect(server.url)) as busy:
        child = busy.info.backend_pid
        busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 100000000000)")
        os.kill(server.process.pid, signal.SIGKILL)
        assert wait_until(lambda: running_processes(data) == {child}, 10)  # the idle ones end by themselves
        os.close(server.lock)
        with embedded_postgres(data) as url:  # the killed one is a zombie still: nobody has waited for it
            assert recall(url) == ["kept"]
            assert child not in running_processes(data)
    server.process.wait()


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


def test_a_half_made_database_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new-killed").mkdir()
    (tmp_path / "postgres.new-killed" / "PG_VERSION").write_text("18\n")
    with embedded_postgres(tmp_path / "postgres", durable=False) as url:
        psycopg.connect(url).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["postgres", "postgres.lock", "postgres.log"]


def test_a_failed_start_leaves_nothing_running_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "postgres"
    with embedded_postgres(data, durable=False):
        pass
    sockets = tmp_path.parent / "s"
    sockets.mkdir(exist_ok=True)
    control = data / "global" / "pg_control"
    kept = control.read_bytes()
    control.write_bytes(b"")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(sockets))
    with pytest.raises(DatabaseError, match="pg_control"):
        start(data)
    assert not running_processes(data)
    assert not list(sockets.iterdir())
    control.write_bytes(kept)
    with embedded_postgres(data, durable=False) as url:  # the lock is free again
        psycopg.connect(url).close()


def test_an_empty_pid_file_as_a_full_disk_leaves_it_is_dropped(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    with embedded_postgres(data, durable=False):
        pass
    (data / "postmaster.pid").write_text("")
    with embedded_postgres(data, durable=False) as url:
        psycopg.connect(url).close()


def test_places_where_no_folder_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseError, match="无法启动"):
        start(tmp_path / "file" / "postgres")
    with pytest.raises(DatabaseError, match="路径过长"):
        start(tmp_path / "/".join(["x" * 200] * 5))
    if os.geteuid() != 0:  # root may write everywhere
        (tmp_path / "closed").mkdir(mode=0o500)
        with pytest.raises(DatabaseError, match="不可写"):
            start(tmp_path / "closed" / "postgres")
