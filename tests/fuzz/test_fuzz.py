"""A short run of each fuzz target from its seeds; `make fuzz` makes it a long one, for the night."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests_of_log import entries_of
from yuejingzhun.evidence.anchor.proof import AnchorProof
from yuejingzhun.evidence.authority import create_authority, issue_timestamp_signer
from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.dcc.compose import compose
from yuejingzhun.evidence.entry import Entry, encode
from yuejingzhun.evidence.log.checkpoint import Checkpoint
from yuejingzhun.evidence.log.merkle import leaf_hash, root_of
from yuejingzhun.evidence.log.note import KeyKind, Note
from yuejingzhun.evidence.log.note_signer import generate
from yuejingzhun.evidence.log.proof import InclusionProof
from yuejingzhun.evidence.log.witness import Submission
from yuejingzhun.evidence.timestamp.clock import TrustedClock
from yuejingzhun.evidence.timestamp.request import TimestampRequest
from yuejingzhun.evidence.timestamp.responder import Responder

# `make fuzz` gives the time of a target and a folder that keeps what was found; without it a short run.
LONG = os.environ.get("YJZ_FUZZ_SECONDS")
RUNS, SECONDS = (-1, int(LONG)) if LONG else (20_000, 8)
NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
FOLDER = Path(__file__).parent


def seeds(certificate: Callable[..., Certificate]) -> dict[str, bytes]:
    leaves = [leaf_hash(entry) for entry in entries_of(2)]
    signer = generate("log.example/yjz", KeyKind.ED25519)
    text = Checkpoint(signer.key.name, 2, root_of(leaves)).text
    note = Note(text, (signer.sign(text, 0),)).encode()
    request = TimestampRequest(hashlib.sha256(b"data").digest(), 7).encode()
    root = create_authority("根", NOW)
    clock = TrustedClock(NOW - NOW, wall=lambda: int(NOW.timestamp() * 1e9), steady=lambda: 0)
    responder = Responder(issue_timestamp_signer(root, "时间戳", NOW), clock, lambda: 1)
    anchor = AnchorProof(1, "0x" + "a" * 64, "0x" + "b" * 40, 7, "0x" + "c" * 64, "0x" + "d" * 64, 9, "0x" + "e" * 64)
    return {
        "note": note,
        "proof": InclusionProof(1, (leaves[0],), note).encode(),
        "submission": Submission(1, (leaves[1],), note).encode(),
        "timestamp_request": request,
        "timestamp_token": responder.answer(request),
        "gate": compose(certificate())[:3000],
        "entry": encode(Entry("N-1", "issued", NOW, {"certificate.xml": "0" * 64})) + anchor.encode(),
        "qr_code": b"https://example.org/c/YJZ-440100-2026-000001?i=17&h=00112233445566778899aabbccddeeff",
    }


@pytest.fixture
def certificate() -> Callable[..., Certificate]:
    from datetime import date

    import numpy as np

    from yuejingzhun.demo import offline
    from yuejingzhun.evidence.certificate import CertificateKind
    from yuejingzhun.procedures.catalogue import procedure
    from yuejingzhun.procedures.evaluate import evaluate
    from yuejingzhun.procedures.sample import sample_record

    def make() -> Certificate:
        declared = procedure("JJG 596-2012")
        day = date(2026, 11, 24)
        record, standard = sample_record(declared, passing=True, generator=np.random.default_rng(1), tested_on=day)
        return Certificate(
            "N-1", CertificateKind.VERIFICATION, offline.INSTITUTE, "演示", offline.HOLDER, "演示", record, standard,
            evaluate(declared, record, standard), offline.SIGNATORIES, day, NOW, "https://example.org/c/N-1",
        )  # fmt: skip

    return make


def test_no_target_has_a_finding_from_its_seed(certificate: Callable[..., Certificate], tmp_path: Path) -> None:
    running = {}
    for name, seed in seeds(certificate).items():
        corpus = Path(os.environ.get("YJZ_FUZZ_CORPUS", tmp_path)) / name
        corpus.mkdir(parents=True, exist_ok=True)
        (corpus / "seed").write_bytes(seed)
        command = [
            sys.executable,
            FOLDER / "run.py",
            name,
            f"-runs={RUNS}",
            f"-max_total_time={SECONDS}",
            "-seed=1",
            corpus,
        ]
        running[name] = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if len(running) % 2 == 0:
            for program in running.values():
                program.wait()
    for name, program in running.items():
        output = program.communicate()[0].decode(errors="replace")
        assert program.returncode == 0, f"{name}: {output[-2000:]}"
        assert "Done" in output, f"{name}: {output[-500:]}"
