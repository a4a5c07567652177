import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yuejingzhun.evidence.authority import create_authority, issue_revocation_list, issue_signer
from yuejingzhun.evidence.bundle import Documents, build, verify_bundle, verify_file
from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.checks import Report, Status
from yuejingzhun.evidence.container import pack, unpack
from yuejingzhun.evidence.dcc.compose import compose
from yuejingzhun.evidence.entry import sign_entry
from yuejingzhun.evidence.keys import SigningIdentity
from yuejingzhun.evidence.pdf.render import render
from yuejingzhun.evidence.signature import sign_xml

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
ROOT = create_authority("演示根证书", AT - timedelta(days=30))
SIGNER = issue_signer(ROOT, "演示市计量检定所", AT - timedelta(days=1))
STRANGER = issue_signer(create_authority("演示根证书", AT - timedelta(days=30)), "别处", AT)
NUMBER = "YJZ-440100-2026-000001"


def make(made: Certificate, signer: SigningIdentity = SIGNER, number: str = NUMBER, revoked: bool = False) -> bytes:
    serial = signer.certificate.serial_number
    listed = issue_revocation_list(ROOT, {serial: AT - timedelta(hours=1)} if revoked else {}, AT)
    signed = sign_xml(compose(made), signer, AT)
    documents = Documents(number, signed, render(made, signed), listed)
    return build(documents, signer, AT)


@pytest.fixture
def bundle(certificate: Callable[..., Certificate]) -> bytes:
    return make(certificate())


def verify(data: bytes) -> Report:
    return verify_bundle(data, [ROOT.certificate], AT)


def failed(report: Report) -> set[str]:
    return {check.name for check in report.checks if check.status is Status.FAILED}


def test_an_untouched_bundle_is_valid_and_says_what_it_does_not_have(bundle: bytes) -> None:
    report = verify(bundle)
    assert report.valid
    assert {check.name for check in report.checks if check.status is Status.ABSENT} == {
        "timestamp",
        "inclusion",
        "anchor",
    }


def test_a_flipped_bit_anywhere_is_found(bundle: bytes) -> None:
    for position in range(0, len(bundle), 101):
        changed = bytearray(bundle)
        changed[position] ^= 1 << position % 8
        assert not verify(bytes(changed)).valid


# An attacker who packs the bundle again leaves no trace in the zip: then the signatures must tell.
@pytest.mark.parametrize("position_of_file", range(7))
def test_a_repacked_change_to_any_file_is_found(bundle: bytes, position_of_file: int) -> None:
    files = unpack(bundle)
    name = list(files)[position_of_file]
    for position in range(0, len(files[name]), max(1, len(files[name]) // 40)):
        content = bytearray(files[name])
        content[position] ^= 1
        assert not verify(pack({**files, name: bytes(content)})).valid, position


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("certificate.xml", {"signature"}),
        ("certificate.pdf", {"certificate_pdf"}),
        ("entry.json", {"entry"}),
        ("entry.sig", {"entry"}),
        ("chain/00.der", {"chain"}),
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
    }
    swapped = {**ours, "certificate.pdf": theirs["certificate.pdf"]}
    assert failed(verify(pack(swapped))) == {"certificate_pdf", "attachment"}
    other_number = unpack(make(certificate(), number="YJZ-440100-2026-000002"))
    assert failed(verify(pack(other_number))) == {"number"}
    forged = {**ours, "entry.sig": sign_entry(ours["entry.json"], STRANGER)}
    assert failed(verify(pack(forged))) == {"entry"}


def test_a_pdf_is_verified_by_what_is_attached(bundle: bytes) -> None:
    files = unpack(bundle)
    report = verify_file(files["certificate.pdf"], [ROOT.certificate], AT)
    assert report.valid
    assert report.status("printed") is Status.ABSENT
    assert verify_file(files["certificate.xml"], [ROOT.certificate], AT).valid
    assert verify_file(bundle, [ROOT.certificate], AT).valid
    assert not verify_file(b"%PDF-1.7 nothing", [ROOT.certificate], AT).valid


def test_a_foreign_file_is_found(bundle: bytes) -> None:
    assert failed(verify(pack({**unpack(bundle), "readme.txt": b""}))) == {"contents"}


def test_strangers_and_revoked_signers_are_refused(certificate: Callable[..., Certificate]) -> None:
    assert failed(verify(make(certificate(), STRANGER))) == {"signature"}
    assert failed(verify(make(certificate(), revoked=True))) == {"revocation"}


def test_an_entry_that_is_not_canonical_is_refused_though_signed(bundle: bytes) -> None:
    files = unpack(bundle)
    for changed in (
        json.dumps(json.loads(files["entry.json"])).encode(),
        files["entry.json"].replace(b'"version":1', b'"version":2'),
        b"[]",
        b"[" * 100_000,
    ):
        signed = {**files, "entry.json": changed, "entry.sig": sign_entry(changed, SIGNER)}
        assert failed(verify(pack(signed))) == {"entry"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_arbitrary_files_in_a_bundle_never_raise_and_never_pass(bundle: bytes, data: st.DataObject) -> None:
    files = unpack(bundle)
    name = data.draw(st.sampled_from(sorted(files)))
    content = data.draw(st.binary(max_size=200))
    assert not verify(pack({**files, name: content})).valid
    assert not verify(content).valid
