"""Tokens a second of the responder, against the same token put together from asn1crypto's objects.

Run: python benchmarks/timestamp_responder.py
"""

import hashlib
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from yuejingzhun.evidence.authority import create_authority, issue_timestamp_signer
from yuejingzhun.evidence.timestamp.clock import TrustedClock
from yuejingzhun.evidence.timestamp.request import TimestampRequest, parse_request
from yuejingzhun.evidence.timestamp.responder import POLICY, Responder

NOW = datetime.now(UTC)
ROOT = create_authority("根", NOW - timedelta(days=1))
TSA = issue_timestamp_signer(ROOT, "时间戳", NOW)
SERIALS = iter(range(1, 10**9))


def main() -> None:
    """Print both rates, the bare signature's, and the ratio (claim: at least 50)."""
    ours = Responder(TSA, TrustedClock(timedelta(seconds=1)), SERIALS.__next__)
    request = TimestampRequest(hashlib.sha256(b"x").digest(), 12345).encode()
    bare = _rate(lambda: TSA.key.sign(b"x" * 100, ec.ECDSA(hashes.SHA256())), 3000)
    template = _rate(lambda: ours.answer(request), 3000)
    objects = _rate(lambda: _by_objects(request), 60)
    print(f"{platform.machine()}, Python {platform.python_version()}, one core, P-256")
    print(f"bare signature {bare:,.0f} a second; template {template:,.0f}; asn1crypto objects {objects:,.0f}")
    print(f"ratio {template / objects:.1f} (claim: at least 50); of the bare signature {template / bare:.2f}")


def _rate(work: Callable[[], object], count: int) -> float:
    best = 0.0
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(count):
            work()
        best = max(best, count / (time.perf_counter() - began))
    return best


def _by_objects(data: bytes) -> bytes:
    certificate = x509.Certificate.load(TSA.certificate.public_bytes(Encoding.DER))
    sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
    content = _content(parse_request(data), sha256).dump()
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [sha256],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
            "certificates": [certificate],
            "signer_infos": [_signer(content, certificate, sha256)],
        }
    )
    token = cms.ContentInfo({"content_type": "signed_data", "content": signed})
    return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump()


def _content(request: TimestampRequest, sha256: algos.DigestAlgorithm) -> tsp.TSTInfo:
    return tsp.TSTInfo(
        {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": {"hash_algorithm": sha256, "hashed_message": request.digest},
            "serial_number": next(SERIALS),
            "gen_time": datetime.now(UTC),
            "accuracy": {"seconds": 1},
            "nonce": request.nonce,
        }
    )


def _signer(content: bytes, certificate: x509.Certificate, sha256: algos.DigestAlgorithm) -> cms.SignerInfo:
    essence = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(certificate.dump()).digest()})
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(content).digest()]}),
            cms.CMSAttribute(
                {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [essence]})]}
            ),
        ]
    )
    return cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number", {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
            ),
            "digest_algorithm": sha256,
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": TSA.key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
        }
    )


if __name__ == "__main__":
    main()
