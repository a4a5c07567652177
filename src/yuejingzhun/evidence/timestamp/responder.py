"""A timestamp authority of our own (RFC 3161, RFC 5816): CMS put together from a template, so that it is fast.

What is constant in a token is encoded once; per request only the TSTInfo, its digest and one ECDSA signature are made.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from yuejingzhun.evidence.keys import SigningIdentity
from yuejingzhun.evidence.timestamp import der
from yuejingzhun.evidence.timestamp.clock import ClockError, TrustedClock
from yuejingzhun.evidence.timestamp.request import (
    IMPRINT_ALGORITHM,
    TIME_NOT_AVAILABLE,
    UNACCEPTED_POLICY,
    RefusedRequestError,
    TimestampRequest,
    parse_request,
)

# An object identifier of our own, derived from a UUID (ITU-T X.667), since we are registered nowhere.
POLICY = "2.25.213868398236747512896126083240311046481"
SYSTEM_FAILURE = 25
TOKEN_INFO, SIGNED_DATA = "1.2.840.113549.1.9.16.1.4", "1.2.840.113549.1.7.2"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE_V2, ECDSA_SHA256 = "1.2.840.113549.1.9.16.2.47", "1.2.840.10045.4.3.2"
_DIGEST_ALGORITHM = IMPRINT_ALGORITHM
_CONTEXT_0 = 0xA0


@dataclass(frozen=True, slots=True)
class Responder:
    """An authority: its key with its certificate, its clock, its source of serial numbers, and its policies."""

    identity: SigningIdentity
    clock: TrustedClock
    serial: Callable[[], int]
    policies: tuple[str, ...] = (POLICY,)
    _template: "_Template" = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_template", _Template.of(self.identity.certificate, self.clock))

    def answer(self, request: bytes) -> bytes:
        """The TimeStampResp to a request: with a token, or with the reason why there is none."""
        try:
            return self._grant(parse_request(request))
        except RefusedRequestError as error:
            return _rejection(error.failure, str(error))
        except ClockError as error:
            return _rejection(TIME_NOT_AVAILABLE, str(error))
        except (OSError, ValueError) as error:
            return _rejection(SYSTEM_FAILURE, f"序列号不可用（{type(error).__name__}）")

    def _grant(self, request: TimestampRequest) -> bytes:
        policy = request.policy or self.policies[0]
        if policy not in self.policies:
            raise RefusedRequestError(UNACCEPTED_POLICY, f"不提供策略 {policy}")
        at = self.clock.now()
        info = self._template.token_info(request, policy, self.serial(), at)
        attributes = self._template.attributes(hashlib.sha256(info).digest())
        key = self.identity.key
        assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - _Template.of has refused any other
        signature = key.sign(der.tlv(der.SET, attributes), ec.ECDSA(hashes.SHA256()))
        token = self._template.token(info, attributes, signature, request.certificate_wanted)
        return der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE, der.integer(0)), token)


@dataclass(frozen=True, slots=True)
class _Template:
    """What is the same in every token of one authority."""

    accuracy: bytes
    certificate: bytes
    before_digest: bytes  # the attributes in their order (X.690 11.6), around the digest
    after_digest: bytes
    signer: bytes

    @staticmethod
    def of(certificate: x509.Certificate, clock: TrustedClock) -> "_Template":
        if not isinstance(certificate.public_key(), ec.EllipticCurvePublicKey):
            raise ValueError("the responder signs with ECDSA P-256")
        encoded = certificate.public_bytes(Encoding.DER)
        essence = der.tlv(der.SEQUENCE, der.tlv(der.OCTET_STRING, hashlib.sha256(encoded).digest()))
        mark = bytes(range(32))
        ordered = sorted(
            (
                _attribute(CONTENT_TYPE, der.oid(TOKEN_INFO)),
                _attribute(MESSAGE_DIGEST, der.tlv(der.OCTET_STRING, mark)),
                _attribute(SIGNING_CERTIFICATE_V2, der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE, essence))),
            )
        )
        before, after = b"".join(ordered).split(mark)
        issuer = certificate.issuer.public_bytes()
        return _Template(
            accuracy=_accuracy(clock),
            certificate=der.tlv(_CONTEXT_0, encoded),
            before_digest=before,
            after_digest=after,
            signer=der.integer(1)
            + der.tlv(der.SEQUENCE, issuer, der.integer(certificate.serial_number))
            + _DIGEST_ALGORITHM,
        )

    def token_info(self, request: TimestampRequest, policy: str, serial: int, at: datetime) -> bytes:
        imprint = der.tlv(der.SEQUENCE, IMPRINT_ALGORITHM, der.tlv(der.OCTET_STRING, request.digest))
        nonce = b"" if request.nonce is None else der.integer(request.nonce)
        time = der.tlv(der.GENERALIZED_TIME, _generalized(at))
        return der.tlv(
            der.SEQUENCE, der.integer(1), der.oid(policy), imprint, der.integer(serial), time, self.accuracy, nonce
        )

    def attributes(self, digest: bytes) -> bytes:
        return self.before_digest + digest + self.after_digest

    def token(self, info: bytes, attributes: bytes, signature: bytes, with_certificate: bool) -> bytes:
        signer = der.tlv(
            der.SEQUENCE,
            self.signer,
            der.tlv(_CONTEXT_0, attributes),
            der.tlv(der.SEQUENCE, der.oid(ECDSA_SHA256)),
            der.tlv(der.OCTET_STRING, signature),
        )
        content = der.tlv(der.SEQUENCE, der.oid(TOKEN_INFO), der.tlv(_CONTEXT_0, der.tlv(der.OCTET_STRING, info)))
        signed = der.tlv(
            der.SEQUENCE,
            der.integer(3),
            der.tlv(der.SET, _DIGEST_ALGORITHM),
            content,
            self.certificate if with_certificate else b"",
            der.tlv(der.SET, signer),
        )
        return der.tlv(der.SEQUENCE, der.oid(SIGNED_DATA), der.tlv(_CONTEXT_0, signed))


def _attribute(name: str, value: bytes) -> bytes:
    return der.tlv(der.SEQUENCE, der.oid(name), der.tlv(der.SET, value))


def _accuracy(clock: TrustedClock) -> bytes:
    seconds, rest = divmod(clock.accuracy.total_seconds(), 1)
    millis = round(rest * 1000)
    whole = der.integer(int(seconds)) if seconds else b""
    part = der.tlv(0x80, millis.to_bytes(millis.bit_length() // 8 + 1, "big")) if millis else b""
    return der.tlv(der.SEQUENCE, whole, part)


def _generalized(at: datetime) -> bytes:
    # RFC 3161 2.4.2: fractions without trailing zeros, and none where there is none.
    fraction = f"{at.microsecond:06}".rstrip("0")
    return (at.strftime("%Y%m%d%H%M%S") + (f".{fraction}" if fraction else "") + "Z").encode()


def _rejection(failure: int, message: str) -> bytes:
    text = der.tlv(der.SEQUENCE, der.tlv(der.UTF8, message.encode()))
    bits = bytearray(failure // 8 + 1)
    bits[failure // 8] = 0x80 >> failure % 8
    info = der.tlv(der.BIT_STRING, bytes([7 - failure % 8]), bytes(bits))
    return der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE, der.integer(2), text, info))
