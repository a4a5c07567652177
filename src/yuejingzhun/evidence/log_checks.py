"""The named check of an inclusion proof against an entry, under a policy of whom one trusts."""

import hashlib
from datetime import datetime

from yuejingzhun.evidence.checks import Check, Status
from yuejingzhun.evidence.log.checkpoint import parse_checkpoint
from yuejingzhun.evidence.log.merkle import ProofError, leaf_hash, root_from_inclusion
from yuejingzhun.evidence.log.note import NoteError, parse_note
from yuejingzhun.evidence.log.policy import Policy
from yuejingzhun.evidence.log.proof import check_proof, parse_proof

NAME, LABEL = "inclusion", "透明日志收录证明"


def leaf_of(entry: bytes) -> bytes:
    """The leaf of a canonical statement: the log's entry is the hash of its bytes."""
    return leaf_hash(hashlib.sha256(entry).digest())


def check_inclusion(proof: bytes | None, entry: bytes, log: Policy | None, at: datetime) -> Check:
    """Whether the entry is in the log as witnessed; `at` is now. A proof that nobody trusted signed proves nothing."""
    if proof is None:
        return Check(NAME, LABEL, Status.ABSENT)
    try:
        if log is None:
            return Check(NAME, LABEL, Status.ABSENT, _untrusted(proof, leaf_of(entry)))
        found, witnessed = check_proof(proof, leaf_of(entry), log, int(at.timestamp()))
    except (NoteError, ProofError) as error:
        return Check(NAME, LABEL, Status.FAILED, str(error))
    seen = f"见证人 {'、'.join(witnessed.names)}" if witnessed.names else "尚无见证人"
    return Check(NAME, LABEL, Status.PASSED, f"第 {found.index} 条，检查点 {witnessed.checkpoint.size} 条，{seen}")


def _untrusted(data: bytes, leaf: bytes) -> str:
    proof = parse_proof(data)
    head = parse_checkpoint(parse_note(proof.checkpoint).text)
    if root_from_inclusion(leaf, proof.index, head.size, proof.path) != head.root:
        raise ProofError("收录证明不成立：条目不在这个检查点的日志中")
    return f"附有 {head.origin} 第 {proof.index} 条的证明，但没有给出信任的日志公钥，不能采信"
