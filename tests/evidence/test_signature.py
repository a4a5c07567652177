import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from yuejingzhun.evidence import authority as authorities
from yuejingzhun.evidence.authority import create_authority, issue_signer
from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.dcc.compose import compose
from yuejingzhun.evidence.dcc.gate import parse
from yuejingzhun.evidence.dcc.schema_registry import schema_for
from yuejingzhun.evidence.keys import SigningIdentity
from yuejingzhun.evidence.signature import DS, SignatureError, sign_xml, verify_xml

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[1] / "reference" / "dcc" / "dcclib"


@pytest.fixture(scope="module")
def root() -> SigningIdentity:
    return create_authority("演示根证书", AT - timedelta(days=400))


@pytest.fixture(scope="module")
def signer(root: SigningIdentity) -> SigningIdentity:
    return issue_signer(root, "演示市计量检定所", AT - timedelta(days=10))


@pytest.fixture
def signed(certificate: Callable[..., Certificate], signer: SigningIdentity) -> bytes:
    return sign_xml(compose(certificate()), signer, AT)


def code_of(data: bytes, anchors: list[x509.Certificate], at: datetime = AT) -> str:
    with pytest.raises(SignatureError) as refusal:
        verify_xml(data, anchors, at)
    return refusal.value.code


def test_what_was_signed_is_what_is_read(signed: bytes, root: SigningIdentity, signer: SigningIdentity) -> None:
    result = verify_xml(signed, [root.certificate], AT)
    assert result.signer == signer.certificate
    assert result.signed_at == AT
    assert result.signed.tag == "{https://ptb.de/dcc}digitalCalibrationCertificate"
    assert result.signed.find(f".//{{{DS}}}Signature") is None
    assert schema_for("3.3.0").validate(parse(signed))


def test_flipped_characters_are_found_wherever_they_are(signed: bytes, root: SigningIdentity) -> None:
    base = etree.tostring(parse(signed), method="c14n")
    for position in range(60, len(signed), 97):
        changed = bytearray(signed)
        changed[position] ^= 1
        try:
            if etree.tostring(parse(bytes(changed)), method="c14n") == base:
                continue  # white space inside a tag: the same document
            result = verify_xml(bytes(changed), [root.certificate], AT)
        except ValueError:
            continue
        # What may still change is only what carries no signed meaning: nothing of what is read.
        expected = verify_xml(signed, [root.certificate], AT)
        assert etree.tostring(result.signed, method="c14n") == etree.tostring(expected.signed, method="c14n")
        assert result.signer == expected.signer
        assert result.signed_at == expected.signed_at


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"<dcc:model>", b"<dcc:model><!-- -->", "comment"),
        (b"<dcc:model>", b"<?x y?><dcc:model>", "comment"),
        (b"DEMO-1", b"DEMO-2", "broken"),
        (b"2026-11-24T08:30:00Z", b"2026-11-24T08:30:01Z", "broken"),
        (b"2026-11-24T08:30:00Z", b"2027-11-24T08:30:00Z", "future"),
        (b"2026-11-24T08:30:00Z", b"2026-11-01T08:30:00Z", "expired"),
        (b"2026-11-24T08:30:00Z", b"2026-11-24T08:30:00", "time"),
        (b"2026-11-24T08:30:00Z", b"yesterday", "time"),
    ],
)
def test_changes_are_refused_with_their_reason(
    signed: bytes, root: SigningIdentity, old: bytes, new: bytes, code: str
) -> None:
    assert signed.count(old) >= 1
    assert code_of(signed.replace(old, new, 1), [root.certificate]) == code


def test_wrapping_moving_doubling_and_removing_the_signature(signed: bytes, root: SigningIdentity) -> None:
    anchors = [root.certificate]
    tree = parse(signed)
    wrapper = etree.Element("{https://ptb.de/dcc}digitalCalibrationCertificate")
    wrapper.append(tree)
    assert code_of(etree.tostring(wrapper), anchors) == "misplaced"

    tree = parse(signed)
    tree.insert(0, tree[-1])
    assert code_of(etree.tostring(tree), anchors) == "misplaced"

    tree = parse(signed)
    tree.append(parse(etree.tostring(tree[-1])))
    assert code_of(etree.tostring(tree), anchors) == "duplicate"

    # The attacker's own content in front, the signed one moved below an element that the signature still names.
    tree = parse(signed)
    evil = parse(signed.replace(b"DEMO-1", b"EVIL-1"))
    signature = evil[-1]
    evil.remove(signature)
    holder = etree.SubElement(signature, f"{{{DS}}}Object")
    holder.append(tree)
    tree.remove(tree[-1])
    evil.append(signature)
    assert code_of(etree.tostring(evil), anchors) in {"broken", "duplicate", "misplaced", "object"}

    tree = parse(signed)
    tree.remove(tree[-1])
    assert code_of(etree.tostring(tree), anchors) == "absent"
    assert code_of(b"not xml", anchors) == "unreadable"


def test_only_named_anchors_are_trusted(signed: bytes) -> None:
    other = create_authority("演示根证书", AT - timedelta(days=400))
    assert code_of(signed, [other.certificate]) == "untrusted"
    assert code_of(signed, []) == "untrusted"


def test_an_expired_or_early_certificate(certificate: Callable[..., Certificate], root: SigningIdentity) -> None:
    document = compose(certificate())
    old = issue_signer(root, "旧", AT - timedelta(days=3 * 365 + 1))
    assert code_of(sign_xml(document, old, AT), [root.certificate]) == "expired"
    assert verify_xml(sign_xml(document, old, AT - timedelta(days=300)), [root.certificate], AT).signer
    new = issue_signer(root, "新", AT + timedelta(days=1))
    assert code_of(sign_xml(document, new, AT), [root.certificate]) == "expired"


def test_certificates_for_other_purposes(certificate: Callable[..., Certificate], root: SigningIdentity) -> None:
    document = compose(certificate())
    assert code_of(sign_xml(document, root, AT), [root.certificate]) == "purpose"
    good = issue_signer(root, "演示", AT)
    builder = authorities._builder(good.certificate.subject, root.certificate.subject, good.key.public_key(), AT, 1)  # type: ignore[arg-type]
    constraints = x509.BasicConstraints(ca=False, path_length=None)
    for usage in (authorities._usage(digital_signature=True, key_encipherment=True), None):
        made = builder.add_extension(constraints, critical=True)
        if usage:
            made = made.add_extension(usage, critical=True)
        web = SigningIdentity(good.key, made.sign(root.key, hashes.SHA256()))
        assert code_of(sign_xml(document, web, AT), [root.certificate]) == "purpose"


@pytest.mark.parametrize(("name", "code"), [("valid_signature.xml", "time"), ("invalid_signature.xml", "broken")])
def test_the_official_signed_examples_are_refused_each_with_its_own_reason(name: str, code: str) -> None:
    # Both are plain XML signatures without a time; of one the content was changed afterwards.
    anchor = x509.load_pem_x509_certificate((EXAMPLES / "ca.pem").read_bytes())
    assert code_of((EXAMPLES / name).read_bytes(), [anchor], AT) == code


def test_an_independent_program_agrees(signed: bytes, root: SigningIdentity, tmp_path: Path) -> None:
    program = shutil.which("xmlsec1")
    if program is None:
        pytest.skip("xmlsec1 is not installed; CI has it")
    (tmp_path / "root.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))

    def check(data: bytes) -> int:
        (tmp_path / "dcc.xml").write_bytes(data)
        command = [program, "--verify", "--trusted-pem", "root.pem", "--verification-time", "2026-11-24 08:30:00"]
        command += ["--id-attr:Id", "Signature", "--id-attr:Id", "KeyInfo", "--id-attr:Id", "SignedProperties"]
        return subprocess.run([*command, "dcc.xml"], cwd=tmp_path, capture_output=True, check=False).returncode

    assert check(signed) == 0
    assert check(signed.replace(b"DEMO-1", b"DEMO-2")) != 0
