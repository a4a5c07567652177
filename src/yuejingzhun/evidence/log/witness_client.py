"""Asking a witness to cosign (C2SP tlog-witness), from the log's side."""

import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from yuejingzhun.evidence.log.checkpoint import parse_checkpoint, parse_decimal
from yuejingzhun.evidence.log.high_water import RolledBackError
from yuejingzhun.evidence.log.note import Note, NoteError, NoteKey, SignatureLine, parse_note, parse_signature_lines
from yuejingzhun.evidence.log.note_signer import signed_by
from yuejingzhun.evidence.log.witness import SIZE_TYPE, Submission

TIMEOUT = 10  # s
LARGEST_ANSWER = 100_000
Consistency = Callable[[int], Sequence[bytes]]
"""The consistency proof from an older size to the checkpoint's."""


class WitnessError(RuntimeError):
    """The witness can't be reached or didn't answer as it should; the message is in Chinese."""


class UnknownLogError(WitnessError):
    """The witness doesn't know this log, so it can't have seen more of it."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Where a witness is asked, and the keys that it is known by."""

    url: str
    keys: tuple[NoteKey, ...]

    @property
    def name(self) -> str:
        """The name of its keys."""
        return self.keys[0].name


def request_cosignatures(witness: Witness, note: bytes, old: int, consistency: Consistency) -> list[SignatureLine]:
    """The valid cosignatures on this checkpoint; `old` is the size that the witness probably remembers.

    Raises WitnessError, and RolledBackError where the witness has seen more of the log, or another history of it.
    """
    size = parse_checkpoint(parse_note(note).text).size
    status, kind, body = _post(witness, Submission(old, tuple(consistency(old)) if old else (), note))
    if status == 409 and kind == SIZE_TYPE:
        seen = _size(witness, body)
        if seen > size:
            raise RolledBackError(
                f"见证人 {witness.name} 已见过 {seen} 条，而日志只有 {size} 条：数据库可能是旧备份。拒绝签署"
            )
        if seen == old:
            raise RolledBackError(f"见证人 {witness.name} 在 {seen} 条处见过另一个根：历史被改动。拒绝签署")
        status, kind, body = _post(witness, Submission(seen, tuple(consistency(seen)) if seen else (), note))
    said = body[:200].decode(errors="replace").strip()
    if status == 404:
        raise UnknownLogError(f"见证人 {witness.name} 还不认识这本日志：{said}")
    if status == 422:
        raise RolledBackError(f"见证人 {witness.name} 所见的历史与日志不同（{said}）。拒绝签署")
    if status != 200:
        raise WitnessError(f"见证人 {witness.name} 拒绝（{status}）：{said}")
    return _valid_lines(witness, note, body)


def _size(witness: Witness, body: bytes) -> int:
    try:
        return parse_decimal(body.decode("ascii").removesuffix("\n"))
    except (NoteError, UnicodeDecodeError) as error:
        raise WitnessError(f"见证人 {witness.name} 的回答无法读取") from error


def _valid_lines(witness: Witness, note: bytes, body: bytes) -> list[SignatureLine]:
    text = parse_note(note).text
    try:
        lines = parse_signature_lines(body.decode())
        known = {(key.name, key.key_id): key for key in witness.keys}
        found = [line for line in lines if (line.name, line.key_id) in known]
        for line in found:
            signed_by(Note(text, (line,)), known[line.name, line.key_id])
    except (NoteError, UnicodeDecodeError) as error:
        raise WitnessError(f"见证人 {witness.name} 的签名不能接受：{error}") from error
    if not found:
        raise WitnessError(f"见证人 {witness.name} 没有用已知的密钥签名")
    return found


def _post(witness: Witness, submission: Submission) -> tuple[int, str, bytes]:
    if not witness.url.startswith(("http://", "https://")):
        raise WitnessError(f"见证人地址应以 http:// 或 https:// 开头：{witness.url[:80]}")
    url = witness.url.rstrip("/") + "/add-checkpoint"
    request = urllib.request.Request(url, submission.encode(), {"Content-Type": "text/plain"})  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            return answer.status, answer.headers.get_content_type(), answer.read(LARGEST_ANSWER)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get_content_type(), error.read(LARGEST_ANSWER)
    except OSError as error:
        raise WitnessError(f"无法连接见证人 {witness.name}：{error}") from error
