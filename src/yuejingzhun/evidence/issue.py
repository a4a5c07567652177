"""Issuing: from the content of a certificate to the signed DCC, its printed form and the bundle of both."""

from dataclasses import dataclass

from cryptography import x509

from yuejingzhun.evidence.bundle import Documents, build
from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.dcc.compose import compose
from yuejingzhun.evidence.keys import SigningIdentity
from yuejingzhun.evidence.pdf.render import render
from yuejingzhun.evidence.signature import sign_xml


@dataclass(frozen=True, slots=True)
class Issued:
    """The three forms of one certificate."""

    signed_xml: bytes
    pdf: bytes
    bundle: bytes


def issue(
    certificate: Certificate, identity: SigningIdentity, revocation_list: x509.CertificateRevocationList | None
) -> Issued:
    """Compose, sign, print and bundle; raises MissingGlyphError for a character that can't be printed."""
    at = certificate.issued_at
    signed = sign_xml(compose(certificate), identity, at)
    pdf = render(certificate, signed)
    bundle = build(Documents(certificate.number, signed, pdf, revocation_list), identity, at)
    return Issued(signed, pdf, bundle)
