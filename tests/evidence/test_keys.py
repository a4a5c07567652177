from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from yuejingzhun.evidence.authority import create_authority, issue_revocation_list, issue_signer
from yuejingzhun.evidence.keys import KeyImportError, SigningIdentity, load, load_pkcs12, store, to_pkcs12

AT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(scope="module")
def identity() -> SigningIdentity:
    return issue_signer(create_authority("根", AT), "演示市计量检定所", AT)


def test_stored_key_comes_back_and_is_encrypted_and_private(identity: SigningIdentity, tmp_path: Path) -> None:
    path = tmp_path / "signer.p12"
    store(path, identity, "口令")
    again = load(path, "口令")
    assert again.key.private_numbers() == identity.key.private_numbers()
    assert (again.certificate, again.chain) == (identity.certificate, identity.chain)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["signer.p12"]
    with pytest.raises(KeyImportError, match="口令不对"):
        load(path, "别的口令")


def pack(key: object, certificate: object) -> bytes:
    return pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, BestAvailableEncryption(b"p"))  # type: ignore[arg-type]


def test_unusable_files_are_refused_with_their_reason(identity: SigningIdentity) -> None:
    for data, reason in (
        (b"", "已损坏"),
        (to_pkcs12(identity, "p")[:-20], "已损坏"),
        (pack(None, identity.certificate), "没有私钥"),
        (pack(ed25519.Ed25519PrivateKey.generate(), None), "没有私钥或证书"),
    ):
        with pytest.raises(KeyImportError, match=reason):
            load_pkcs12(data, "p")


def test_a_key_of_another_certificate_is_refused(identity: SigningIdentity, monkeypatch: pytest.MonkeyPatch) -> None:
    # The library won't write such a file, but other programs do.
    other = ec.generate_private_key(ec.SECP256R1())
    monkeypatch.setattr(pkcs12, "load_key_and_certificates", lambda *_: (other, identity.certificate, []))
    with pytest.raises(KeyImportError, match="不是一对"):
        load_pkcs12(b"", "p")


@pytest.mark.parametrize(("bits", "accepted"), [(1024, False), (2048, True)])
def test_rsa_keys_from_2048_bits_are_accepted(bits: int, accepted: bool, identity: SigningIdentity) -> None:
    key = rsa.generate_private_key(65537, bits)
    name = identity.certificate.subject
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(AT)
        .not_valid_after(AT.replace(year=2030))
        .sign(key, hashes.SHA256())
    )
    if accepted:
        assert load_pkcs12(pack(key, certificate), "p").certificate == certificate
    else:
        with pytest.raises(KeyImportError, match="1024 位"):
            load_pkcs12(pack(key, certificate), "p")


def test_a_revocation_list_names_what_is_revoked() -> None:
    root = create_authority("根", AT)
    signer = issue_signer(root, "演示", AT)
    listed = issue_revocation_list(root, {signer.certificate.serial_number: AT}, AT)
    assert listed.is_signature_valid(root.certificate.public_key())  # type: ignore[arg-type]
    entry = listed.get_revoked_certificate_by_serial_number(signer.certificate.serial_number)
    assert entry is not None
    assert entry.revocation_date_utc == AT
    assert listed.get_revoked_certificate_by_serial_number(1) is None
