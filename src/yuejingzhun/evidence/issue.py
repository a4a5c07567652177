"""Issuing in two steps: sign the DCC and its entry; then, once its place in the log is known, print and bundle."""

from dataclasses import dataclass

from cryptography import x509

from yuejingzhun.evidence.bundle import Documents, build
from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.dcc.compose import compose
from yuejingzhun.evidence.entry import Entry, encode, entry_for, sign_entry
from yuejingzhun.evidence.keys import SigningIdentity
from yuejingzhun.evidence.pdf.pades import sign_pdf
from yuejingzhun.evidence.pdf.render import LogPlace, check_printable, render
from yuejingzhun.evidence.signature import sign_xml

XML = "certificate.xml"


@dataclass(frozen=True, slots=True)
class Signed:
    """What is signed and what the log is told of it."""

    xml: bytes
    entry: Entry
    signature: bytes  # detached, over the canonical bytes of the entry


@dataclass(frozen=True, slots=True)
class Issued:
    """The three forms of one certificate."""

    signed_xml: bytes
    pdf: bytes
    bundle: bytes


def sign(certificate: Certificate, identity: SigningIdentity) -> Signed:
    """Compose and sign; raises MissingGlyphError for a character that could not be printed later."""
    check_printable(certificate)
    at = certificate.issued_at
    xml = sign_xml(compose(certificate), identity, at)
    entry = entry_for(certificate.number, at, {XML: xml})
    return Signed(xml, entry, sign_entry(encode(entry), identity))


def print_and_bundle(
    certificate: Certificate,
    signed: Signed,
    identity: SigningIdentity,
    revocation_list: x509.CertificateRevocationList | None,
    place: LogPlace | None,
) -> Issued:
    """The printed form, whose QR code tells the place in the log if there is one, and the bundle of all."""
    pdf = sign_pdf(render(certificate, signed.xml, place), identity, certificate.issued_at)
    documents = Documents(signed.xml, pdf, revocation_list)
    return Issued(signed.xml, pdf, build(documents, encode(signed.entry), signed.signature, identity))


def issue(
    certificate: Certificate, identity: SigningIdentity, revocation_list: x509.CertificateRevocationList | None
) -> Issued:
    """Both steps without a log; raises MissingGlyphError for a character that can't be printed."""
    return print_and_bundle(certificate, sign(certificate, identity), identity, revocation_list, None)
