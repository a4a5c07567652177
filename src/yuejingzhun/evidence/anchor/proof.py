"""What a bundle tells of an anchor, and its named check."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from yuejingzhun.evidence.canonical import dump, load
from yuejingzhun.evidence.checks import Check, Status
from yuejingzhun.evidence.log.checkpoint import Checkpoint, parse_checkpoint
from yuejingzhun.evidence.log.note import NoteError, parse_note
from yuejingzhun.evidence.log.proof import parse_proof

NAME, LABEL = "anchor", "区块链锚定"
_HASH, _ADDRESS = re.compile(r"0x[0-9a-f]{64}"), re.compile(r"0x[0-9a-fA-F]{40}")


class AnchorError(RuntimeError):
    """The chain, or what is said of it, is not as it should be; the message is in Chinese."""


@dataclass(frozen=True, slots=True)
class AnchorProof:
    """Where a head stands on a chain; hashes in hexadecimal with 0x."""

    chain_id: int
    genesis: str
    contract: str
    block: int
    block_hash: str
    transaction: str
    size: int
    root: str

    def encode(self) -> bytes:
        """Canonical JSON."""
        return dump(asdict(self))


class Node(Protocol):
    """A node that can be asked about a proof, each independent of the others."""

    url: str

    def confirms(self, proof: AnchorProof) -> bool:
        """Whether this node has the head, the transaction and the block; raises AnchorError."""


def decode(data: bytes) -> AnchorProof:
    """The proof in these bytes; raises AnchorError unless they are canonical."""
    try:
        content: Any = load(data)
        proof = AnchorProof(**content)
        numbers = all(type(n) is int and 0 <= n < 2**63 for n in (proof.chain_id, proof.block, proof.size))
        hashes = (proof.genesis, proof.block_hash, proof.transaction, proof.root)
        if not numbers or not all(map(_HASH.fullmatch, hashes)) or not _ADDRESS.fullmatch(proof.contract):
            raise ValueError("a field is not what it should be")
        if proof.encode() != data:
            raise ValueError("not canonical")
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise AnchorError(f"锚定证明无法读取（{error}）") from error
    return proof


def check_anchor(anchor: bytes | None, inclusion: bytes | None, nodes: Sequence[Node]) -> Check:
    """Whether the head of the inclusion proof stands on the chain. Without a node it stays a claim."""
    if anchor is None:
        return Check(NAME, LABEL, Status.ABSENT, "未配置区块链，或尚未锚定")
    try:
        proof, head = decode(anchor), _head(inclusion)
        if (proof.size, proof.root) != (head.size, f"0x{head.root.hex()}"):
            raise AnchorError(f"锚定的是 {proof.size} 条的日志头，收录证明用的是 {head.size} 条的")
        where = f"链 {proof.chain_id} 区块 {proof.block}，{proof.size} 条"
        if not nodes:
            return Check(NAME, LABEL, Status.ABSENT, f"声称锚定在{where}；离线不能证明，须向链上节点查证")
        refused = [node.url for node in nodes if not node.confirms(proof)]
    except (AnchorError, NoteError) as error:
        return Check(NAME, LABEL, Status.FAILED, str(error))
    if refused:
        return Check(NAME, LABEL, Status.FAILED, f"节点 {'、'.join(refused)} 没有这个锚定")
    return Check(NAME, LABEL, Status.PASSED, f"{where}，{len(nodes)} 个节点证实")


def _head(inclusion: bytes | None) -> Checkpoint:
    if inclusion is None:
        raise AnchorError("有锚定证明而没有收录证明")
    return parse_checkpoint(parse_note(parse_proof(inclusion).checkpoint).text)
