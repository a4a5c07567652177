"""A witness (C2SP tlog-witness): remembers the last head of each log, and cosigns only what continues it."""

import base64
import fcntl
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from yuejingzhun.evidence.durable import write_durably
from yuejingzhun.evidence.log.checkpoint import Checkpoint, parse_checkpoint, parse_decimal, parse_hash
from yuejingzhun.evidence.log.merkle import EMPTY_ROOT, ProofError, check_consistency
from yuejingzhun.evidence.log.note import Note, NoteError, NoteKey, parse_note
from yuejingzhun.evidence.log.note_signer import NoteSigner, signed_by

LONGEST_PROOF = 63
SIZE_TYPE = "text/x.tlog.size"


class WitnessRefusal(Exception):  # noqa: N818 - an answer of the protocol, not a fault
    """An answer other than a cosignature: the HTTP status and the body that the protocol asks for."""

    def __init__(self, status: int, body: str, content_type: str = "text/plain; charset=utf-8") -> None:
        super().__init__(body)
        self.status, self.body, self.content_type = status, body, content_type


@dataclass(frozen=True, slots=True)
class Submission:
    """A request: the size that the witness should remember, the proof from there, and the new checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: bytes

    def encode(self) -> bytes:
        """The body of the request."""
        hashes = "".join(base64.b64encode(value).decode() + "\n" for value in self.proof)
        return f"old {self.old}\n{hashes}\n".encode() + self.note


class Memory(Protocol):
    """What a witness remembers of one log, held by one submission at a time."""

    last: Checkpoint | None

    def keep(self, checkpoint: Checkpoint) -> None:
        """Remember durably."""


def parse_submission(body: bytes) -> Submission:
    """The request in these bytes; raises NoteError."""
    head, separator, note = body.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise NoteError("the request is not ASCII before the checkpoint") from error
    if not separator or not lines[0].startswith("old ") or len(lines) - 1 > LONGEST_PROOF:
        raise NoteError("expected a line 'old SIZE', at most 63 hashes, an empty line and a checkpoint")
    return Submission(parse_decimal(lines[0][4:]), tuple(map(parse_hash, lines[1:])), note)


def add_checkpoint(
    body: bytes,
    logs: Mapping[str, Sequence[NoteKey]],
    signers: Sequence[NoteSigner],
    remember: Callable[[str], AbstractContextManager[Memory]],
    seconds: int,
) -> str:
    """The cosignature lines for a submission; raises WitnessRefusal. `seconds` since 1970 is now."""
    try:
        submission = parse_submission(body)
        note = parse_note(submission.note)
        head = parse_checkpoint(note.text)
    except NoteError as error:
        raise WitnessRefusal(400, f"{error}\n") from error
    if head.origin not in logs:
        raise WitnessRefusal(404, f"unknown log {head.origin}\n")
    if not any(_signed(note, key) for key in logs[head.origin]):
        raise WitnessRefusal(403, "no valid signature of the log\n")
    if submission.old > head.size:
        raise WitnessRefusal(400, "the old size is larger than the checkpoint's\n")
    with remember(head.origin) as memory:
        _check_continues(memory.last, submission, head)
        memory.keep(head)
    return "".join(signer.sign(note.text, seconds).text for signer in signers)


def _signed(note: Note, key: NoteKey) -> bool:
    try:
        return signed_by(note, key) is not None
    except NoteError:
        return False


def _check_continues(last: Checkpoint | None, submission: Submission, head: Checkpoint) -> None:
    size, root = (last.size, last.root) if last else (0, EMPTY_ROOT)
    conflict = WitnessRefusal(409, f"{size}\n", SIZE_TYPE)
    if submission.old != size or (submission.old == head.size and root != head.root):
        raise conflict
    try:
        if size:
            check_consistency(size, head.size, root, head.root, submission.proof)
        elif submission.proof:
            raise ProofError("a proof from nothing must be empty")
    except ProofError as error:
        raise WitnessRefusal(422, f"{error}\n") from error


class FileMemory:
    """Memory of one log in a file; use `remember_in`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last = parse_checkpoint(path.read_text()) if path.exists() else None

    def keep(self, checkpoint: Checkpoint) -> None:
        """Remember durably, whole or not at all."""
        write_durably(self.path, checkpoint.text.encode())


def remember_in(folder: Path) -> Callable[[str], AbstractContextManager[Memory]]:
    """Memories of logs in files of a folder, each locked while it is held, also against other processes."""

    @contextmanager
    def held(origin: str) -> Iterator[Memory]:
        folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(origin.encode()).hexdigest()
        with (folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield FileMemory(folder / f"{name}.checkpoint")

    return held
