import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from yuejingzhun.evidence.checks import Status
from yuejingzhun.evidence.entry import encode, entry_for
from yuejingzhun.evidence.parallel import SIGNATURE, SIGNER, Sm2Identity, check_parallel, load_identity, parallel_files
from yuejingzhun.evidence.sm2 import PrivateKey, Sm2Error, verify, verify_issued, verify_with_certificate

# GB/T 32918.5-2017 annex A: the example of a signature on the recommended curve.
D = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
X = 0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020
Y = 0xCCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
MESSAGE = b"message digest"
AT = datetime.now(UTC) + timedelta(days=1)  # openssl certifies from the moment when the fixture runs
ENTRY = encode(entry_for("YJZ-440100-2026-000001", AT, {"certificate.xml": b"<x/>"}))


ALGORITHM = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")  # id-ecPublicKey on sm2p256v1
POINT = b"\x03\x42\x00\x04" + X.to_bytes(32, "big") + Y.to_bytes(32, "big")
PUBLIC = b"\x30\x59" + ALGORITHM + POINT
PRIVATE = (
    b"\x30\x81\x87\x02\x01\x00" + ALGORITHM + b"\x04\x6d\x30\x6b\x02\x01\x01\x04\x20" + D.to_bytes(32, "big")
    + b"\xa1\x44" + POINT
)  # fmt: skip


def openssl(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root and a signer of SM2, made by openssl alone."""
    folder = tmp_path_factory.mktemp("sm2")
    extensions = "basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature,nonRepudiation\n"
    (folder / "signer.cnf").write_text(extensions)
    (folder / "server.cnf").write_text("basicConstraints=critical,CA:false\nkeyUsage=critical,keyAgreement\n")
    for name in ("root", "signer", "server", "other"):
        openssl(folder, "genpkey", "-algorithm", "SM2", "-out", f"{name}.key")
    identity = ("-sigopt", "distid:1234567812345678")
    for name in ("root", "other"):
        openssl(
            folder, "req", "-x509", "-new", "-key", f"{name}.key", "-sm3", *identity, "-days", "9000",
            "-subj", f"/C=CN/CN=SM2 {name}", "-out", f"{name}.pem",
        )  # fmt: skip
    for name in ("signer", "server"):
        openssl(
            folder, "req", "-new", "-key", f"{name}.key", "-sm3", *identity, "-subj", f"/CN={name}", "-out", "a.csr"
        )
        openssl(
            folder, "x509", "-req", "-in", "a.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-sm3",
            *identity, "-vfyopt", "distid:1234567812345678", "-days", "8000", "-extfile", f"{name}.cnf",
            "-out", f"{name}.pem",
        )  # fmt: skip
    return folder


def identity(folder: Path, name: str = "signer") -> Sm2Identity:
    return load_identity((folder / f"{name}.key").read_bytes() + (folder / f"{name}.pem").read_bytes())


def root(folder: Path, name: str = "root") -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())


def test_the_published_signature_holds_and_no_other() -> None:
    signature = encode_dss_signature(R, S)
    verify(PUBLIC, MESSAGE, signature)
    for bit in range(len(signature) * 8):
        changed = bytearray(signature)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Sm2Error):
            verify(PUBLIC, MESSAGE, bytes(changed))
    with pytest.raises(Sm2Error):
        verify(PUBLIC, b"message digesT", signature)
    with pytest.raises(Sm2Error):
        verify(PUBLIC, MESSAGE, signature, b"ALICE123@YAHOO.COM")


def test_the_published_key_signs_what_its_public_key_accepts() -> None:
    signature = PrivateKey(PRIVATE).sign(MESSAGE)
    verify(PUBLIC, MESSAGE, signature)
    assert signature != PrivateKey(PRIVATE).sign(MESSAGE)


def test_openssl_and_we_agree(authority: Path) -> None:
    ours = identity(authority)
    (authority / "data").write_bytes(ENTRY)
    (authority / "ours.sig").write_bytes(ours.key.sign(ENTRY))
    distid = ("-sigopt", "distid:1234567812345678")
    openssl(authority, "pkey", "-in", "signer.key", "-pubout", "-out", "signer.pub")
    check = ("dgst", "-sm3", *distid, "-verify", "signer.pub", "-signature", "ours.sig", "data")
    assert b"OK" in openssl(authority, *check)
    openssl(authority, "dgst", "-sm3", *distid, "-sign", "signer.key", "-out", "theirs.sig", "data")
    verify_with_certificate(ours.certificate, ENTRY, (authority / "theirs.sig").read_bytes())


def test_a_parallel_signature_is_checked_with_its_chain(authority: Path) -> None:
    files = parallel_files(ENTRY, identity(authority))
    assert check_parallel(files, ENTRY, [root(authority)]).status is Status.PASSED
    assert check_parallel({}, ENTRY, [root(authority)]).status is Status.ABSENT
    other = encode(entry_for("YJZ-440100-2026-000002", AT, {}))
    ecdsa = files[SIGNATURE].replace(b"sm2-sm3", b"ecdsa-p256-sha256")
    cases = {
        "another root": (files, ENTRY, [root(authority, "other")]),
        "no root": (files, ENTRY, []),
        "another entry": (files, other, [root(authority)]),
        "no entry": (files, b"", [root(authority)]),
        "no certificate": ({SIGNATURE: files[SIGNATURE]}, ENTRY, [root(authority)]),
        "another suite": ({**files, SIGNATURE: ecdsa}, ENTRY, [root(authority)]),
        "another form": ({**files, SIGNATURE: files[SIGNATURE] + b" "}, ENTRY, [root(authority)]),
        "not JSON": ({**files, SIGNATURE: b"[" * 5000}, ENTRY, [root(authority)]),
        "wrong purpose": (parallel_files(ENTRY, identity(authority, "server")), ENTRY, [root(authority)]),
        "signed by itself": (parallel_files(ENTRY, identity(authority, "other")), ENTRY, [root(authority)]),
        "before its time": (files, encode(entry_for("N", datetime(2020, 1, 1, tzinfo=UTC), {})), [root(authority)]),
    }  # fmt: skip
    for name, (given, entry, anchors) in cases.items():
        assert check_parallel(given, entry, anchors).status is Status.FAILED, name
    for bit in range(0, len(files[SIGNER]) * 8, 7):
        changed = bytearray(files[SIGNER])
        changed[bit // 8] ^= 1 << bit % 8
        assert check_parallel({**files, SIGNER: bytes(changed)}, ENTRY, [root(authority)]).status is Status.FAILED, bit


def test_what_is_no_sm2_key_is_refused(authority: Path) -> None:
    openssl(authority, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "p256.key")
    signer = (authority / "signer.pem").read_bytes()
    for pem in (
        b"",
        signer,
        (authority / "p256.key").read_bytes() + signer,
        (authority / "other.key").read_bytes() + signer,
    ):
        with pytest.raises(Sm2Error):
            load_identity(pem)
    with pytest.raises(Sm2Error):
        PrivateKey(b"nonsense")
    with pytest.raises(Sm2Error):
        verify(b"nonsense", b"", b"")
    with pytest.raises(Sm2Error):
        verify_issued(b"nonsense", b"nonsense")
