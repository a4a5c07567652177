"""Chains of certificates, each wrong in one way: the page and `yjz verify` lead the same ones to a trusted root."""

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from playwright.sync_api import Page
from visiting import NOW, needs_chromium

from yuejingzhun.evidence.keys import read_certificate
from yuejingzhun.evidence.signature import SignatureError, check_chain

pytestmark = needs_chromium
DAY = timedelta(days=1)
ROOT_KEY, MIDDLE_KEY, LEAF_KEY = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
WIDE, WIDEST = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP521R1())
RSA, WEAK = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 1024)  # noqa: S505 - to be refused
AUTHORITY = x509.BasicConstraints(True, None)
USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
Extensions = Sequence[tuple[x509.ExtensionType, bool]]


def usage(*names: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in names for name in USAGES})


CERTIFYING, SIGNING = usage("key_cert_sign"), usage("digital_signature", "content_commitment")
LEAF: Extensions = ((x509.BasicConstraints(False, None), True), (SIGNING, True))
CA: Extensions = ((AUTHORITY, True), (CERTIFYING, True))


def issue(
    subject: str,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    issuer: str,
    by: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    extensions: Extensions,
    *,
    start: datetime = NOW - DAY,
    end: datetime = NOW + DAY,
    hashed: hashes.HashAlgorithm | None = None,
    pss: bool = False,
) -> x509.Certificate:
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else []) for name in (subject, issuer)]
    builder = x509.CertificateBuilder().subject_name(names[0]).issuer_name(names[1]).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    hashed = hashed or hashes.SHA256()
    masked = padding.PSS(padding.MGF1(hashed), padding.PSS.DIGEST_LENGTH) if pss else None
    return builder.sign(by, hashed, rsa_padding=masked)


def root(**changes: object) -> x509.Certificate:
    return issue("root", ROOT_KEY, "root", ROOT_KEY, CA, **changes)  # type: ignore[arg-type]


def below(extensions: Extensions = CA, **changes: object) -> x509.Certificate:
    return issue("middle", MIDDLE_KEY, "root", ROOT_KEY, extensions, **changes)  # type: ignore[arg-type]


def leaf(extensions: Extensions = LEAF, **changes: object) -> x509.Certificate:
    return issue("leaf", LEAF_KEY, "middle", MIDDLE_KEY, extensions, **changes)  # type: ignore[arg-type]


ROOT = root()
UNKNOWN = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00")
ACCESS = x509.AuthorityInformationAccess(
    [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://example.org"))]
)
MAIL = x509.SubjectAlternativeName([x509.RFC822Name("a@example.org")])
POINTS = x509.CRLDistributionPoints(
    [x509.DistributionPoint([x509.UniformResourceIdentifier("http://a")], None, None, None)]
)
BY_NAME = x509.AuthorityKeyIdentifier(None, [x509.DirectoryName(ROOT.subject)], 1)


def chains() -> dict[str, tuple[list[x509.Certificate], list[x509.Certificate]]]:
    """Chains with the roots that are trusted."""
    one, middle = leaf(), below()

    def through(extensions: Extensions, **changes: object) -> tuple[list[x509.Certificate], list[x509.Certificate]]:
        return [one, below(extensions, **changes)], [ROOT]

    def ended(extensions: Extensions, **changes: object) -> tuple[list[x509.Certificate], list[x509.Certificate]]:
        return [leaf(extensions, **changes), middle], [ROOT]

    def keyed(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, **changes: object) -> list[x509.Certificate]:
        return [
            issue("leaf", LEAF_KEY, "middle", key, LEAF, **changes),  # type: ignore[arg-type]
            issue("middle", key, "root", ROOT_KEY, CA),
        ]

    levels = [issue(f"{n}", MIDDLE_KEY, f"{n + 1}", MIDDLE_KEY, CA) for n in range(9)]
    deep = {
        f"with {n} between": (
            [issue("leaf", LEAF_KEY, f"{9 - n}", MIDDLE_KEY, LEAF), *levels[9 - n :]],
            [issue("9", MIDDLE_KEY, "9", MIDDLE_KEY, CA)],
        )
        for n in (5, 7, 8, 9)
    }
    same_key = issue("middle", MIDDLE_KEY, "elsewhere", WIDE, CA)
    return deep | {
        "as it should be": ([one, middle], [ROOT]),
        "without the one between": ([one], [ROOT]),
        "with the root": ([one, middle, ROOT], [ROOT]),
        "in disorder, with others": ([one, ROOT, same_key, leaf(), middle], [ROOT]),
        "of a root nobody trusts": ([one, middle, ROOT], [root()]),
        "of another root of that name": ([one, middle], [issue("root", WIDE, "root", WIDE, CA)]),
        "of two roots of that name": ([one, middle], [issue("root", WIDE, "root", WIDE, CA), ROOT]),
        "of nobody": ([one, middle], []),
        "whose root is the one between": ([one], [middle]),
        "whose root is itself": ([one], [one]),
        "of an expired root": ([one, middle], [root(end=NOW - DAY / 2)]),
        "of a root to come": ([one, middle], [root(start=NOW + DAY / 2)]),
        "expired between": through(CA, end=NOW - DAY / 2),
        "without constraints between": through([(CERTIFYING, True)]),
        "without usage between": through([(AUTHORITY, True)]),
        "no authority between": through(LEAF),
        "an authority that may not certify": through([(AUTHORITY, True), (SIGNING, True)]),
        "constraints not critical": through([(AUTHORITY, False), (CERTIFYING, True)]),
        "usage not critical": through([(AUTHORITY, True), (CERTIFYING, False)]),
        "no length allowed, none needed": through([(x509.BasicConstraints(True, 0), True), (CERTIFYING, True)]),
        "no length allowed, one needed": (
            [one, middle],
            [issue("root", ROOT_KEY, "root", ROOT_KEY, [(x509.BasicConstraints(True, 0), True), (CERTIFYING, True)])],
        ),
        "something unknown between": through([*CA, (UNKNOWN, False)]),
        "something unknown and critical between": through([*CA, (UNKNOWN, True)]),
        "points critical between": through([*CA, (POINTS, True)]),
        "points between": through([*CA, (POINTS, False)]),
        "access critical between": through([*CA, (ACCESS, True)]),
        "access between": through([*CA, (ACCESS, False)]),
        "issuer by name alone": through([*CA, (BY_NAME, False)]),
        "for servers between": through([*CA, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)]),
        "for clients between": through([*CA, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)]),
        "for anything between": through(
            [*CA, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]), False)]
        ),
        "for clients, critical": through([*CA, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), True)]),
        "names constrained": through([*CA, (x509.NameConstraints([x509.RFC822Name("example.org")], None), True)]),
        "signer's something unknown and critical": ended([*LEAF, (UNKNOWN, True)]),
        "signer's points critical": ended([*LEAF, (POINTS, True)]),
        "signer with a name": ended([*LEAF, (MAIL, False)]),
        "signer without constraints": ended([(SIGNING, True)]),
        "signer without usage": ended([(x509.BasicConstraints(False, None), True)]),
        "signer an authority": ended([(AUTHORITY, True), (SIGNING, True)]),
        "signer for signatures alone": ended([LEAF[0], (usage("digital_signature"), True)]),
        "signer for commitment alone": ended([LEAF[0], (usage("content_commitment"), True)]),
        "signer expired": ended(LEAF, end=NOW - DAY / 2),
        "signer to come": ended(LEAF, start=NOW + DAY / 2),
        "signer until after 2050": ended(LEAF, end=datetime(2051, 1, 1)),
        "signed with SHA-384": ended(LEAF, hashed=hashes.SHA384()),
        "signed with SHA-512": ended(LEAF, hashed=hashes.SHA512()),
        "signed with SHA-224": ended(LEAF, hashed=hashes.SHA224()),
        "a wider curve": (keyed(WIDE), [ROOT]),
        "a wider curve and hash": (keyed(WIDE, hashed=hashes.SHA384()), [ROOT]),
        "the widest curve and hash": (keyed(WIDEST, hashed=hashes.SHA512()), [ROOT]),
        "RSA": (keyed(RSA), [ROOT]),
        "RSA with SHA-512": (keyed(RSA, hashed=hashes.SHA512()), [ROOT]),
        "RSA with PSS": (keyed(RSA, pss=True), [ROOT]),
        "RSA with PSS and SHA-384": (keyed(RSA, pss=True, hashed=hashes.SHA384()), [ROOT]),
        "RSA too short": (keyed(WEAK), [ROOT]),
        "an issuer without a name": (
            [issue("leaf", LEAF_KEY, "", ROOT_KEY, LEAF)],
            [issue("", ROOT_KEY, "", ROOT_KEY, CA)],
        ),
    }  # fmt: skip


def accepts(chain: list[x509.Certificate], roots: list[x509.Certificate]) -> bool:
    try:
        check_chain([read_certificate(one.public_bytes(Encoding.DER)) for one in chain], roots, NOW)
    except (SignatureError, ValueError):
        return False
    return True


def test_the_same_chains_lead_to_a_root(page: Page) -> None:
    cases = chains()
    spelled = [
        [[base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in side] for side in case]
        for case in cases.values()
    ]
    script = """async ([cases, at]) => {
        const verdicts = [];
        for (const one_case of cases) {
            const [chain, roots] = one_case.map((side) => side.map((one) => certificate(base64(one))));
            verdicts.push(await checkSigner(chain, roots, at).then(() => true, () => false));
        }
        return verdicts;
    }"""
    found = dict(zip(cases, page.evaluate(script, [spelled, NOW.timestamp() * 1000]), strict=True))
    expected = {name: accepts(chain, roots) for name, (chain, roots) in cases.items()}
    assert found == expected
    assert 15 < sum(expected.values()) < len(expected) - 15
