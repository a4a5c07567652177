"""Checking a timestamp (RFC 3161 2.2, RFC 5816) with explicit trust, an allow-list of policies and our own bounds."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from yuejingzhun.evidence.keys import read_certificate
from yuejingzhun.evidence.signature import SignatureError, check_path
from yuejingzhun.evidence.timestamp import der

LARGEST_TOKEN = 64 * 1024
CLOCK_TOLERANCE = timedelta(minutes=5)
GRANTED = (0, 1)  # granted, and granted with modifications
HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class TimestampError(ValueError):
    """The timestamp doesn't hold; `code` is stable, the message is in Chinese."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Timestamp:
    """That an authority saw something at a time (UTC)."""

    at: datetime
    policy: str
    serial: int
    nonce: int | None
    authority: x509.Certificate


def check_timestamp(
    response: bytes,
    data: bytes,
    anchors: Sequence[x509.Certificate],
    now: datetime,
    policies: Collection[str],
) -> Timestamp:
    """The timestamp over these data in a TimeStampResp; raises TimestampError.

    `anchors` are the only roots trusted, `policies` the only ones accepted. A time beyond `now` is refused, and so is
    one outside the validity of the authority's certificate: verifiers were seen to differ on both.
    """
    if len(response) > LARGEST_TOKEN:
        raise TimestampError("format", f"时间戳过大：{len(response)} 字节")
    try:
        return _check(response, data, anchors, now, policies)
    except TimestampError:
        raise
    # What hostile bytes make the parser raise is an open list; each means the same to the user.
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError) as error:
        raise TimestampError("format", f"时间戳无法读取（{type(error).__name__}）") from error


def _check(
    response: bytes, data: bytes, anchors: Sequence[x509.Certificate], now: datetime, policies: Collection[str]
) -> Timestamp:
    signed = _signed_data(response)
    content = signed["encap_content_info"]["content"]
    info = tsp.TSTInfo.load(bytes(content), strict=True)
    signer = _only(signed["signer_infos"], "签名人")
    authority, chain = _certificates(signed, signer)
    _check_attributes(signer, bytes(content), authority)
    _check_signature(signer, authority)
    _check_imprint(info, data)
    at, policy = info["gen_time"].native, info["policy"].native
    if info["policy"].dotted not in policies:
        raise TimestampError("policy", f"时间戳的策略 {info['policy'].dotted} 不在接受的名单中")
    if at > now + CLOCK_TOLERANCE:
        raise TimestampError("future", f"时间戳的时间 {at.isoformat()} 在未来")
    _check_authority(authority, chain, anchors, at)
    nonce = info["nonce"].native
    return Timestamp(at, info["policy"].dotted if policy else "", info["serial_number"].native, nonce, authority)


def _signed_data(response: bytes) -> Any:
    token = cms.ContentInfo.load(_granted(response), strict=True)
    if token["content_type"].native != "signed_data":
        raise TimestampError("format", "时间戳不是签名数据")
    signed = token["content"]
    if signed["encap_content_info"]["content_type"].native != "tst_info":
        raise TimestampError("format", "签名的不是时间戳")
    return signed


def _granted(response: bytes) -> bytes:
    """The token in an answer (RFC 3161 2.4.2); a refusal has none, but a text."""
    content, rest = der.expect(der.SEQUENCE, response)
    status, token = der.expect(der.SEQUENCE, content)
    value, details = der.expect(der.INTEGER, status)
    if der.read_integer(value) in GRANTED and token and not rest:
        return token
    raise TimestampError("refused", f"时间戳机构拒绝了请求：{_refusal(details)}")


def _refusal(details: bytes) -> str:
    texts = []
    if details[:1] == bytes([der.SEQUENCE]):
        free, _ = der.expect(der.SEQUENCE, details)
        while free:
            _, text, free = der.read(free)
            texts.append(text.decode(errors="replace")[:200])
    return "；".join(texts) or "没有说明原因"


def _only(values: Any, what: str) -> Any:
    if len(values) != 1:
        raise TimestampError("format", f"时间戳有 {len(values)} 个{what}，应恰有一个")
    return values[0]


def _certificates(signed: Any, signer: Any) -> tuple[x509.Certificate, list[x509.Certificate]]:
    if signer["sid"].name != "issuer_and_serial_number":
        raise TimestampError("format", "时间戳的签名人没有以颁发者和序列号指明")
    given = [read_certificate(choice.chosen.dump()) for choice in signed["certificates"] or ()]
    wanted = signer["sid"].chosen
    for certificate in given:
        same_issuer = certificate.issuer.public_bytes() == wanted["issuer"].dump()
        if same_issuer and certificate.serial_number == wanted["serial_number"].native:
            return certificate, [other for other in given if other != certificate]
    raise TimestampError("certificate", "时间戳中没有签名人的证书")


def _check_attributes(signer: Any, content: bytes, authority: x509.Certificate) -> None:
    attributes: dict[str, Any] = {}
    for attribute in signer["signed_attrs"]:
        if attribute["type"].native in attributes:
            raise TimestampError("attributes", "时间戳的签名属性重复")
        attributes[attribute["type"].native] = _only(attribute["values"], "属性值")
    digest = hashlib.new(_hash_name(signer), content).digest()
    if attributes["content_type"].native != "tst_info" or attributes["message_digest"].native != digest:
        raise TimestampError("broken", "时间戳的内容在签名之后被改动")
    essence = attributes["signing_certificate_v2"]["certs"][0]
    algorithm = essence["hash_algorithm"]["algorithm"].native
    if algorithm not in HASHES or essence["cert_hash"].native != authority.fingerprint(HASHES[algorithm]):
        raise TimestampError("certificate", "时间戳所签的证书不是签名人的证书")


def _hash_name(signer: Any) -> str:
    name: str = signer["digest_algorithm"]["algorithm"].native
    if name not in HASHES:
        raise TimestampError("algorithm", f"不接受哈希算法 {name}")
    return name


def _check_signature(signer: Any, authority: x509.Certificate) -> None:
    signature, algorithm = signer["signature"].native, signer["signature_algorithm"]["algorithm"].native
    message = cms.CMSAttributes.load(signer["signed_attrs"].untag().dump()).dump()
    try:
        key = authority.public_key()
        if isinstance(key, ec.EllipticCurvePublicKey) and algorithm.endswith("_ecdsa"):
            key.verify(signature, message, ec.ECDSA(HASHES[algorithm.removesuffix("_ecdsa")]))
        elif isinstance(key, rsa.RSAPublicKey) and algorithm in ("rsassa_pkcs1v15", "sha256_rsa", "sha512_rsa"):
            named = algorithm.removesuffix("_rsa") if algorithm.endswith("_rsa") else _hash_name(signer)
            key.verify(signature, message, padding.PKCS1v15(), HASHES[named])
        else:
            raise TimestampError("algorithm", f"时间戳的签名算法 {algorithm} 与密钥不符或不被接受")
    except (InvalidSignature, UnsupportedAlgorithm) as error:
        raise TimestampError("broken", "时间戳的签名不成立") from error


def _check_imprint(info: Any, data: bytes) -> None:
    imprint = info["message_imprint"]
    if info["version"].native != "v1" or imprint["hash_algorithm"]["algorithm"].native != "sha256":
        raise TimestampError("algorithm", "时间戳应为第 1 版，哈希应为 SHA-256")
    if imprint["hashed_message"].native != hashlib.sha256(data).digest():
        raise TimestampError("imprint", "时间戳不是这份文件的")


def _check_authority(
    authority: x509.Certificate, chain: list[x509.Certificate], anchors: Sequence[x509.Certificate], at: datetime
) -> None:
    if not authority.not_valid_before_utc <= at <= authority.not_valid_after_utc:
        raise TimestampError("expired", f"时间戳的时间 {at.isoformat()} 不在其机构证书的有效期内")
    try:
        usage = authority.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound as error:
        raise TimestampError("purpose", "时间戳机构的证书没有写明用途") from error
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise TimestampError("purpose", "时间戳机构的证书用途应为（且仅为）时间戳")
    try:
        check_path([authority, *chain], anchors, at)
    except SignatureError as error:
        raise TimestampError("untrusted", "时间戳机构的证书不能追溯到信任的根证书") from error
