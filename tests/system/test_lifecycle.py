"""`yjz demo` as its user meets it: started, stopped, killed, started again, and twice at once."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from waiting import PATIENCE, wait_until

YJZ = Path(sys.executable).with_name("yjz")
OURS = {"DATABASE_URL", "YJZ_DATA", "DJANGO_SETTINGS_MODULE"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(data: Path, port: int) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if key not in OURS}
    command = [YJZ, "demo", "--data", data, "--port", str(port)]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    try:
        wait_until(lambda: answers(port, program), "no answer")
    except AssertionError:
        if program.poll() is None:
            end(program, signal.SIGTERM)
        raise
    return program


def answers(port: int, program: subprocess.Popen[str]) -> bool:
    assert program.poll() is None, program.communicate()[0]
    with urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
        return "粤精准" in page.read().decode()


def end(program: subprocess.Popen[str], how: signal.Signals) -> str:
    program.send_signal(how)
    output, _ = program.communicate(timeout=PATIENCE)
    return output


def leftovers(data: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if str(data).encode() in line:
            found.append(line.decode(errors="replace"))
    return found


def gone(data: Path) -> bool:
    deadline = time.monotonic() + 10
    while leftovers(data) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not leftovers(data)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_end_stops_everything(how: signal.Signals, tmp_path: Path) -> None:
    program = start(tmp_path / "var", free_port())
    output = end(program, how)
    assert "演示数据" in output
    assert "Traceback" not in output
    assert gone(tmp_path / "var")


def test_a_killed_server_starts_again_on_the_same_port_with_its_data(tmp_path: Path) -> None:
    data, port = tmp_path / "var", free_port()
    end(start(data, port), signal.SIGKILL)
    again = start(data, port)
    with urlopen(f"http://127.0.0.1:{port}/c/YJZ-440100-2026-000001", timeout=5) as page:
        assert "YJZ-440100-2026-000001" in page.read().decode()
    output = end(again, signal.SIGINT)
    assert "演示数据" not in output.replace("演示数据，", "")
    assert gone(data)


def test_two_at_once_and_a_taken_port_is_named(tmp_path: Path) -> None:
    first_port = free_port()
    first = start(tmp_path / "a", first_port)
    second = start(tmp_path / "b", free_port())
    environment = {key: value for key, value in os.environ.items() if key not in OURS}
    command = [YJZ, "serve", "--data", tmp_path / "c", "--port", str(first_port)]
    third = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=PATIENCE, check=False)
    assert third.returncode == 2
    assert f"127.0.0.1:{first_port} 已被另一个程序占用" in third.stderr
    same = subprocess.run(
        [YJZ, "serve", "--data", tmp_path / "a", "--port", str(free_port())],
        capture_output=True,
        text=True,
        env=environment,
        timeout=PATIENCE,
        check=False,
    )
    assert same.returncode == 2
    assert "正在运行" in same.stderr or "在用" in same.stderr
    for program in (first, second):
        end(program, signal.SIGINT)
    assert gone(tmp_path)
