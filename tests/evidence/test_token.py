"""Keys in a token: SoftHSM2, a token in software, started by the test in a folder of its own."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from yuejingzhun.evidence.authority import create_authority, issue_signer
from yuejingzhun.evidence.bundle import verify_bundle
from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.checks import Status
from yuejingzhun.evidence.issue import issue
from yuejingzhun.evidence.keys import KeyImportError
from yuejingzhun.evidence.token import Token, open_identity

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/libsofthsm2.so",
)
MODULE = next((Path(path) for path in MODULES if Path(path).exists()), None)
pytestmark = pytest.mark.skipif(MODULE is None or not shutil.which("softhsm2-util"), reason="no SoftHSM2 here")
AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
PIN = "1234"
ROOT = create_authority("演示根证书", AT - timedelta(days=30))


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Token]:
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(config)
    run("--init-token", "--free", "--label", "yjz", "--pin", PIN, "--so-pin", "5678")
    signer = issue_signer(ROOT, "演示市计量检定所", AT - timedelta(days=1))
    key = folder / "key.pem"
    key.write_bytes(signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    run("--import", key, "--token", "yjz", "--label", "signer", "--id", "01", "--pin", PIN)
    put_certificate(signer.certificate, "signer")
    stranger = issue_signer(ROOT, "别处", AT - timedelta(days=1))
    run("--import", key, "--token", "yjz", "--label", "mixed", "--id", "02", "--pin", PIN)
    put_certificate(stranger.certificate, "mixed")
    assert MODULE is not None
    yield Token(MODULE, "yjz", "signer")
    del os.environ["SOFTHSM2_CONF"]


def run(*arguments: object) -> None:
    subprocess.run(["softhsm2-util", *map(str, arguments)], check=True, capture_output=True)


def put_certificate(certificate: x509.Certificate, label: str) -> None:
    import pkcs11

    with pkcs11.lib(str(MODULE)).get_token(token_label="yjz").open(user_pin=PIN, rw=True) as session:  # noqa: S106
        session.create_object(
            {
                pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                pkcs11.Attribute.TOKEN: True,
                pkcs11.Attribute.LABEL: label,
                pkcs11.Attribute.SUBJECT: certificate.subject.public_bytes(),
                pkcs11.Attribute.VALUE: certificate.public_bytes(Encoding.DER),
            }
        )


@pytest.mark.parametrize(
    ("changes", "pin", "message"),
    [
        ({}, "9999", "PIN"),
        ({"token": "other"}, PIN, "没有名为 other 的令牌"),
        ({"key": "other"}, PIN, "没有名为 other 的私钥"),
        ({"key": "mixed"}, PIN, "不是一对"),
        ({"module": Path("/nowhere.so")}, PIN, "无法使用"),
    ],
)
def test_what_is_not_right_is_said(token: Token, changes: dict[str, object], pin: str, message: str) -> None:
    with pytest.raises(KeyImportError, match=message):
        open_identity(replace(token, **changes), pin)  # type: ignore[arg-type]


def test_a_certificate_signed_in_the_token_verifies_like_any_other(
    token: Token, certificate: Callable[..., Certificate]
) -> None:
    issued = issue(certificate(), open_identity(token, PIN), None)
    report = verify_bundle(issued.bundle, [ROOT.certificate], AT)
    assert report.valid, report
    assert report.status("certificate_pdf") is Status.PASSED


def test_the_key_does_not_leave_the_token(token: Token) -> None:
    key = open_identity(token, PIN).key
    with pytest.raises(TypeError):
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(TypeError):
        key.private_numbers()
