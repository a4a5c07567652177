"""What is fuzzed: each target takes bytes and may refuse them in its one way only; all else is a finding.

Run one for long:  python tests/fuzz/run.py proof -max_total_time=3600 corpus-folder
"""

from collections.abc import Callable
from datetime import UTC, datetime

from yuejingzhun.evidence.anchor.proof import AnchorError
from yuejingzhun.evidence.anchor.proof import decode as decode_anchor
from yuejingzhun.evidence.dcc.gate import UnusableXmlError, parse
from yuejingzhun.evidence.entry import EntryError
from yuejingzhun.evidence.entry import decode as decode_entry
from yuejingzhun.evidence.log.checkpoint import parse_checkpoint
from yuejingzhun.evidence.log.note import NoteError, parse_note
from yuejingzhun.evidence.log.proof import parse_proof
from yuejingzhun.evidence.log.witness import parse_submission
from yuejingzhun.evidence.qr import QrError, parse_qr
from yuejingzhun.evidence.timestamp.request import RefusedRequestError, parse_request
from yuejingzhun.evidence.timestamp.token import TimestampError, check_timestamp

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def note(data: bytes) -> None:
    """A signed note, and the checkpoint in it: what is read is written back the same."""
    try:
        found = parse_note(data)
        assert found.encode() == data
        assert parse_checkpoint(found.text).text == found.text
    except NoteError:
        return


def proof(data: bytes) -> None:
    """An inclusion proof."""
    try:
        assert parse_proof(data).encode() == data
    except NoteError:
        return


def submission(data: bytes) -> None:
    """A request to a witness."""
    try:
        assert parse_submission(data).encode() == data
    except NoteError:
        return


def timestamp_request(data: bytes) -> None:
    """A timestamp request."""
    try:
        found = parse_request(data)
        assert parse_request(found.encode()) == found
    except RefusedRequestError:
        return


def timestamp_token(data: bytes) -> None:
    """A timestamp token, which nobody trusts here."""
    try:
        check_timestamp(data, b"data", [], NOW, ())
    except TimestampError:
        return
    raise AssertionError("accepted without trust")


def gate(data: bytes) -> None:
    """The way from foreign bytes to a tree."""
    try:
        parse(data)
    except UnusableXmlError:
        return


def entry(data: bytes) -> None:
    """A canonical statement, and an anchor."""
    for decode in (decode_entry, decode_anchor):
        try:
            decode(data)
        except (EntryError, AnchorError):
            continue


def qr_code(data: bytes) -> None:
    """What a scanned code holds."""
    try:
        parse_qr(data.decode(errors="replace"))
    except QrError:
        return


TARGETS: dict[str, Callable[[bytes], None]] = {
    found.__name__: found
    for found in (note, proof, submission, timestamp_request, timestamp_token, gate, entry, qr_code)
}
