"""The enveloped XAdES signature of a DCC (ETSI EN 319 132-1), made and checked with explicit trust.

Canonical XML 1.1 is pinned: with exclusive canonicalisation, verifiers were seen to disagree.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import verification
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier
from signxml.xades.xades import XAdESDataObjectFormat, XAdESSignatureConfiguration, XAdESSigner, XAdESVerifier

from yuejingzhun.evidence.dcc.gate import UnusableXmlError, parse
from yuejingzhun.evidence.dcc.tree import text_of
from yuejingzhun.evidence.keys import SigningIdentity, read_certificate

DS, XADES = "http://www.w3.org/2000/09/xmldsig#", "http://uri.etsi.org/01903/v1.3.2#"
METHODS = frozenset({SignatureMethod.ECDSA_SHA256, SignatureMethod.RSA_SHA256})
DIGESTS = frozenset({DigestAlgorithm.SHA256})
SIGNED_PARTS = {f"{{{XADES}}}QualifyingProperties", f"{{{XADES}}}SignedProperties"}
MOST_NAMESPACES, MOST_ATTRIBUTES = 10_000, 1_000
ENCODINGS_OF_MARKS = ("ascii", "utf-16-le", "utf-16-be")
REFERENCES = 3  # the document, the certificate in KeyInfo, the signed properties
CLOCK_TOLERANCE = timedelta(minutes=5)


class SignatureError(ValueError):
    """The document is not validly signed; `code` is stable, the message is in Chinese."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class SignatureResult:
    """What a valid signature covers: read the document from `signed` only, never from the bytes that were given."""

    signed: etree._Element
    signer: x509.Certificate
    signed_at: datetime


def sign_xml(data: bytes, identity: SigningIdentity, at: datetime) -> bytes:
    """The document with its signature as the last child of the root; `at` is the signing time in UTC."""
    root = parse(data)
    signer = XAdESSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=_method(identity),
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_1,
        data_object_format=XAdESDataObjectFormat(Description="Digital Calibration Certificate", MimeType="text/xml"),
    )
    # The library would write the machine's clock; the time of signing is the caller's to say.
    signer.signed_signature_properties_annotators[0] = _stamp(at)
    chain = [identity.certificate, *(c for c in identity.chain if c.subject != c.issuer)]
    signed = signer.sign(root, key=identity.key, cert=chain, always_add_key_value=False)
    return etree.tostring(signed, xml_declaration=True, encoding="UTF-8")


def verify_xml(data: bytes, anchors: Sequence[x509.Certificate], at: datetime) -> SignatureResult:
    """What was signed, by whom and when; raises SignatureError.

    `anchors` are the only roots trusted. `at` is now: a signature from the future is refused. The certificate
    must have been valid at the time of signing, and be one for signatures on documents.
    """
    root = _readable(data)
    signature = _only_signature(root)
    _check_objects(signature)
    chain = _certificates(signature)
    if next(signature.iter(f"{{{XADES}}}SigningTime"), None) is None:
        raise _timeless(data, chain[0])
    signed_at = _signing_time(signature)
    if signed_at > at + CLOCK_TOLERANCE:
        raise SignatureError("future", f"签名时间 {signed_at.isoformat()} 在未来")
    check_chain(chain, anchors, signed_at)
    config = XAdESSignatureConfiguration(
        location="./",
        expect_references=REFERENCES,
        signature_methods=METHODS,
        digest_algorithms=DIGESTS,
        verification_time=signed_at,
    )
    try:
        results = XAdESVerifier().verify(data, x509_cert=chain[0], expect_config=config)
    except (SignXMLException, etree.LxmlError, ValueError) as error:
        raise SignatureError("broken", f"签名不成立：内容或签名在签名之后被改动（{error}）") from error
    return SignatureResult(_signed_root(results, root), chain[0], signed_at)


def _method(identity: SigningIdentity) -> SignatureMethod:
    return SignatureMethod.RSA_SHA256 if isinstance(identity.key, rsa.RSAPrivateKey) else SignatureMethod.ECDSA_SHA256


def _stamp(at: datetime) -> Any:
    def add_signing_time(properties: etree._Element, **_: Any) -> None:
        element = etree.SubElement(properties, f"{{{XADES}}}SigningTime")
        element.text = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    return add_signing_time


def _readable(data: bytes) -> etree._Element:
    try:
        root = parse(data)
    except UnusableXmlError as error:
        raise SignatureError("unreadable", str(error)) from error
    # Canonicalisation turns CDATA into text, so a signature would hold with it, and readers differ in what they see.
    if any("<![CDATA[".encode(encoding) in data for encoding in ENCODINGS_OF_MARKS):
        raise SignatureError("cdata", "文件中有 CDATA，可能用来遮掩内容，拒绝接受")
    # Canonicalisation drops comments, so a signature would hold with one inserted, and a naive reader stop at it.
    outside = root.getprevious() is not None or root.getnext() is not None
    if outside or any(not isinstance(node.tag, str) for node in root.iter()):
        raise SignatureError("comment", "文件中有注释或处理指令，可能用来遮掩内容，拒绝接受")
    # To canonicalise them costs the square of their number.
    if any(data.count("xmlns".encode(encoding)) > MOST_NAMESPACES for encoding in ENCODINGS_OF_MARKS):
        raise SignatureError("size", f"命名空间声明超过 {MOST_NAMESPACES} 个，拒绝读取")
    if any(len(node.attrib) > MOST_ATTRIBUTES for node in root.iter()):
        raise SignatureError("size", f"一个元素的属性超过 {MOST_ATTRIBUTES} 个，拒绝读取")
    return root


def _only_signature(root: etree._Element) -> etree._Element:
    found = list(root.iter(f"{{{DS}}}Signature"))
    if not found:
        raise SignatureError("absent", "文件没有签名")
    if len(found) > 1:
        raise SignatureError("duplicate", f"文件有 {len(found)} 个签名，应只有一个")
    if found[0].getparent() is not root or found[0].getnext() is not None:
        raise SignatureError("misplaced", "签名不在文件末尾的规定位置")
    return found[0]


def _check_objects(signature: etree._Element) -> None:
    # What stands in the signature but isn't signed could be taken for something that is.
    objects = signature.findall(f"{{{DS}}}Object")
    properties = list(signature.iter(f"{{{XADES}}}QualifyingProperties"))
    within = [child for parent in (*objects, *properties) for child in parent]
    tags = [child.tag for child in within]
    texts = [*(parent.text for parent in (*objects, *properties)), *(child.tail for child in within)]
    if (
        len(objects) > 1
        or len(properties) > 1
        or set(tags) - SIGNED_PARTS
        or len(tags) > len(SIGNED_PARTS)
        or any(text and text.strip() for text in texts)
    ):
        raise SignatureError("object", "签名中有不受签名保护的附加内容，拒绝接受")


def _certificates(signature: etree._Element) -> list[x509.Certificate]:
    elements = signature.findall(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate")
    try:
        found = [
            read_certificate(base64.b64decode("".join(text_of(element).split()), validate=True)) for element in elements
        ]
        if not found:
            raise ValueError("no certificate")
    except ValueError as error:
        raise SignatureError("certificate", "签名中没有可读的签名人证书") from error
    return found


def _timeless(data: bytes, leaf: x509.Certificate) -> SignatureError:
    """Why a signature without a time is not accepted: because it doesn't even hold, or because nobody says when."""
    config = SignatureConfiguration(location="./", signature_methods=METHODS, digest_algorithms=DIGESTS)
    try:
        XMLVerifier().verify(data, x509_cert=leaf, expect_config=config)
    except (SignXMLException, etree.LxmlError, ValueError) as error:
        return SignatureError("broken", f"签名不成立：内容或签名在签名之后被改动（{error}）")
    return SignatureError("time", "内容没有被改动，但签名不是 XAdES：没有签名时间，不能判断签名时证书是否有效")


def _signing_time(signature: etree._Element) -> datetime:
    times = list(signature.iter(f"{{{XADES}}}SigningTime"))
    try:
        (element,) = times
        time = datetime.fromisoformat(text_of(element))
    except ValueError as error:
        raise SignatureError("time", "签名中没有可读的签名时间") from error
    if time.tzinfo is None:
        raise SignatureError("time", "签名时间没有时区")
    return time


def check_chain(chain: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate], at: datetime) -> None:
    """Raises SignatureError unless the first of the chain could sign documents then, and leads to a trusted root."""
    leaf = chain[0]
    if not anchors:
        raise SignatureError("untrusted", "没有指定信任的根证书")
    if not leaf.not_valid_before_utc <= at <= leaf.not_valid_after_utc:
        span = f"{leaf.not_valid_before_utc:%Y-%m-%d} 至 {leaf.not_valid_after_utc:%Y-%m-%d}"
        raise SignatureError("expired", f"签名时间 {at.isoformat()} 不在签名人证书的有效期内（{span}）")
    check_purpose(leaf)
    check_path(chain, anchors, at)


def check_path(chain: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate], at: datetime) -> None:
    """Raises SignatureError unless the first of the chain leads to a trusted root, all valid at that time."""
    known = [anchor for anchor in anchors if not is_unreadable(anchor)]
    if not known:
        raise SignatureError("untrusted", "信任的根证书中没有 ECDSA 或 RSA 的")
    permissive = verification.ExtensionPolicy.permit_all()
    authority = verification.ExtensionPolicy.webpki_defaults_ca()
    builder = verification.PolicyBuilder().store(verification.Store(known)).time(at)
    verifier = builder.extension_policies(ee_policy=permissive, ca_policy=authority).build_client_verifier()
    try:
        verifier.verify(chain[0], list(chain[1:]))
    except verification.VerificationError as error:
        raise SignatureError("untrusted", f"签名人证书不能追溯到信任的根证书（{error}）") from error


def is_unreadable(certificate: x509.Certificate) -> bool:
    """Whether it is for a key of a kind, such as SM2, through which no chain can be built here."""
    try:
        certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return True
    return False


def check_purpose(leaf: x509.Certificate) -> None:
    """Raises SignatureError unless the certificate is one for signatures on documents."""
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
        constraints = leaf.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, ValueError) as error:
        raise SignatureError("purpose", "签名人证书没有写明密钥用途") from error
    if constraints.ca or not (usage.digital_signature and usage.content_commitment):
        raise SignatureError("purpose", "签名人证书的密钥用途不含文件签名（数字签名与抗抵赖）")


def _signed_root(results: Any, root: etree._Element) -> etree._Element:
    signed = [result.signed_xml for result in results if result.signed_xml is not None]
    whole = [element for element in signed if element.tag == root.tag]
    if len(whole) != 1:
        raise SignatureError("wrapped", "签名覆盖的不是整个文件")
    element: etree._Element = whole[0]
    return element
