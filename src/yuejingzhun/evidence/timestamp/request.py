"""Timestamp requests (RFC 3161 2.4.1): made, and read from strangers."""

from dataclasses import dataclass

from yuejingzhun.evidence.timestamp import der

SHA256 = "2.16.840.1.101.3.4.2.1"
IMPRINT_ALGORITHM = der.tlv(der.SEQUENCE, der.oid(SHA256), der.tlv(der.NULL))
LARGEST_REQUEST = 1024
LARGEST_NONCE = 2**128


class RefusedRequestError(ValueError):
    """A request that is not answered with a token; `failure` is the bit of PKIFailureInfo (RFC 3161 2.4.2)."""

    def __init__(self, failure: int, message: str) -> None:
        super().__init__(message)
        self.failure = failure


BAD_ALGORITHM, BAD_REQUEST, BAD_FORMAT, TIME_NOT_AVAILABLE, UNACCEPTED_POLICY = 0, 2, 5, 14, 15
UNACCEPTED_EXTENSION = 16


@dataclass(frozen=True, slots=True)
class TimestampRequest:
    """What is to be stamped, as its SHA-256; the nonce comes back in the token."""

    digest: bytes
    nonce: int | None = None
    policy: str | None = None
    certificate_wanted: bool = True

    def encode(self) -> bytes:
        """The request as DER."""
        parts = [der.integer(1), der.tlv(der.SEQUENCE, IMPRINT_ALGORITHM, der.tlv(der.OCTET_STRING, self.digest))]
        if self.policy is not None:
            parts.append(der.oid(self.policy))
        if self.nonce is not None:
            parts.append(der.integer(self.nonce))
        if self.certificate_wanted:
            parts.append(der.tlv(der.BOOLEAN, b"\xff"))
        return der.tlv(der.SEQUENCE, *parts)


def parse_request(data: bytes) -> TimestampRequest:
    """The request in these bytes; raises RefusedRequestError with the failure that the answer must name."""
    if len(data) > LARGEST_REQUEST:
        raise RefusedRequestError(BAD_FORMAT, f"请求过大：{len(data)} 字节")
    try:
        return _parse(data)
    except der.DerError as error:
        raise RefusedRequestError(BAD_FORMAT, f"请求不是 RFC 3161 的 DER（{error}）") from error


def _parse(data: bytes) -> TimestampRequest:
    content, rest = der.expect(der.SEQUENCE, data)
    version, content = der.expect(der.INTEGER, content)
    imprint, content = der.expect(der.SEQUENCE, content)
    if rest or der.read_integer(version) != 1:
        raise RefusedRequestError(BAD_REQUEST, "请求的版本应为 1，其后不应有多余内容")
    digest = _digest(imprint)
    policy = nonce = None
    wanted = False
    if content[:1] == bytes([der.OID]):
        value, content = der.expect(der.OID, content)
        policy = der.read_oid(value)
    if content[:1] == bytes([der.INTEGER]):
        value, content = der.expect(der.INTEGER, content)
        nonce = der.read_integer(value)
        if nonce >= LARGEST_NONCE:
            raise RefusedRequestError(BAD_REQUEST, "随机数过大，应不超过 16 字节")
    if content[:1] == bytes([der.BOOLEAN]):
        value, content = der.expect(der.BOOLEAN, content)
        if value not in (b"\xff", b"\x00"):
            raise der.DerError("a boolean")
        wanted = value == b"\xff"
    if content:
        raise RefusedRequestError(UNACCEPTED_EXTENSION, "不接受请求中的扩展")
    return TimestampRequest(digest, nonce, policy, wanted)


def _digest(imprint: bytes) -> bytes:
    algorithm, rest = der.expect(der.SEQUENCE, imprint)
    name, parameters = der.expect(der.OID, algorithm)
    digest, more = der.expect(der.OCTET_STRING, rest)
    if der.read_oid(name) != SHA256 or parameters not in (b"", der.tlv(der.NULL)):
        raise RefusedRequestError(BAD_ALGORITHM, "只接受 SHA-256 的哈希")
    if len(digest) != 32 or more:
        raise RefusedRequestError(BAD_FORMAT, f"哈希为 {len(digest)} 字节，应为 32 字节")
    return digest
