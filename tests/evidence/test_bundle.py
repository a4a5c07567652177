import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yuejingzhun.evidence.authority import create_authority, issue_revocation_list, issue_signer, issue_timestamp_signer
from yuejingzhun.evidence.bundle import PROOF, TIMESTAMP, verify_bundle, verify_file, with_evidence
from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.checks import Report, Status
from yuejingzhun.evidence.container import pack, unpack
from yuejingzhun.evidence.entry import Entry, decode, encode, sign_entry
from yuejingzhun.evidence.issue import print_and_bundle, sign
from yuejingzhun.evidence.keys import SigningIdentity
from yuejingzhun.evidence.log.checkpoint import Checkpoint
from yuejingzhun.evidence.log.merkle import root_of
from yuejingzhun.evidence.log.note import KeyKind, Note
from yuejingzhun.evidence.log.note_signer import NoteSigner, generate
from yuejingzhun.evidence.log.policy import Policy
from yuejingzhun.evidence.log.proof import InclusionProof
from yuejingzhun.evidence.log_checks import leaf_of
from yuejingzhun.evidence.notice import Notice, notice_files, revocation, supersession
from yuejingzhun.evidence.pdf.render import LogPlace
from yuejingzhun.evidence.timestamp.clock import TrustedClock
from yuejingzhun.evidence.timestamp.request import TimestampRequest
from yuejingzhun.evidence.timestamp.responder import Responder

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
ROOT = create_authority("演示根证书", AT - timedelta(days=30))
SIGNER = issue_signer(ROOT, "演示市计量检定所", AT - timedelta(days=1))
STRANGER = issue_signer(create_authority("演示根证书", AT - timedelta(days=30)), "别处", AT)
LOG = generate("log.example/yjz", KeyKind.ED25519)
WITNESS = generate("witness.example/w", KeyKind.COSIGNATURE_ML_DSA_44)
POLICY = Policy(LOG.key, (WITNESS.key,), 1)
CLOCK = TrustedClock(timedelta(seconds=1), wall=lambda: int(AT.timestamp() * 1e9), steady=lambda: 0)
TSA = Responder(
    issue_timestamp_signer(ROOT, "演示时间戳服务", AT - timedelta(days=1)), CLOCK, iter(range(1, 10**6)).__next__
)
NUMBER = "YJZ-440100-2026-000001"


def make(made: Certificate, signer: SigningIdentity = SIGNER, number: str = NUMBER, revoked: bool = False) -> bytes:
    serial = signer.certificate.serial_number
    listed = issue_revocation_list(ROOT, {serial: AT - timedelta(hours=1)} if revoked else {}, AT)
    signed = sign(replace(made, number=number), signer)
    bare = print_and_bundle(made, signed, signer, listed, LogPlace(0, leaf_of(encode(signed.entry)))).bundle
    stamped = TSA.answer(TimestampRequest(hashlib.sha256(signed.xml).digest()).encode())
    return with_evidence(bare, {PROOF: prove(encode(signed.entry)), TIMESTAMP: stamped})


def prove(entry: bytes, log: NoteSigner = LOG) -> bytes:
    """A log in which this entry is the first of two."""
    leaves = [leaf_of(entry), leaf_of(b"another")]
    text = Checkpoint(log.key.name, 2, root_of(leaves)).text
    note = Note(text, tuple(signer.sign(text, int(AT.timestamp())) for signer in (log, WITNESS)))
    return InclusionProof(0, (leaves[1],), note.encode()).encode()


def notice(entry: Entry, signer: SigningIdentity = SIGNER) -> dict[str, bytes]:
    der = signer.certificate.public_bytes(Encoding.DER)
    return notice_files(entry.event, Notice(encode(entry), sign_entry(encode(entry), signer), der))


@pytest.fixture
def bundle(certificate: Callable[..., Certificate]) -> bytes:
    return make(certificate())


def verify(data: bytes) -> Report:
    return verify_bundle(data, [ROOT.certificate], AT, POLICY)


def failed(report: Report) -> set[str]:
    return {check.name for check in report.checks if check.status is Status.FAILED}


def test_an_untouched_bundle_is_valid_and_says_what_it_does_not_have(bundle: bytes) -> None:
    report = verify(bundle)
    assert report.valid
    assert {check.name for check in report.checks if check.status is Status.ABSENT} == {
        "standing",
        "anchor",
        "sm2",
    }


def test_a_flipped_bit_anywhere_is_found(bundle: bytes) -> None:
    for position in range(0, len(bundle), 101):
        changed = bytearray(bundle)
        changed[position] ^= 1 << position % 8
        assert not verify(bytes(changed)).valid


# An attacker who packs the bundle again leaves no trace in the zip: then the signatures must tell.
@pytest.mark.parametrize("position_of_file", range(9))
def test_a_repacked_change_to_any_file_is_found(bundle: bytes, position_of_file: int) -> None:
    files = unpack(bundle)
    name = list(files)[position_of_file]
    for position in range(0, len(files[name]), max(1, len(files[name]) // 40)):
        content = bytearray(files[name])
        content[position] ^= 1
        report = verify(pack({**files, name: bytes(content)}))
        # A token is malleable outside what is signed: then it must say exactly the same.
        assert not report.valid or (name == TIMESTAMP and report == verify(bundle)), position


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("certificate.xml", {"signature"}),
        ("entry.json", {"entry", "inclusion"}),
        ("entry.sig", {"entry"}),
        ("chain/00.der", {"chain"}),
        ("certificate.pdf", set()),
        ("certificate.tlog-proof", set()),
    ],
)
def test_a_removed_file_is_found(bundle: bytes, name: str, expected: set[str]) -> None:
    files = unpack(bundle)
    assert set(unpack(pack(files))) == set(files)
    del files[name]
    assert failed(verify(pack(files))) == expected


def test_parts_of_another_certificate_do_not_fit(bundle: bytes, certificate: Callable[..., Certificate]) -> None:
    ours, theirs = unpack(bundle), unpack(make(certificate(seed=2)))
    assert failed(verify(pack({**ours, "certificate.xml": theirs["certificate.xml"]}))) == {
        "certificate_xml",
        "attachment",
        "timestamp",
    }
    assert failed(verify(pack({**ours, TIMESTAMP: theirs[TIMESTAMP]}))) == {"timestamp"}
    swapped = {**ours, "certificate.pdf": theirs["certificate.pdf"]}
    assert failed(verify(pack(swapped))) == {"attachment"}
    assert failed(verify(pack({**ours, PROOF: theirs[PROOF]}))) == {"inclusion"}
    entry = {name: theirs[name] for name in ("entry.json", "entry.sig")}
    assert failed(verify(pack({**ours, **entry}))) == {"certificate_xml", "inclusion"}
    other = encode(replace(decode(ours["entry.json"]), number="YJZ-440100-2026-000002"))
    renumbered = {**ours, "entry.json": other, "entry.sig": sign_entry(other, SIGNER), PROOF: prove(other)}
    assert failed(verify(pack(renumbered))) == {"number"}
    forged = {**ours, "entry.sig": sign_entry(ours["entry.json"], STRANGER)}
    assert failed(verify(pack(forged))) == {"entry"}


def test_a_pdf_is_verified_by_what_is_attached_and_by_its_own_signature(bundle: bytes) -> None:
    files = unpack(bundle)
    report = verify_file(files["certificate.pdf"], [ROOT.certificate], AT)
    assert report.valid
    assert report.status("certificate_pdf") is Status.PASSED
    assert verify_file(files["certificate.xml"], [ROOT.certificate], AT).valid
    assert verify_file(bundle, [ROOT.certificate], AT).valid
    assert not verify_file(b"%PDF-1.7 nothing", [ROOT.certificate], AT).valid


def test_a_proof_counts_only_under_a_policy_of_whom_one_trusts(bundle: bytes) -> None:
    files = unpack(bundle)
    unknown = verify_bundle(bundle, [ROOT.certificate], AT)
    assert unknown.valid
    assert unknown.status("inclusion") is Status.ABSENT
    other = generate(LOG.key.name, KeyKind.ED25519)
    forged = pack({**files, PROOF: prove(files["entry.json"], other)})
    assert failed(verify(forged)) == {"inclusion"}
    wrong = pack({**files, PROOF: prove(b"something else")})
    assert failed(verify_bundle(wrong, [ROOT.certificate], AT)) == {"inclusion"}


def test_a_notice_that_it_no_longer_holds_is_shown(bundle: bytes) -> None:
    revoked = verify(with_evidence(bundle, notice(revocation(NUMBER, AT, "标准器超差"))))
    assert failed(revoked) == {"standing"}
    assert any("标准器超差" in check.detail for check in revoked.checks)
    replaced = verify(with_evidence(bundle, notice(supersession(NUMBER, AT, "YJZ-440100-2026-000009"))))
    assert any("YJZ-440100-2026-000009" in check.detail for check in replaced.checks)
    # Said of another certificate, or by someone whom nobody trusts, it says nothing of this one; yet it isn't ignored.
    for wrong in (notice(revocation("YJZ-440100-2026-000002", AT, "x")), notice(revocation(NUMBER, AT, "x"), STRANGER)):
        report = verify(with_evidence(bundle, wrong))
        assert failed(report) == {"standing"}
        assert not any(check.detail[-1:] == "x" for check in report.checks)
    assert failed(verify(with_evidence(bundle, {"revoked/entry.json": b"{}"}))) == {"standing"}


def test_a_foreign_file_is_found(bundle: bytes) -> None:
    assert failed(verify(pack({**unpack(bundle), "readme.txt": b""}))) == {"contents"}


def test_strangers_and_revoked_signers_are_refused(certificate: Callable[..., Certificate]) -> None:
    assert failed(verify(make(certificate(), STRANGER))) == {"signature"}
    assert failed(verify(make(certificate(), revoked=True))) == {"revocation"}


def test_an_entry_that_is_not_canonical_is_refused_though_signed(bundle: bytes) -> None:
    files = unpack(bundle)
    for changed in (
        json.dumps(json.loads(files["entry.json"])).encode(),
        files["entry.json"].replace(b'"version":2', b'"version":3'),
        b"[]",
        b"[" * 100_000,
    ):
        signed = {**files, "entry.json": changed, "entry.sig": sign_entry(changed, SIGNER), PROOF: prove(changed)}
        assert failed(verify(pack(signed))) == {"entry"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_arbitrary_files_in_a_bundle_never_raise_and_never_pass(bundle: bytes, data: st.DataObject) -> None:
    files = unpack(bundle)
    name = data.draw(st.sampled_from(sorted(files)))
    content = data.draw(st.binary(max_size=200))
    assert not verify(pack({**files, name: content})).valid
    assert not verify(content).valid
