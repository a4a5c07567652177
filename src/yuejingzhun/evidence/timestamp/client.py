"""Asking a timestamp authority over HTTP (RFC 3161 3.4)."""

import hashlib
import secrets
import urllib.error
import urllib.request
from collections.abc import Collection, Sequence
from datetime import datetime

from cryptography import x509

from yuejingzhun.evidence.timestamp.request import TimestampRequest
from yuejingzhun.evidence.timestamp.token import LARGEST_TOKEN, TimestampError, check_timestamp

TIMEOUT = 10  # s


def stamp_over_http(
    url: str, data: bytes, anchors: Sequence[x509.Certificate], now: datetime, policies: Collection[str]
) -> bytes:
    """The TimeStampResp of an authority over these data, checked before it is kept; raises TimestampError."""
    if not url.startswith(("http://", "https://")):
        raise TimestampError("address", f"时间戳服务地址应以 http:// 或 https:// 开头：{url[:80]}")
    request = TimestampRequest(hashlib.sha256(data).digest(), secrets.randbits(64))
    answer = _post(url, request.encode())
    if check_timestamp(answer, data, anchors, now, policies).nonce != request.nonce:
        raise TimestampError("nonce", "时间戳的随机数不是所发的：可能是重放的旧答复")
    return answer


def _post(url: str, body: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - checked by the caller
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            content: bytes = answer.read(LARGEST_TOKEN + 1)
            return content
    except urllib.error.HTTPError as error:
        with error:
            raise TimestampError("unreachable", f"时间戳服务 {url} 回答 HTTP {error.code}") from error
    except OSError as error:
        raise TimestampError("unreachable", f"无法连接时间戳服务 {url}：{error}") from error
