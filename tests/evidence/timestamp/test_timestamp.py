import hashlib
import multiprocessing
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import rfc3161_client
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.evidence.authority import create_authority, issue_signer, issue_timestamp_signer
from yuejingzhun.evidence.keys import SigningIdentity
from yuejingzhun.evidence.timestamp.client import stamp_over_http
from yuejingzhun.evidence.timestamp.clock import ClockError, TrustedClock
from yuejingzhun.evidence.timestamp.request import RefusedRequestError, TimestampRequest, parse_request
from yuejingzhun.evidence.timestamp.responder import POLICY, Responder
from yuejingzhun.evidence.timestamp.serials import SerialFile
from yuejingzhun.evidence.timestamp.token import TimestampError, check_timestamp

DATA = "任意内容".encode()
NOW = datetime.now(UTC)
ROOT = create_authority("演示根证书", NOW - timedelta(days=1000))
TSA = issue_timestamp_signer(ROOT, "演示时间戳服务", NOW - timedelta(days=1))
ACCURACY = timedelta(seconds=1)


def clock(at: datetime = NOW) -> TrustedClock:
    return TrustedClock(ACCURACY, wall=lambda: int(at.timestamp() * 1e9), steady=lambda: 0)


def responder(identity: SigningIdentity = TSA, at: datetime = NOW, **more: object) -> Responder:
    return Responder(identity, clock(at), iter(range(1, 10**9)).__next__, **more)  # type: ignore[arg-type]


def stamp(given: Responder, data: bytes = DATA, **more: object) -> bytes:
    return given.answer(TimestampRequest(hashlib.sha256(data).digest(), 12345, **more).encode())  # type: ignore[arg-type]


def check(response: bytes, data: bytes = DATA, now: datetime = NOW, policies: tuple[str, ...] = (POLICY,)) -> datetime:
    return check_timestamp(response, data, [ROOT.certificate], now, policies).at


def code(response: bytes, **more: object) -> str:
    with pytest.raises(TimestampError) as caught:
        check(response, **more)  # type: ignore[arg-type]
    return caught.value.code


def openssl(folder: Path, response: bytes, data: bytes = DATA) -> subprocess.CompletedProcess[bytes]:
    (folder / "data").write_bytes(data)
    (folder / "a.tsr").write_bytes(response)
    (folder / "root.pem").write_bytes(ROOT.certificate.public_bytes(Encoding.PEM))
    command = ["openssl", "ts", "-verify", "-in", "a.tsr", "-data", "data", "-CAfile", "root.pem"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False)


def test_our_tokens_hold_for_us_for_openssl_and_for_a_third(tmp_path: Path) -> None:
    response = stamp(responder())
    at = check(response)
    assert abs(at - NOW) < timedelta(milliseconds=2)
    assert openssl(tmp_path, response).returncode == 0
    assert openssl(tmp_path, response, b"other").returncode != 0
    third = rfc3161_client.decode_timestamp_response(response)
    assert third.tst_info.message_imprint.message == hashlib.sha256(DATA).digest()
    assert third.tst_info.nonce == 12345
    builder = rfc3161_client.VerifierBuilder().add_root_certificate(ROOT.certificate)
    assert builder.build().verify_message(third, DATA)


def test_requests_of_openssl_are_answered(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(DATA)
    subprocess.run(
        ["openssl", "ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "a.tsq"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    assert openssl(tmp_path, responder().answer((tmp_path / "a.tsq").read_bytes())).returncode == 0


def test_tokens_of_openssl_hold_for_us(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import NoEncryption, PrivateFormat

    key = TSA.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "tsa.key").write_bytes(key)
    (tmp_path / "tsa.pem").write_bytes(TSA.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "serial").write_text("01\n")
    (tmp_path / "tsa.cnf").write_text(
        "[tsa]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = tsa.key\nsigner_digest = sha256\n"
        "default_policy = 1.2.3.4\ndigests = sha256\naccuracy = secs:1\ness_cert_id_alg = sha256\n"
    )
    (tmp_path / "a.tsq").write_bytes(TimestampRequest(hashlib.sha256(DATA).digest(), 7).encode())
    subprocess.run(
        ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "a.tsq", "-out", "b.tsr"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    response = (tmp_path / "b.tsr").read_bytes()
    later = datetime.now(UTC)
    assert check(response, policies=("1.2.3.4",), now=later) <= later + timedelta(seconds=2)
    assert code(response, now=later) == "policy"


def test_every_flipped_bit_is_refused_or_says_the_same() -> None:
    response = stamp(responder())
    whole = check_timestamp(response, DATA, [ROOT.certificate], NOW, (POLICY,))
    accepted = 0
    for bit in range(len(response) * 8):
        changed = bytearray(response)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            found = check_timestamp(bytes(changed), DATA, [ROOT.certificate], NOW, (POLICY,))
        except TimestampError:
            continue
        accepted += 1
        assert found == whole, bit
    # Outside what is signed a token is malleable: never name one by the hash of its bytes.
    assert accepted < len(response) * 8 // 33


def test_what_does_not_fit_is_refused_with_its_reason() -> None:
    good = stamp(responder())
    assert code(good, data=b"other") == "imprint"
    assert code(good, policies=("1.2.3",)) == "policy"
    assert code(good, now=NOW - timedelta(hours=10)) == "future"
    assert code(stamp(responder(at=NOW - timedelta(days=30)))) == "expired"
    assert code(stamp(responder(at=NOW + timedelta(days=365 * 4))), now=NOW + timedelta(days=365 * 5)) == "expired"
    assert code(stamp(responder(issue_signer(ROOT, "签名人", NOW - timedelta(days=1))))) == "purpose"
    stranger = create_authority("演示根证书", NOW - timedelta(days=1000))
    assert code(stamp(responder(issue_timestamp_signer(stranger, "时间戳", NOW)))) == "untrusted"
    assert code(stamp(responder(), certificate_wanted=False)) == "certificate"
    assert code(stamp(responder(), policy="1.2.3")) == "refused"
    assert code(b"") == code(b"0" * 100) == code(bytes(70_000)) == code(DATA) == "format"


@given(st.binary(max_size=200))
def test_any_bytes_are_answered_and_checked_without_a_crash(data: bytes) -> None:
    answer = responder().answer(data)
    try:
        parse_request(data)
    except RefusedRequestError:
        assert code(answer) == "refused"
    with pytest.raises(TimestampError):
        check(data)


def test_every_flipped_bit_of_a_request_is_refused_or_another_request() -> None:
    request = TimestampRequest(hashlib.sha256(DATA).digest(), 2**63, POLICY)
    data = request.encode()
    assert parse_request(data) == request
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            assert parse_request(bytes(changed)) != request
        except RefusedRequestError:
            continue


def test_a_clock_that_stepped_or_is_off_tells_no_time() -> None:
    wall, steady, offset = [10**18], [0], [timedelta(0)]
    doubtful = TrustedClock(ACCURACY, lambda: wall[0], lambda: steady[0], lambda: offset[0])
    wall[0], steady[0] = 10**18 + 50 * 10**9, 50 * 10**9
    doubtful.now()
    for step in (-2, 2):
        wall[0] = 10**18 + (50 + step) * 10**9
        with pytest.raises(ClockError, match="跳变"):
            doubtful.now()
    wall[0] = 10**18 + 50 * 10**9
    for wrong in (timedelta(seconds=2), timedelta(seconds=-2)):
        offset[0] = wrong
        with pytest.raises(ClockError, match="参考"):
            doubtful.now()
        assert code(stamp(Responder(TSA, doubtful, lambda: 1))) == "refused"


def take(path: Path, notes: Path) -> None:
    serials = SerialFile(path)
    with notes.open("ab", buffering=0) as file:
        while True:
            file.write(f"{serials.take()}\n".encode())


def test_serials_are_unique_though_their_takers_are_killed(tmp_path: Path) -> None:
    generator = random.Random(4)  # noqa: S311 - when to kill, not a secret
    context = multiprocessing.get_context("fork")
    for _ in range(40):
        takers = [context.Process(target=take, args=(tmp_path / "serial", tmp_path / f"notes-{n}")) for n in range(3)]
        for taker in takers:
            taker.start()
        time.sleep(generator.uniform(0.005, 0.03))
        for taker in takers:
            os.kill(taker.pid or 0, signal.SIGKILL)
            taker.join()
    lines = [line for path in tmp_path.glob("notes-*") for line in path.read_text().split("\n") if line]
    assert len(lines) > 500
    assert len(set(lines)) == len(lines)


@pytest.fixture
def served() -> Iterator[Callable[[Callable[[bytes], bytes]], str]]:
    servers = []

    def serve(answer: Callable[[bytes], bytes]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = answer(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing on the screen."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_over_http_with_the_nonce_that_was_sent(served: Callable[[Callable[[bytes], bytes]], str]) -> None:
    ask = lambda url: stamp_over_http(url, DATA, [ROOT.certificate], NOW, (POLICY,))  # noqa: E731
    check(ask(served(responder().answer)))
    replayed = stamp(responder())
    for url, expected in (
        (served(lambda _: replayed), "nonce"),
        (served(lambda _: b"x" * 100_000), "format"),
        ("http://127.0.0.1:9/", "unreachable"),
        ("file:///etc/passwd", "address"),
    ):
        with pytest.raises(TimestampError) as caught:
            ask(url)
        assert caught.value.code == expected


def test_the_certificate_of_an_authority_is_for_timestamps_alone() -> None:
    usage = TSA.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert usage.critical
    assert list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
