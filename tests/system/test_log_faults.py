"""Whatever is killed or stopped whenever: nothing promised is lost or doubled, and no checkpoint ever lied."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from waiting import wait_until

from yuejingzhun.evidence.log.audit import audit
from yuejingzhun.evidence.log.merkle import EMPTY, grow, leaf_hash
from yuejingzhun.evidence.log.note_signer import load
from yuejingzhun.evidence.log.policy import Policy
from yuejingzhun.project.embedded_database import embedded_postgres

WRITERS = Path(__file__).with_name("log_writers.py")
MIGRATE = (
    "import django; django.setup(); from django.core.management import call_command as c; c('migrate', verbosity=0)"
)
PUBLISH = """
import resource, sys, django
from pathlib import Path
django.setup()
from yuejingzhun.platform.foundation.ledger.publishing import publish
from yuejingzhun.platform.foundation.ledger.queries import newest_checkpoint
if len(sys.argv) > 2:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
publish(newest_checkpoint(), Path(sys.argv[1]))
"""


class Site:
    """A data folder with a database that keeps what it was told, and programs run on it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.promises, self.published = folder, folder / "promises", folder / "log"
        self.url = ""

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": self.url,
            "YJZ_DATA": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "yuejingzhun.project.settings",
        }

    def run(self, *arguments: object) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(command, env=self.environment, capture_output=True, check=False, timeout=300)

    def write(self, seed: int, rounds: int, longest: float) -> None:
        done = self.run(WRITERS, seed, rounds, longest, self.promises, self.published)
        assert done.returncode == 0, done.stderr.decode()

    def publish(self, *limit: int) -> int:
        return self.run("-c", PUBLISH, self.published, *limit).returncode

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(sql).fetchall()

    def notes(self, word: str) -> list[list[str]]:
        if not self.promises.exists():
            return []
        return [line.split()[1:] for line in self.promises.read_text().splitlines() if line.startswith(word + " ")]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database at rest with our tables and nothing in them, made once: each test takes a copy."""
    site = Site(tmp_path_factory.mktemp("empty"))
    with embedded_postgres(site.folder / "postgres") as site.url:
        done = site.run("-c", MIGRATE)
        assert done.returncode == 0, done.stderr.decode()
    return site.folder / "postgres"


def copy(database: Path, folder: Path) -> None:
    """With its owner, which is not ours where we are root."""
    subprocess.run(["cp", "-a", database, folder], check=True)


@pytest.fixture
def site(empty: Path, tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    copy(empty, tmp_path)
    with embedded_postgres(tmp_path / "postgres") as site.url:
        yield site


def check_everything(site: Site) -> int:
    """Against the raw leaves and all that anyone was ever told; the size of the log."""
    assert (
        site.run(
            "-c",
            "import django; django.setup(); from yuejingzhun.project.publisher import publish_once as p;"
            "from datetime import *; p(datetime.now(UTC))",
        ).returncode
        == 0
    )
    rows = site.rows(
        "select b.first + n - 1, s.number, s.content, substr(b.hashes, 32 * (n::int - 1) + 1, 32) from ledger_batch b,"
        " unnest(b.statements) with ordinality as each (id, n) join ledger_statement s on s.id = each.id order by 1"
    )
    numbers = [number for _, number, _, _ in rows]
    assert [index for index, *_ in rows] == list(range(len(rows))), "a gap"
    assert len(set(numbers)) == len(numbers), "doubled"
    assert {number for (number,) in site.notes("submitted")} <= set(numbers), "lost"
    held = {number: (str(index), leaf_hash(bytes(entry)).hex()) for index, number, _, entry in rows}
    for number, index, leaf in site.notes("place"):
        assert held[number] == (index, leaf)
    roots: dict[int, bytes] = {}
    frontier = EMPTY
    for size, (_, _, content, entry) in enumerate(rows, 1):
        assert hashlib.sha256(bytes(content)).digest() == bytes(entry)
        frontier = grow(frontier, [leaf_hash(bytes(entry))])
        roots[size] = frontier.root
    for size, root in site.notes("signed"):
        assert roots[int(size)].hex() == root, "a checkpoint lied"
    for size, root in site.rows("select size, root from ledger_signedcheckpoint"):
        assert roots[size] == bytes(root)
    policy = Policy(load(site.folder / "keys" / "log.key").key)
    read = lambda path: (site.published / path).read_bytes()  # noqa: E731
    last = list(audit(read, policy, int(time.time())))[-1]
    assert last.checkpoint is not None
    assert last.checkpoint.size == len(rows)
    return len(rows)


def test_four_writers_killed_two_hundred_times(site: Site) -> None:
    site.write(seed=1, rounds=200, longest=90)
    assert check_everything(site) > 200


def test_the_database_stopped_in_immediate_mode_under_the_writers(empty: Path, tmp_path: Path) -> None:
    site = Site(tmp_path)
    copy(empty, tmp_path)
    for seed in range(3):
        with embedded_postgres(tmp_path / "postgres") as site.url:
            if seed:
                check_everything(site)
            before = len(site.notes("signed"))
            writing = threading.Thread(target=site.write, args=(seed + 10, 1, 9000))
            writing.start()
            wait_until(lambda before=before: len(site.notes("signed")) > before, "nothing is written")
            time.sleep(0.2)
            assert writing.is_alive()
            postmaster = int((tmp_path / "postgres" / "postmaster.pid").read_text().split()[0])
            os.kill(postmaster, signal.SIGQUIT)
            writing.join()
    with embedded_postgres(tmp_path / "postgres") as site.url:
        assert check_everything(site) > 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=320m", "none", disk]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_the_disk_of_the_database_is_full_under_the_writers(empty: Path, tmp_path: Path, small_disk: Path) -> None:
    site, ballast = Site(tmp_path), small_disk / "ballast"
    copy(empty, small_disk)
    with embedded_postgres(small_disk / "postgres") as site.url:
        site.write(seed=20, rounds=1, longest=900)
        before = len(site.notes("submitted"))
        writing = threading.Thread(target=site.write, args=(21, 1, 9000))
        writing.start()
        wait_until(lambda: len(site.notes("submitted")) > before, "nothing is written")
        with ballast.open("wb") as file, pytest.raises(OSError, match="No space left"):
            while True:
                file.write(bytes(65_536))
                file.flush()
        with pytest.raises(psycopg.OperationalError):  # that there is no room, or that it stopped because of it
            site.rows("create table large as select repeat(md5(n::text), 100) from generate_series(1, 100000) n")
        writing.join()
        full = len(site.notes("submitted"))
    assert full > before
    ballast.unlink()
    with embedded_postgres(small_disk / "postgres") as site.url:
        check_everything(site)
        site.write(seed=22, rounds=1, longest=900)
        assert check_everything(site) > full, "it does not go on"


def test_publishing_that_finds_no_room_goes_on_later(site: Site) -> None:
    site.write(seed=5, rounds=1, longest=1500)
    shutil.rmtree(site.published)
    assert site.publish(100) != 0  # no file may grow beyond 100 bytes
    assert not (site.published / "checkpoint").exists(), "a checkpoint is out whose tiles are not"
    assert site.publish() == 0
    assert (site.published / "checkpoint").exists()
    check_everything(site)


def test_of_two_sequencers_one_refuses(site: Site) -> None:
    site.write(seed=7, rounds=1, longest=800)
    script = (
        "import django; django.setup(); from yuejingzhun.platform.foundation.ledger.services import sequence;"
        "from yuejingzhun.platform.foundation.ledger.errors import SequencerBusyError as Busy\n"
        "try: sequence(wait=False)\nexcept Busy as error: raise SystemExit(7)"
    )
    with psycopg.connect(site.url) as holder:
        holder.execute("select pg_advisory_lock(7302144)")
        assert site.run("-c", script).returncode == 7
    assert site.run("-c", script).returncode == 0
    check_everything(site)
