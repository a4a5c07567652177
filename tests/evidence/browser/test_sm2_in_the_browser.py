"""Bundles with a second signature by SM2, good and broken: the browser and `yjz verify` say the same of each."""

from collections.abc import Callable
from pathlib import Path

import sm2_authority as authority
import test_bundle as made
from cryptography import x509
from playwright.sync_api import Page
from sm2_authority import ROOT_NAME, SM2_WITH_SM3, certify, identity, name, new_key, root_of
from visiting import differences, in_browser, needs_chromium, outside

from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.container import pack, unpack
from yuejingzhun.evidence.parallel import SIGNATURE, SIGNER, parallel_envelope, parallel_files
from yuejingzhun.evidence.timestamp import der

pytestmark = needs_chromium
ROOT, OTHER, SIGNING = new_key(), new_key(), new_key()
ROOTS = [made.ROOT.certificate, x509.load_der_x509_certificate(root_of(ROOT))]
SUBJECT = name("演示市计量检定所 SM2")
GOOD = certify(SUBJECT, SIGNING.public, ROOT)
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


def spellings(signature: bytes) -> dict[str, bytes]:
    """The same r and s as others than DER would have them, and numbers that no signature has."""
    (r, s), plain = decode(signature), der.tlv(der.INTEGER, b"\x01")
    first, second = der.integer(r), der.integer(s)
    padded = der.tlv(der.INTEGER, b"\0" + der.expect(der.INTEGER, first)[0])
    content = first + second
    return {
        "itself": signature,
        "a leading zero": der.tlv(der.SEQUENCE, padded, second),
        "a long length": bytes((0x30, 0x81, len(content))) + content,
        "an indefinite length": b"\x30\x80" + content + b"\0\0",
        "something after": signature + b"\0",
        "a third number": der.tlv(der.SEQUENCE, first, second, plain),
        "one number": der.tlv(der.SEQUENCE, first),
        "s beyond the order": der.tlv(der.SEQUENCE, first, der.integer(s + ORDER)),
        "r beyond the order": der.tlv(der.SEQUENCE, der.integer(r + ORDER), second),
        "r negative": der.tlv(der.SEQUENCE, der.tlv(der.INTEGER, (r - ORDER).to_bytes(33, "big", signed=True)), second),
        "s zero": der.tlv(der.SEQUENCE, first, der.tlv(der.INTEGER, b"\0")),
        "r zero": der.tlv(der.SEQUENCE, der.tlv(der.INTEGER, b"\0"), second),
        "r and s that sum to the order": der.tlv(der.SEQUENCE, first, der.integer(ORDER - r)),
        "bare": r.to_bytes(32, "big") + s.to_bytes(32, "big"),
        "nothing": b"",
        "a set": b"\x31" + signature[1:],
    }


def decode(signature: bytes) -> tuple[int, int]:
    content, _ = der.expect(der.SEQUENCE, signature)
    first, rest = der.expect(der.INTEGER, content)
    return der.read_integer(first), der.read_integer(der.expect(der.INTEGER, rest)[0])


def left_over(certificate: bytes) -> bytes:
    """The certificate with one bit of its signature said to be unused, and that bit zero."""
    body, rest = der.expect(der.SEQUENCE, der.expect(der.SEQUENCE, certificate)[0])
    algorithm, signature = der.expect(der.SEQUENCE, rest)
    bits = der.expect(der.BIT_STRING, signature)[0]
    said = der.tlv(der.BIT_STRING, b"\1" + bits[1:-1] + bytes((bits[-1] & 0xFE,)))
    return der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE, body), der.tlv(der.SEQUENCE, algorithm), said)


def signers() -> dict[str, bytes]:
    """Certificates of the signing key, each wrong in one way but for the first few."""
    algorithm, point = SIGNING.public[2:23], SIGNING.public[27:]
    packed = bytes((2 + (point[-1] & 1),)) + point[:32]
    null = der.tlv(der.SEQUENCE, der.oid("1.2.156.10197.1.501"), der.tlv(der.NULL))
    ecdsa = der.tlv(der.SEQUENCE, der.oid("1.2.840.10045.4.3.2"))

    def key(form: bytes) -> bytes:
        return der.tlv(der.SEQUENCE, algorithm, der.tlv(der.BIT_STRING, b"\0" + form))

    day, public = authority.DAY, SIGNING.public
    off = bytearray(point)
    off[-1] ^= 1
    return {
        "as it should be": GOOD,
        "with an algorithm that says NULL": certify(SUBJECT, public, ROOT, algorithm=null),
        "of an issuer spelled otherwise": certify(SUBJECT, public, ROOT, name("SM2 root", authority.PRINTABLE)),
        "with a compressed key": certify(SUBJECT, key(packed), ROOT),
        "with a hybrid key": certify(SUBJECT, key(bytes((6 + (point[-1] & 1),)) + point), ROOT),
        "with a hybrid key that lies": certify(SUBJECT, key(bytes((7 - (point[-1] & 1),)) + point), ROOT),
        "with a key off the curve": certify(SUBJECT, key(b"\x04" + bytes(off)), ROOT),
        "with a key cut off": certify(SUBJECT, key(b"\x04" + point[:-1]), ROOT),
        "of another root of that name": certify(SUBJECT, public, OTHER),
        "of a root of another name": certify(SUBJECT, public, ROOT, name("SM2 other")),
        "by itself": certify(ROOT_NAME, public, SIGNING, ca=False),
        "for key agreement": certify(SUBJECT, public, ROOT, usage=authority.AGREEING),
        "for signatures, not for documents": certify(SUBJECT, public, ROOT, usage=b"\x07\x80"),
        "for nothing that it says": certify(SUBJECT, public, ROOT, usage=None),
        "without constraints": certify(SUBJECT, public, ROOT, ca=None),
        "of an authority": certify(SUBJECT, public, ROOT, ca=True),
        "expired": certify(SUBJECT, public, ROOT, end=made.AT - day / 2),
        "not valid yet": certify(SUBJECT, public, ROOT, start=made.AT + day / 2),
        "that says ECDSA": certify(SUBJECT, public, ROOT, algorithm=ecdsa),
        "that says ECDSA outside": certify(SUBJECT, public, ROOT, outer=ecdsa),
        "that says NULL outside": certify(SUBJECT, public, ROOT, outer=null),
        "of another key": certify(SUBJECT, OTHER.public, ROOT),
        "of an ECDSA key": made.SIGNER.certificate.public_bytes(made.Encoding.DER),
        "with a bit left over": left_over(GOOD),
        "with something after it": GOOD + b"\0",
        "cut off": GOOD[:-1],
    }  # fmt: skip


def corpus(bundle: bytes) -> dict[str, bytes]:
    files = unpack(bundle)
    files.pop("certificate.pdf")  # which takes the longest and is asked about elsewhere
    entry = files["entry.json"]
    parallel = parallel_files(entry, identity(SIGNING, GOOD))
    signature = SIGNING.private.sign(entry)
    cases = {
        "good": parallel,
        "no certificate": {SIGNATURE: parallel[SIGNATURE]},
        "no signature": {SIGNER: GOOD},
        "of another entry": parallel_files(entry + b" ", identity(SIGNING, GOOD)),
        "by another key": parallel_files(entry, identity(OTHER, GOOD)),
        "another suite": {**parallel, SIGNATURE: parallel[SIGNATURE].replace(b"sm2-sm3", b"ecdsa-p256-sha256")},
        "blanks in the envelope": {**parallel, SIGNATURE: parallel[SIGNATURE].replace(b":", b": ")},
        "capitals in the envelope": {**parallel, SIGNATURE: parallel[SIGNATURE].upper()},
        "no envelope": {**parallel, SIGNATURE: signature},
    }
    cases |= {f"signer {n}": {SIGNATURE: parallel[SIGNATURE], SIGNER: made_so} for n, made_so in signers().items()}
    cases |= {
        f"signature with {n}": {SIGNATURE: parallel_envelope(spelled), SIGNER: GOOD}
        for n, spelled in spellings(signature).items()
    }
    for bit in range(0, len(signature) * 8, 19):
        changed = bytearray(signature)
        changed[bit // 8] ^= 1 << bit % 8
        cases[f"signature changed at bit {bit}"] = {SIGNATURE: parallel_envelope(bytes(changed)), SIGNER: GOOD}
    for bit in range(0, len(GOOD) * 8, 61):
        changed = bytearray(GOOD)
        changed[bit // 8] ^= 1 << bit % 8
        cases[f"signer changed at bit {bit}"] = {SIGNATURE: parallel[SIGNATURE], SIGNER: bytes(changed)}
    return {n: pack({**files, **more}) for n, more in cases.items()}


def test_a_second_signature_counts_as_for_the_command(
    page: Page, certificate: Callable[..., Certificate], tmp_path: Path
) -> None:
    cases = outside(lambda: corpus(made.make(certificate())))
    assert SM2_WITH_SM3 in GOOD
    assert differences(page, cases, ROOTS) == []
    verdicts = dict(zip(cases, (r["valid"] for r in in_browser(page, list(cases.values()), ROOTS)), strict=True))
    accepted = {n for n, valid in verdicts.items() if valid}
    assert {n.removeprefix("signer ") for n in accepted} == {
        "good",
        "as it should be",
        "signature with itself",
        "with an algorithm that says NULL",
        "of an issuer spelled otherwise",
        "with a compressed key",
        "with a hybrid key",
    }
    # Under roots of which none is SM2, or another is, the signature counts for nothing.
    for roots in ([made.ROOT.certificate], [made.ROOT.certificate, x509.load_der_x509_certificate(root_of(OTHER))]):
        few = {n: cases[n] for n in ("good", "signer by itself")}
        assert differences(page, few, roots) == []
        assert not any(report["valid"] for report in in_browser(page, list(few.values()), roots))
    # Of two trusted roots of one name the first decides, here as there.
    twins = [x509.load_der_x509_certificate(root_of(key)) for key in (OTHER, ROOT)]
    assert differences(page, {"good": cases["good"]}, [made.ROOT.certificate, *twins]) == []
