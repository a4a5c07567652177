"""Whom one trusts about logs: the log's key, the witnesses' keys, and how many of them must have seen a checkpoint."""

from dataclasses import dataclass

from yuejingzhun.evidence.log.checkpoint import Checkpoint, parse_checkpoint
from yuejingzhun.evidence.log.note import KeyKind, NoteError, NoteKey, parse_note, parse_vkey
from yuejingzhun.evidence.log.note_signer import Signed, signed_by

CLOCK_TOLERANCE = 300  # s


@dataclass(frozen=True, slots=True)
class Policy:
    """Trust, given by whoever checks; it never comes with what is checked."""

    log: NoteKey
    witnesses: tuple[NoteKey, ...] = ()
    quorum: int = 0

    def __post_init__(self) -> None:
        if self.log.kind is not KeyKind.ED25519:
            raise NoteError("日志的公钥应为 Ed25519")
        if any(key.kind is KeyKind.ED25519 for key in self.witnesses):
            raise NoteError("见证人的公钥应为见证类型，不能是日志类型")
        if len({key.public for key in (self.log, *self.witnesses)}) != 1 + len(self.witnesses):
            raise NoteError("同一公钥在信任名单中出现了两次")
        if not 0 <= self.quorum <= len({key.name for key in self.witnesses}):
            raise NoteError(f"要求 {self.quorum} 个见证人，名单中不够")


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A checkpoint that satisfies a policy, and who saw it."""

    checkpoint: Checkpoint
    cosignatures: tuple[Signed, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The witnesses, each once however many keys it signed with."""
        return tuple(dict.fromkeys(signed.key.name for signed in self.cosignatures))


def check_checkpoint(data: bytes, policy: Policy, seconds: int) -> Witnessed:
    """The checkpoint in these bytes; raises NoteError unless the policy is satisfied. `seconds` since 1970 is now."""
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != policy.log.name:
        raise NoteError(f"检查点来自 {checkpoint.origin}，信任的日志是 {policy.log.name}")
    if signed_by(note, policy.log) is None:
        raise NoteError("检查点没有日志的签名")
    found = tuple(signed for key in policy.witnesses if (signed := signed_by(note, key)) is not None)
    for signed in found:
        if signed.seconds is not None and signed.seconds > seconds + CLOCK_TOLERANCE:
            raise NoteError(f"{signed.key.name} 的见证时间在未来")
    witnessed = Witnessed(checkpoint, found)
    if len(witnessed.names) < policy.quorum:
        raise NoteError(f"检查点只有 {len(witnessed.names)} 个信任的见证人，应至少 {policy.quorum} 个")
    return witnessed


def parse_policy(text: str) -> Policy:
    """A policy file: lines `log <vkey>`, `witness <vkey>`, `quorum <n>`; # begins a comment. Raises NoteError."""
    log: NoteKey | None = None
    witnesses: list[NoteKey] = []
    quorum = 0
    for number, line in enumerate(text.splitlines(), 1):
        word, _, rest = line.partition("#")[0].strip().partition(" ")
        if not word:
            continue
        if word == "log" and log is None:
            log = parse_vkey(rest)
        elif word == "witness":
            witnesses.append(parse_vkey(rest))
        elif word == "quorum" and rest.strip().isdecimal():
            quorum = int(rest)
        else:
            raise NoteError(f"信任名单第 {number} 行 {line[:60]!r} 无法读取：应为 log、witness 或 quorum，log 只有一行")
    if log is None:
        raise NoteError("信任名单中没有日志的公钥（log 行）")
    return Policy(log, tuple(witnesses), quorum)


def policy_text(policy: Policy) -> str:
    """The policy as its file."""
    witnesses = "".join(f"witness {key.vkey}\n" for key in policy.witnesses)
    return f"log {policy.log.vkey}\n{witnesses}quorum {policy.quorum}\n"
