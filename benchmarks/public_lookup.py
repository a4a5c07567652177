"""Public look-up of one certificate as JSON, of a million, against a constant view in the same server.

Run: python benchmarks/public_lookup.py [--rows N] [--seconds S]
"""

import argparse
import os
import platform
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

CONNECTIONS = 8
NUMBER = "YJZ-440100-2026-{:06}"

JOBS = """
insert into verification_job (
    instrument_id, institute_id, holder_id, standard_id, regulation, kind, state, record, reference, passed,
    received_on, tested_on, tested_by_id, tested_at, reviewed_by_id, reviewed_at, approved_by_id, approved_at,
    return_reason)
select
    %(instrument)s, %(institute)s, %(holder)s, %(standard)s, 'JJG 596-2012', 'INITIAL', 'APPROVED', '{}', '{}', true,
    '2026-01-01', '2026-01-02', %(tester)s, now(), %(reviewer)s, now(), %(approver)s, now(),
    ''
from generate_series(1, %(rows)s)
"""
CERTIFICATES = """
insert into certificates_certificate (
    number, kind, job_id, instrument_id, institute_name, instrument_name, model, serial, regulation, passed,
    conclusion, tested_on, valid_until, issued_at, signed_xml)
select
    'YJZ-440100-2026-' || to_char(row_number() over (order by id), 'FM99000000'),
    'VERIFICATION', id, instrument_id, '演示所', '电能表', 'DDZY', id::text, regulation, true,
    '1 级合格', tested_on, '2034-01-01', now(), ''
from verification_job
"""


def main() -> None:
    """Fill, serve, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yjz-lookup-", ignore_cleanup_errors=True) as folder:
        data, port = Path(folder), _free_port()
        began = time.perf_counter()
        _in_a_process_of_its_own(data, arguments.rows)
        print(f"{arguments.rows} certificates filled in {time.perf_counter() - began:.0f} s", flush=True)
        with Served(data, port):
            _report(port, arguments.rows, arguments.seconds)


def fill(data: Path, rows: int) -> None:
    """Certificates as the product would have issued them, but for the bytes of their documents."""
    from yuejingzhun.project.server import site

    with site(data, lambda _: None):
        _insert(rows)


def _insert(rows: int) -> None:
    from django.db import connection

    from yuejingzhun.platform.foundation.parties.models import Organisation, Person
    from yuejingzhun.platform.registry.instruments.models import Instrument
    from yuejingzhun.platform.registry.standards.models import MeasurementStandard

    institute = Organisation.objects.create(name="演示所", kind="institute", region="440100")
    holder = Organisation.objects.create(name="演示单位", kind="holder", region="440100")
    people = [Person.objects.create(name=name, organisation=institute) for name in ("甲", "乙", "丙")]
    standard = MeasurementStandard.objects.create(
        owner=institute,
        name="电能表标准装置",
        number="S-1",
        regulations=["JJG 596-2012"],
        expanded_uncertainty="0.1",
        unit="%",
        certificate="C-1",
        valid_until="2030-01-01",
        traceable_to="国家基准",
    )
    instrument = Instrument.objects.create(
        name="电能表",
        model="DDZY",
        serial="1",
        maker="演示厂",
        regulation="JJG 596-2012",
        regulation_series="JJG 596",
        region="440100",
        holder=holder,
    )
    known = {
        "rows": rows,
        "instrument": instrument.pk,
        "institute": institute.pk,
        "holder": holder.pk,
        "standard": standard.pk,
        "tester": people[0].pk,
        "reviewer": people[1].pk,
        "approver": people[2].pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(JOBS, known)
        cursor.execute(CERTIFICATES)
        cursor.execute("analyze")


def _in_a_process_of_its_own(data: Path, rows: int) -> None:
    code = f"from pathlib import Path; import public_lookup; public_lookup.fill(Path({str(data)!r}), {rows})"
    subprocess.run([sys.executable, "-c", code], check=True, env=_environment(data))


class Served:
    """The product's own server with the benchmark's addresses."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port = data, port

    def __enter__(self) -> None:
        command = [Path(sys.executable).with_name("yjz"), "serve", "--data", self.data, "--port", str(self.port)]
        self.program = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=_environment(self.data))
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def __exit__(self, *_: object) -> None:
        self.program.terminate()
        self.program.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(data: Path) -> dict[str, str]:
    ours = {"YJZ_DATA": str(data), "DJANGO_SETTINGS_MODULE": "lookup_site.settings"}
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    return kept | ours | {"PYTHONPATH": str(Path(__file__).parent)}


def _report(port: int, rows: int, seconds: float) -> None:
    def known() -> str:
        return "/api/v1/certificates/" + NUMBER.format(random.randint(1, rows))  # noqa: S311

    paths: dict[str, Callable[[], str]] = {"constant": lambda: "/constant", "look-up": known}
    for path in paths.values():
        _rate(port, path, 1.0)
    best = dict.fromkeys(paths, 0.0)
    for _ in range(3):
        for name, path in paths.items():
            best[name] = max(best[name], _rate(port, path, seconds))
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, one worker, {CONNECTIONS}",
        end="",
    )
    print(" connections that are kept; the client shares the machine")
    for name, rate in best.items():
        print(f"{name:10}{rate:8.0f} requests a second")
    print(f"look-up / constant = {best['look-up'] / best['constant']:.2f} (claim: at least 0.33)")


def _rate(port: int, path: Callable[[], str], seconds: float) -> float:
    counts = [0] * CONNECTIONS
    end = time.perf_counter() + seconds

    def ask(which: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            while time.perf_counter() < end:
                connection.sendall(f"GET {path()} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
                _expect_200(connection)
                counts[which] += 1

    threads = [threading.Thread(target=ask, args=(which,)) for which in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def _expect_200(connection: socket.socket) -> None:
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head.splitlines()[0]:
        raise RuntimeError(head.decode())
    length = int(next(line for line in head.lower().splitlines() if line.startswith(b"content-length:")).split(b":")[1])
    while len(body) < length:
        body += connection.recv(65536)


if __name__ == "__main__":
    main()
