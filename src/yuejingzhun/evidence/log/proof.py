"""Inclusion proofs as files (C2SP tlog-proof): an index, a path and a checkpoint."""

import base64
from dataclasses import dataclass

from yuejingzhun.evidence.log.checkpoint import parse_decimal, parse_hash
from yuejingzhun.evidence.log.merkle import ProofError, root_from_inclusion
from yuejingzhun.evidence.log.note import NoteError
from yuejingzhun.evidence.log.policy import Policy, Witnessed, check_checkpoint

HEADER = "c2sp.org/tlog-proof@v1"
LARGEST_PROOF = 100_000
LONGEST_PATH = 63


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That a leaf stands at an index of the tree that the checkpoint heads."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes

    def encode(self) -> bytes:
        """The bytes of the file."""
        hashes = "".join(base64.b64encode(value).decode() + "\n" for value in self.path)
        return f"{HEADER}\nindex {self.index}\n{hashes}\n".encode() + self.checkpoint


def parse_proof(data: bytes) -> InclusionProof:
    """The proof in these bytes; raises NoteError. We write no extra data, and accept none, since nothing signs it."""
    if len(data) > LARGEST_PROOF:
        raise NoteError(f"收录证明过大：{len(data)} 字节")
    head, separator, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode().split("\n")
    except UnicodeDecodeError as error:
        raise NoteError("收录证明不是 UTF-8") from error
    if not separator or lines[0] != HEADER:
        raise NoteError(f"收录证明应以 {HEADER} 开头，并含空行与检查点")
    if len(lines) < 2 or not lines[1].startswith("index "):
        raise NoteError("收录证明的第二行应为 index 与序号")
    if len(lines) - 2 > LONGEST_PATH:
        raise NoteError(f"收录证明有 {len(lines) - 2} 个哈希，应不超过 {LONGEST_PATH} 个")
    return InclusionProof(parse_decimal(lines[1][6:]), tuple(map(parse_hash, lines[2:])), checkpoint)


def check_proof(data: bytes, leaf: bytes, policy: Policy, seconds: int) -> tuple[InclusionProof, Witnessed]:
    """That the leaf is in the log as witnessed; raises NoteError or ProofError."""
    proof = parse_proof(data)
    witnessed = check_checkpoint(proof.checkpoint, policy, seconds)
    if root_from_inclusion(leaf, proof.index, witnessed.checkpoint.size, proof.path) != witnessed.checkpoint.root:
        raise ProofError("收录证明不成立：条目不在这个检查点的日志中")
    return proof, witnessed
