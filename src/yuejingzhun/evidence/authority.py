"""A certificate authority for demonstrations and tests; a real institute imports the certificate of a licensed one."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from yuejingzhun.evidence.keys import SigningIdentity

AUTHORITY_YEARS, SIGNER_YEARS, LIST_DAYS = 20, 3, 7
# A verifier whose clock is a little behind must not find the certificate in its future.
CLOCK_TOLERANCE = timedelta(minutes=5)


def create_authority(name: str, at: datetime) -> SigningIdentity:
    """A new root of that name, valid from `at` (UTC) on."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    builder = _builder(subject, subject, key.public_key(), at, AUTHORITY_YEARS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False)
    return SigningIdentity(key, builder.sign(key, hashes.SHA256()))


def issue_signer(authority: SigningIdentity, institute: str, at: datetime) -> SigningIdentity:
    """A key for an institute's signatures, with a certificate that allows signing documents and nothing else."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name(institute), authority.certificate.subject, key.public_key(), at, SIGNER_YEARS)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
    issuer = authority.key.public_key()
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
    return SigningIdentity(key, builder.sign(authority.key, hashes.SHA256()), (authority.certificate,))


def issue_timestamp_signer(authority: SigningIdentity, name: str, at: datetime) -> SigningIdentity:
    """A key for timestamps, with a certificate that allows those and nothing else (RFC 3161 2.3)."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name(name), authority.certificate.subject, key.public_key(), at, SIGNER_YEARS)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(digital_signature=True), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    issuer = authority.key.public_key()
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
    return SigningIdentity(key, builder.sign(authority.key, hashes.SHA256()), (authority.certificate,))


def issue_revocation_list(
    authority: SigningIdentity, revoked: dict[int, datetime], at: datetime
) -> x509.CertificateRevocationList:
    """The authority's list of revoked serial numbers with the time of each, as of `at`."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(authority.certificate.subject)
    builder = builder.last_update(at).next_update(at + timedelta(days=LIST_DAYS))
    for serial, since in sorted(revoked.items()):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(authority.key, hashes.SHA256())


def _name(common: str) -> x509.Name:
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "CN")
    # X.520 gives a common name 64 characters at most.
    return x509.Name([country, x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, at: datetime, years: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - CLOCK_TOLERANCE)
        .not_valid_after(at + timedelta(days=365 * years))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(**allowed: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: allowed.get(name, False) for name in names})
