"""Timestamps for what is issued: from the authority that YJZ_TSA_URL names, else from our own."""

import hashlib
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings

from yuejingzhun.evidence.authority import issue_timestamp_signer
from yuejingzhun.evidence.bundle import POLICIES
from yuejingzhun.evidence.keys import SigningIdentity
from yuejingzhun.evidence.timestamp.client import stamp_over_http
from yuejingzhun.evidence.timestamp.clock import TrustedClock
from yuejingzhun.evidence.timestamp.kernel_clock import monitored_offset
from yuejingzhun.evidence.timestamp.request import TimestampRequest
from yuejingzhun.evidence.timestamp.responder import Responder
from yuejingzhun.evidence.timestamp.serials import SerialFile
from yuejingzhun.evidence.timestamp.token import check_timestamp
from yuejingzhun.platform.operations.certificates import signing

ACCURACY = timedelta(seconds=1)


def wall() -> int:
    """Nanoseconds since 1970; a door for tests, whose certificates are of one fixed day."""
    return time.time_ns()


def stamp(data: bytes) -> bytes:
    """A TimeStampResp over these data; raises TimestampError where there is none to be had."""
    now = datetime.fromtimestamp(wall() / 1e9, UTC)
    if settings.TSA_URL:
        return stamp_over_http(settings.TSA_URL, data, signing.anchors(now), now, POLICIES)
    answer = responder().answer(TimestampRequest(hashlib.sha256(data).digest()).encode())
    check_timestamp(answer, data, signing.anchors(now), now, POLICIES)
    return answer


def responder() -> Responder:
    """Our own authority, its key made at its first use."""
    identity = signing.kept("timestamps", _new)
    return _responder(settings.KEYS, identity.certificate.serial_number)


def _new() -> SigningIdentity:
    now = datetime.fromtimestamp(wall() / 1e9, UTC)
    return issue_timestamp_signer(signing.authority(now), "粤精准演示时间戳服务", now)


def _offset() -> timedelta | None:
    return monitored_offset() if settings.TSA_CLOCK_IS_MONITORED else None


@cache
def _responder(keys: Path, _serial: int) -> Responder:
    identity = signing.kept("timestamps", _new)
    # Through a function, so that what stands in for the clock later is asked too.
    clock = TrustedClock(ACCURACY, wall=lambda: wall(), offset=_offset)
    return Responder(identity, clock, SerialFile(keys / "timestamps.serial").take)
