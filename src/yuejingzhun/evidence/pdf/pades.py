"""The signature on the printed certificate itself (PAdES, ETSI EN 319 142-1): binds its text as XAdES binds the data.

Judged by `bottom_line`: after an edit that is appended to the file, the bytes that were signed are still intact.
"""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError as BrokenPdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, Signer
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from yuejingzhun.evidence.entry import sign_bytes
from yuejingzhun.evidence.keys import SigningIdentity, read_certificate
from yuejingzhun.evidence.signature import SignatureError, check_chain, is_unreadable

RESERVED = 16 * 1024  # for the signature with its certificates, in hexadecimal digits
CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class PdfSignature:
    """Who signed the printed certificate, and when he says that he did."""

    signer: x509.Certificate
    signed_at: datetime


class _IdentitySigner(Signer):
    """What the library asks of a signer, answered by one of our identities."""

    def __init__(self, identity: SigningIdentity) -> None:
        registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        registry.register_multiple(map(_asn1, (identity.certificate, *identity.chain)))
        super().__init__(signing_cert=_asn1(identity.certificate), cert_registry=registry, embed_roots=False)
        self.identity = identity

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """The signature over the attributes; ours are all with SHA-256."""
        if digest_algorithm != "sha256":
            raise SigningError(f"unexpected digest {digest_algorithm}")
        return sign_bytes(data, self.identity)


def sign_pdf(pdf: bytes, identity: SigningIdentity, at: datetime) -> bytes:
    """The PDF with an invisible signature appended; `at` is the signing time in UTC."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    meta = PdfSignatureMetadata("Signature", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    session = PdfSigner(meta, _IdentitySigner(identity)).init_signing_session(writer)
    # The library would write the machine's clock; the time of signing is the caller's to say.
    session.system_time = at
    document = session.prepare_tbs_document(validation_info=None, bytes_reserved=RESERVED)
    output = io.BytesIO()
    prepared, _ = document.digest_tbs_document(output=output)
    attributes = PdfCMSSignedAttributes(signing_time=at)

    async def finish() -> None:
        signed = await document.perform_signature(prepared.document_digest, pdf_cms_signed_attrs=attributes)
        await signed.post_signature_processing(output)

    asyncio.run(finish())
    return output.getvalue()


def verify_pdf(pdf: bytes, anchors: Sequence[x509.Certificate], at: datetime) -> PdfSignature:
    """Who signed the whole file; raises SignatureError. `anchors` are the only roots trusted, `at` is now."""
    try:
        return _verify(pdf, anchors, at)
    except SignatureError:
        raise
    except (BrokenPdfError, SignatureValidationError) as error:
        raise SignatureError("broken", f"PDF 签名无法读取（{error}）") from error
    # What hostile PDFs make the library raise is an open list; each means the same to the user.
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError) as error:
        raise SignatureError("broken", f"PDF 已损坏，签名无法读取（{type(error).__name__}）") from error


def _verify(pdf: bytes, anchors: Sequence[x509.Certificate], at: datetime) -> PdfSignature:
    signatures = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    if len(signatures) != 1:
        raise SignatureError(
            "absent" if not signatures else "duplicate", f"PDF 有 {len(signatures)} 个签名，应恰有一个"
        )
    embedded = signatures[0]
    _check_coverage(pdf, embedded)
    signed_at = embedded.self_reported_timestamp
    if signed_at is None or signed_at.tzinfo is None:
        raise SignatureError("time", "PDF 签名没有写明签名时间")
    if signed_at > at + CLOCK_TOLERANCE:
        raise SignatureError("future", f"PDF 签名时间 {signed_at.isoformat()} 在未来")
    signer = read_certificate(embedded.signer_cert.dump())
    others = [read_certificate(other.dump()) for other in embedded.other_embedded_certs]
    check_chain([signer, *others], anchors, signed_at)
    context = ValidationContext(
        trust_roots=[_asn1(anchor) for anchor in anchors if not is_unreadable(anchor)],
        moment=signed_at,
        allow_fetching=False,
    )
    status = validate_pdf_signature(embedded, context)
    if not status.bottom_line:
        raise SignatureError("broken", "PDF 签名不成立：签名之后被改动，或签名不覆盖整个文件")
    return PdfSignature(signer, signed_at)


def _check_coverage(pdf: bytes, embedded: EmbeddedPdfSignature) -> None:
    # The library accepts what is appended to the file if it finds it harmless; we append nothing, so nothing may be.
    first, start, end, rest = (int(value) for value in embedded.byte_range)
    if first != 0 or end + rest != len(pdf):
        raise SignatureError("broken", "PDF 签名不成立：签名之后被改动，或签名不覆盖整个文件")
    # The signature itself stands in a gap of what is signed: there is one right way to fill that gap.
    content: bytes = embedded.pkcs7_content
    size = 4 + int.from_bytes(content[2:4], "big")
    if (
        content[:2] != b"\x30\x82"
        or any(content[size:])
        or pdf[start:end] != b"<" + content.hex().upper().encode() + b">"
    ):
        raise SignatureError("broken", "PDF 签名处被改动")


def _asn1(certificate: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))
