"""Verifying one bundle, against its bare signature checks; and the size and time of proofs as the log grows.

Run: python benchmarks/verify_bundle.py
"""

import hashlib
import platform
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import numpy as np

from yuejingzhun.demo import offline
from yuejingzhun.evidence.authority import issue_timestamp_signer
from yuejingzhun.evidence.bundle import PROOF, TIMESTAMP, verify_bundle, with_evidence
from yuejingzhun.evidence.container import pack, unpack
from yuejingzhun.evidence.entry import check_entry_signature
from yuejingzhun.evidence.log.checkpoint import Checkpoint
from yuejingzhun.evidence.log.merkle import EMPTY, grow, inclusion_proof, leaf_hash, root_from_inclusion
from yuejingzhun.evidence.log.note import KeyKind, Note
from yuejingzhun.evidence.log.note_signer import generate
from yuejingzhun.evidence.log.policy import Policy, check_checkpoint
from yuejingzhun.evidence.log.proof import InclusionProof, parse_proof
from yuejingzhun.evidence.log_checks import leaf_of
from yuejingzhun.evidence.pdf.pades import verify_pdf
from yuejingzhun.evidence.signature import verify_xml
from yuejingzhun.evidence.timestamp.clock import TrustedClock
from yuejingzhun.evidence.timestamp.request import TimestampRequest
from yuejingzhun.evidence.timestamp.responder import POLICY, Responder
from yuejingzhun.evidence.timestamp.token import check_timestamp
from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.sample import sample_record

LEAVES, ROUNDS = 50_000, 7
AT = datetime.now(UTC).replace(microsecond=0)
LOG = generate("log.example/yjz", KeyKind.ED25519)
WITNESS = generate("witness.example/w", KeyKind.COSIGNATURE_ED25519)
TRUST = Policy(LOG.key, (WITNESS.key,), 1)


def main() -> None:
    """Print the ratios (claim: at most 1.5) and the growth of proofs."""
    print(f"{platform.machine()}, Python {platform.python_version()}, one core")
    signer = offline.demonstration_signer(AT)
    assert signer.authority
    roots = [signer.authority.certificate]
    for name, bundle in (("without PDF", _bundle(signer, pdf=False)), ("with PDF", _bundle(signer, pdf=True))):
        assert verify_bundle(bundle, roots, AT, TRUST).valid
        whole = _best(lambda b=bundle: verify_bundle(b, roots, AT, TRUST))
        bare = _best(_bare(bundle, signer, roots))
        print(
            f"{name}: {len(bundle) / 1000:.1f} kB, {whole * 1e3:.2f} ms, bare signature checks {bare * 1e3:.2f} ms,"
            f" ratio {whole / bare:.2f} (claim: at most 1.5), {1 / whole:.0f} a second"
        )
    _growth()


def _bundle(signer: offline.Signer, *, pdf: bool) -> bytes:
    record, standard = sample_record(
        procedure("JJG 596-2012"), passing=True, generator=np.random.default_rng(1), tested_on=date(2026, 11, 24)
    )
    bundle = offline.issue_record(record, standard, "YJZ-440100-2026-000001", signer, AT).bundle
    files = unpack(bundle)
    if not pdf:
        del files["certificate.pdf"]
    leaves = [leaf_hash(b"%d" % n) for n in range(LEAVES)]
    leaves[777] = leaf_of(files["entry.json"])
    text, path = _proof(leaves, 777)
    note = Note(text, tuple(key.sign(text, int(AT.timestamp())) for key in (LOG, WITNESS))).encode()
    assert signer.authority
    tsa = Responder(
        issue_timestamp_signer(signer.authority, "时间戳", AT - timedelta(hours=1)),
        TrustedClock(timedelta(seconds=1)),
        iter(range(1, 10**9)).__next__,
    )
    token = tsa.answer(TimestampRequest(hashlib.sha256(files["certificate.xml"]).digest()).encode())
    return with_evidence(pack(files), {PROOF: InclusionProof(777, path, note).encode(), TIMESTAMP: token})


def _proof(leaves: list[bytes], index: int) -> tuple[str, tuple[bytes, ...]]:
    known = {(0, n): leaf for n, leaf in enumerate(leaves)}
    frontier = grow(EMPTY, leaves, lambda level, n, value: known.__setitem__((level, n), value))
    path = inclusion_proof(index, len(leaves), lambda level, n: known[level, n])
    return Checkpoint(LOG.key.name, frontier.size, frontier.root).text, tuple(path)


def _bare(bundle: bytes, signer: offline.Signer, roots: list) -> Callable[[], object]:
    """Each signature in the bundle, checked by the function that checks it, and nothing around it."""
    files = unpack(bundle)
    note = parse_proof(files[PROOF]).checkpoint

    def check() -> None:
        verify_xml(files["certificate.xml"], roots, AT)
        check_entry_signature(files["entry.json"], files["entry.sig"], signer.identity.certificate)
        check_timestamp(files[TIMESTAMP], files["certificate.xml"], roots, AT, (POLICY,))
        check_checkpoint(note, TRUST, int(AT.timestamp()))
        if "certificate.pdf" in files:
            verify_pdf(files["certificate.pdf"], roots, AT)

    return check


def _growth() -> None:
    leaf = leaf_hash(b"leaf")
    print("entries     hashes   bytes of the path   verified in")
    for exponent in (3, 4, 5, 6, 7):
        size = 10**exponent
        # Of a tree of that size only one path is needed: its siblings may be anything, the form is the same.
        node = lambda level, index: hashlib.sha256(b"%d %d" % (level, index)).digest()  # noqa: E731
        path = inclusion_proof(size // 3, size, node)
        took = _best(lambda p=path, s=size: root_from_inclusion(leaf, s // 3, s, p), 2000)
        print(f"{size:>10,} {len(path):>7} {32 * len(path):>12} {took * 1e6:>18.1f} µs")


def _best(work: Callable[[], object], count: int = 20) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(count):
            work()
        best = min(best, (time.perf_counter() - began) / count)
    return best


if __name__ == "__main__":
    main()
