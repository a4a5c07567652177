"""The list of all that no longer holds as of a checkpoint, signed by the log's key: what an offline check needs to say
that a certificate has not been revoked or superseded, which a log by itself can't prove.

    <origin>/standing
    <time, UTC>
    <the checkpoint with its signatures, base64>
    <number> <event> <index in the log>        one a line, in the order of the log

Whoever holds a revocation with an index below the checkpoint's size that is not in the list holds proof of a lie.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime

from yuejingzhun.evidence.log.checkpoint import parse_decimal
from yuejingzhun.evidence.log.note import Note, NoteError, parse_note
from yuejingzhun.evidence.log.note_signer import NoteSigner, signed_by
from yuejingzhun.evidence.log.policy import CLOCK_TOLERANCE, Policy, Witnessed, check_checkpoint

SUFFIX = "/standing"
LARGEST_LIST = 64 * 1024 * 1024  # more than a million certificates
TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Ended:
    """That a certificate no longer holds, by the entry at this index."""

    number: str
    event: str
    index: int


@dataclass(frozen=True, slots=True)
class StandingList:
    """All that ended among the entries that a checkpoint covers, as said at a time."""

    at: datetime
    checkpoint: bytes
    ended: tuple[Ended, ...]

    def text(self, origin: str) -> str:
        """What is signed."""
        head = f"{origin}{SUFFIX}\n{self.at.astimezone(UTC).strftime(TIME)}\n"
        lines = "".join(f"{one.number} {one.event} {one.index}\n" for one in self.ended)
        return f"{head}{base64.b64encode(self.checkpoint).decode()}\n{lines}"

    def signed(self, signer: NoteSigner) -> bytes:
        """The list as its file."""
        text = self.text(signer.key.name)
        return Note(text, (signer.sign(text, int(self.at.timestamp())),)).encode()

    def ending_of(self, number: str) -> Ended | None:
        """How that certificate ended, if it did."""
        return next((one for one in self.ended if one.number == number), None)


def parse_standing_list(data: bytes, policy: Policy, seconds: int) -> tuple[StandingList, Witnessed]:
    """The list and the checkpoint that it covers; `seconds` since 1970 is now. Raises NoteError."""
    note = parse_note(data, LARGEST_LIST)
    lines = note.text.split("\n")
    if len(lines) < 4 or lines[0] != policy.log.name + SUFFIX:
        raise NoteError(f"不是 {policy.log.name} 的失效清单")
    if signed_by(note, policy.log) is None:
        raise NoteError("失效清单没有日志的签名")
    try:
        at = datetime.strptime(lines[1], TIME).replace(tzinfo=UTC)
        checkpoint = base64.b64decode(lines[2], validate=True)
    except (ValueError, binascii.Error) as error:
        raise NoteError("失效清单的时间或检查点无法读取") from error
    witnessed = check_checkpoint(checkpoint, policy, seconds)
    found = StandingList(at, checkpoint, tuple(map(_ended, lines[3:-1])))
    if found.text(policy.log.name) != note.text:
        raise NoteError("失效清单不是规范形式")
    if at.timestamp() > seconds + CLOCK_TOLERANCE:
        raise NoteError("失效清单的时间在未来")
    if any(one.index >= witnessed.checkpoint.size for one in found.ended):
        raise NoteError("失效清单列出了检查点之后的条目")
    return found, witnessed


def _ended(line: str) -> Ended:
    words = line.split(" ")
    if len(words) != 3 or not all(words):
        raise NoteError(f"失效清单中的 {line[:60]!r} 无法读取")
    return Ended(words[0], words[1], parse_decimal(words[2]))
