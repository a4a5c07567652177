"""A copy made by pg_dump and brought back into a new database: the audit agrees with it, and sees what isn't right."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from waiting import PATIENCE, answered

from yuejingzhun.project.embedded_database import _programs, embedded_postgres

YJZ = Path(sys.executable).with_name("yjz")
OURS = {"DATABASE_URL", "YJZ_DATA", "DJANGO_SETTINGS_MODULE"}
ENVIRONMENT = {key: value for key, value in os.environ.items() if key not in OURS}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of a site that has issued and published its log, at rest; its trust list lies beside."""
    data = tmp_path_factory.mktemp("dumped") / "site"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [YJZ, "demo", "--data", data, "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=ENVIRONMENT) as program:
        try:
            address = f"http://127.0.0.1:{port}/log"
            (data.parent / "trust.txt").write_bytes(answered(f"{address}/trust.txt"))
            answered(f"{address}/checkpoint")  # by then the heads of the trail are in it
        finally:
            program.terminate()
    yield data


def run(program: str, *arguments: object) -> None:
    done = subprocess.run(
        [_programs() / program, *map(str, arguments)], capture_output=True, text=True, env=ENVIRONMENT, check=False
    )
    assert done.returncode == 0, done.stderr


def audited(data: Path, trust: Path) -> subprocess.CompletedProcess[str]:
    command = [YJZ, "audit", data / "log", "--trust", trust, "--database", data]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT, timeout=PATIENCE)


def counts(url: str) -> dict[str, int]:
    """Rows of every table of ours."""
    with psycopg.connect(url) as connection:
        names = [row[0] for row in connection.execute("select tablename from pg_tables where schemaname = 'public'")]
        query = sql.SQL("select count(*) from {}")
        return {name: connection.execute(query.format(sql.Identifier(name))).fetchone()[0] for name in names}


def test_what_was_dumped_and_restored_is_audited_as_the_original(original: Path, tmp_path: Path) -> None:
    copy, dump, trust = tmp_path / "site", tmp_path / "dump", original.parent / "trust.txt"
    with embedded_postgres(original / "postgres") as url:
        before = counts(url)
        run("pg_dump", "--format=custom", "--file", dump, "--dbname", url)
    shutil.copytree(original, copy, ignore=shutil.ignore_patterns("postgres*"))
    with embedded_postgres(copy / "postgres") as url:
        run("pg_restore", "--no-owner", "--exit-on-error", "--dbname", url, dump)
        assert counts(url) == before
    assert before["audit_auditevent"] > 0 < before["certificates_certificate"]

    found = audited(copy, trust)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "并与数据库逐条一致" in found.stdout
    assert "审计线索的" in found.stdout

    with embedded_postgres(copy / "postgres") as url, psycopg.connect(url, autocommit=True) as connection:
        with pytest.raises(psycopg.Error):  # the triggers came along
            connection.execute("update audit_auditevent set reason = 'x'")
        connection.execute("alter table audit_auditevent disable trigger user")
        connection.execute(
            "update audit_auditevent set reason = 'x' where id = (select min(first) from audit_loggedhead)"
        )
    changed = audited(copy, trust)
    assert changed.returncode == 1, changed.stdout + changed.stderr
