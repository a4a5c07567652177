"""Someone who distrusts the platform: a witness of their own, an audit, and a check with other people's programs."""

import os
import shutil
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import psycopg
import pytest
from waiting import PATIENCE, wait_until

from yuejingzhun.demo.province import PASSWORD
from yuejingzhun.evidence.container import pack, unpack
from yuejingzhun.project.embedded_database import embedded_postgres

YJZ = Path(sys.executable).with_name("yjz")
SCRIPT = Path(__file__).parents[2] / "examples" / "check_certificate.sh"
ACCOUNT = b64encode(f"jiandingyuan:{PASSWORD}".encode()).decode()  # of the institute whose certificate it is
OURS = {"DATABASE_URL", "YJZ_DATA", "DJANGO_SETTINGS_MODULE"}
ENVIRONMENT = {key: value for key, value in os.environ.items() if key not in OURS}


def yjz(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [YJZ, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT, timeout=PATIENCE)


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def fetch(address: str | Request, path: Path) -> Path:
    with urlopen(address, timeout=20) as answer:
        path.write_bytes(answer.read())
    return path


class World:
    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.witness = folder, folder / "site", folder / "witness"
        self.port, self.witness_port = free_port(), free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.programs: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: object) -> subprocess.Popen[bytes]:
        command = [YJZ, *map(str, arguments)]
        program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        self.programs.append(program)
        return program

    def stop(self) -> None:
        for program in self.programs:
            program.send_signal(signal.SIGTERM)
            program.wait()
        self.programs.clear()

    def checkpoint(self) -> str:
        with urlopen(f"{self.address}/log/checkpoint", timeout=5) as answer:
            return answer.read().decode()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("trust"))
    made = yjz("witness", "init", world.witness, "--name", "witness.example/university")
    assert made.returncode == 0, made.stderr
    keys = [line for line in made.stdout.splitlines() if line.startswith("witness.example/")]
    assert len(keys) == 2
    world.start("demo", "--data", world.data, "--port", world.port)
    wait_until(lambda: "log" in world.checkpoint(), "the log was not published")
    trust = fetch(f"{world.address}/log/trust.txt", world.folder / "before.txt").read_text()
    log_key = next(line.removeprefix("log ") for line in trust.splitlines() if line.startswith("log "))
    assert yjz("witness", "trust", world.witness, log_key).returncode == 0
    world.start("witness", "serve", world.witness, "--port", world.witness_port)
    (world.data / "keys" / "witnesses.txt").write_text(f"http://127.0.0.1:{world.witness_port} {' '.join(keys)}\n")
    wait_until(lambda: world.checkpoint().count("witness.example/university") == 2, "nobody witnessed")
    fetch(f"{world.address}/log/trust.txt", world.folder / "trust.txt")
    fetch(f"{world.address}/log/root.pem", world.folder / "root.pem")
    (world.folder / "trust.txt").write_text((world.folder / "trust.txt").read_text().replace("quorum 0", "quorum 1"))
    address = f"{world.address}/api/v1/certificates/YJZ-440100-2026-000001/file.yjz"
    fetch(Request(address, headers={"Authorization": f"Basic {ACCOUNT}"}), world.folder / "c.yjz")
    yield world
    world.stop()


def verify(world: World, file: Path) -> subprocess.CompletedProcess[str]:
    return yjz("verify", file, "--trust", world.folder / "root.pem", "--log", world.folder / "trust.txt")


def test_a_witnessed_certificate_is_verified_offline(world: World) -> None:
    result = verify(world, world.folder / "c.yjz")
    assert result.returncode == 0, result.stdout
    assert "见证人 witness.example/university" in result.stdout
    assert "✓ 可信时间戳" in result.stdout
    assert "✓ PDF 签名" in result.stdout


@pytest.mark.skipif(not all(map(shutil.which, ("xmlsec1", "openssl", "unzip"))), reason="not all programs are here")
def test_the_same_with_openssl_sha256sum_and_xmlsec1_alone(world: World, tmp_path: Path) -> None:
    def check(file: Path) -> subprocess.CompletedProcess[str]:
        command = [SCRIPT, file, world.folder / "root.pem", world.folder / "trust.txt"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    result = check(world.folder / "c.yjz")
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("通过  ") == 8
    files = unpack((world.folder / "c.yjz").read_bytes())
    for name in (
        "certificate.xml",
        "entry.json",
        "entry.sig",
        "certificate.tsr",
        "certificate.tlog-proof",
        "chain/00.der",
    ):
        changed = bytearray(files[name])
        # In the proof its path: most of the rest is cosignatures, for which openssl has no ML-DSA yet.
        changed[60 if name == "certificate.tlog-proof" else len(changed) // 2] ^= 1
        (tmp_path / "changed.yjz").write_bytes(pack({**files, name: bytes(changed)}))
        assert check(tmp_path / "changed.yjz").returncode != 0, name
        assert verify(world, tmp_path / "changed.yjz").returncode == 1, name


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="no pdfsig here")
def test_another_program_finds_the_signature_of_the_pdf(world: World) -> None:
    file = world.folder / "c.pdf"
    file.write_bytes(unpack((world.folder / "c.yjz").read_bytes())["certificate.pdf"])
    found = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in found
    assert "Total document signed" in found
    assert "ETSI.CAdES.detached" in found


def test_the_log_is_audited_over_http_and_then_only_what_is_new(world: World) -> None:
    given = (f"{world.address}/log", "--trust", world.folder / "trust.txt", "--state", world.folder / "state")
    first = yjz("audit", *given)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "重新计算无误" in first.stdout
    assert yjz("audit", *given).returncode == 0
    assert yjz("audit", "http://127.0.0.1:9/log", "--trust", world.folder / "trust.txt").returncode == 2


def test_the_pages_say_who_witnessed_and_whether_the_paper_fits(world: World) -> None:
    with urlopen(f"{world.address}/log", timeout=10) as answer:
        page = answer.read().decode()
    assert "witness.example/university" in page
    assert "未配置：这是正常状态" in page
    for query, expected in (("?i=0&h=" + "0" * 32, "不一致"), ("", "第 0 条")):
        with urlopen(f"{world.address}/c/YJZ-440100-2026-000001{query}", timeout=10) as answer:
            assert expected in answer.read().decode()


def test_a_row_changed_by_hand_is_named_and_nothing_more_is_signed(world: World) -> None:
    world.stop()
    with embedded_postgres(world.data / "postgres") as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("alter table ledger_statement disable trigger append_only")
        connection.execute(
            "update ledger_statement set content = 'x', sha256 = sha256('x')"
            " where id = (select max(statements[4 - first]) from ledger_batch where first <= 3 and size > 3)"
        )
        connection.execute("alter table ledger_statement enable trigger append_only")
    result = yjz("audit", world.data / "log", "--trust", world.folder / "trust.txt", "--database", world.data)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "第 3 条与数据库中的不同" in result.stdout
