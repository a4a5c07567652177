"""10,000 certificates composed, signed, stamped and logged in one go on 2 processes, without their PDFs.

Run: python benchmarks/bulk_issue.py [--count N]
"""

import argparse
import hashlib
import os
import platform
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import django
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import call_command

from yuejingzhun.demo import offline
from yuejingzhun.evidence.authority import create_authority, issue_signer, issue_timestamp_signer
from yuejingzhun.evidence.certificate import Certificate, CertificateKind
from yuejingzhun.evidence.entry import Entry
from yuejingzhun.evidence.issue import sign
from yuejingzhun.evidence.keys import SigningIdentity, load_pkcs12, to_pkcs12
from yuejingzhun.evidence.timestamp.clock import TrustedClock
from yuejingzhun.evidence.timestamp.request import TimestampRequest
from yuejingzhun.evidence.timestamp.responder import Responder
from yuejingzhun.evidence.timestamp.serials import SerialFile
from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.sample import sample_record
from yuejingzhun.project.embedded_database import embedded_postgres

PROCESSES, CHUNK, PASSPHRASE = 2, 256, "benchmark"
AT = datetime.now(UTC).replace(microsecond=0)


def main() -> None:
    """Print how long each part took, and what share of the work bare signatures are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory(prefix="yjz-bulk-") as name, embedded_postgres(Path(name) / "postgres") as url:
        os.environ |= {"DATABASE_URL": url, "YJZ_DATA": name, "DJANGO_SETTINGS_MODULE": "yuejingzhun.project.settings"}
        django.setup()
        call_command("migrate", verbosity=0)
        signer = _keys(Path(name))
        took, logging = _issue(count, Path(name), signer)
    bare = _bare(signer)
    signatures = 3 * count  # of the DCC, of its entry, of its timestamp
    share = signatures * bare / (took * PROCESSES)
    print(f"{platform.machine()}, Python {platform.python_version()}, {PROCESSES} processes, {count:,} certificates")
    print(f"{took:.1f} s in all, {count / took:,.0f} a second; of that {logging:.1f} s in the log")
    print(f"bare signatures: {signatures:,} at {bare * 1e6:.0f} µs, {share:.1%} of the processors' time")


def _keys(folder: Path) -> SigningIdentity:
    root = create_authority("根", AT - timedelta(days=1))
    signer, stamps = issue_signer(root, "演示所", AT - timedelta(hours=1)), issue_timestamp_signer(root, "时间戳", AT)
    for name, identity in (("signer", signer), ("stamps", stamps)):
        (folder / f"{name}.p12").write_bytes(to_pkcs12(identity, PASSPHRASE))
    return signer


def _issue(count: int, folder: Path, signer: SigningIdentity) -> tuple[float, float]:
    from yuejingzhun.platform.foundation.ledger.services import sequence, submit_many

    chunks = [(folder, first, min(CHUNK, count - first)) for first in range(0, count, CHUNK)]
    logging = 0.0
    began = time.perf_counter()
    with ProcessPoolExecutor(PROCESSES) as processes:
        for signed in processes.map(_chunk, chunks):
            before = time.perf_counter()
            submit_many([(entry, signature) for entry, signature, _ in signed], signer.certificate, AT)
            sequence()
            logging += time.perf_counter() - before
    return time.perf_counter() - began, logging


def _chunk(given: tuple[Path, int, int]) -> list[tuple[Entry, bytes, bytes]]:
    folder, first, count = given
    content, signer, responder = _content(), _identity(folder, "signer"), _responder(folder)
    out = []
    for serial in range(first, first + count):
        signed = sign(replace(content, number=f"YJZ-440100-2026-{serial:06}"), signer)
        request = TimestampRequest(hashlib.sha256(signed.xml).digest())
        out.append((signed.entry, signed.signature, responder.answer(request.encode())))
    return out


@cache
def _content() -> Certificate:
    declared, day = procedure("JJG 596-2012"), date(2026, 11, 24)
    record, standard = sample_record(declared, passing=True, generator=np.random.default_rng(1), tested_on=day)
    return Certificate(
        "N-1", CertificateKind.VERIFICATION, offline.INSTITUTE, "演示", offline.HOLDER, "演示", record, standard,
        evaluate(declared, record, standard), offline.SIGNATORIES, day, AT, "https://example.org/c/N-1",
    )  # fmt: skip


@cache
def _identity(folder: Path, name: str) -> SigningIdentity:
    return load_pkcs12((folder / f"{name}.p12").read_bytes(), PASSPHRASE)


@cache
def _responder(folder: Path) -> Responder:
    clock = TrustedClock(timedelta(seconds=1))
    return Responder(_identity(folder, "stamps"), clock, SerialFile(folder / "serial").take)


def _bare(signer: SigningIdentity) -> float:
    assert isinstance(signer.key, ec.EllipticCurvePrivateKey)
    assert isinstance(signer.certificate, x509.Certificate)
    began = time.perf_counter()
    for _ in range(5000):
        signer.key.sign(b"x" * 500, ec.ECDSA(hashes.SHA256()))
    return (time.perf_counter() - began) / 5000


if __name__ == "__main__":
    main()
