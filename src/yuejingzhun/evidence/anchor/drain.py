"""Putting heads on the chain in their order, whatever happened before: outage, kill, or a reorganisation."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from yuejingzhun.evidence.anchor.proof import AnchorError, AnchorProof
from yuejingzhun.evidence.log.checkpoint import Checkpoint
from yuejingzhun.evidence.log.high_water import RolledBackError


class Chain(Protocol):
    """What is asked of a chain."""

    def size(self) -> int:
        """The size of the newest head on the chain."""

    def root_at(self, size: int) -> bytes | None:
        """The root that stands there for a size."""

    def anchor(self, checkpoint: Checkpoint, key: str) -> None:
        """Put a head on the chain."""

    def final_proof(self, size: int) -> AnchorProof | None:
        """Where a head stands, once final."""


def drain(pending: Iterable[Checkpoint], chain: Chain, key: str) -> Iterator[tuple[Checkpoint, AnchorProof]]:
    """Anchor the pending heads, the smallest first, and yield those that are final.

    The chain itself is asked what it holds, so that nothing depends on what we noted before we were interrupted; a
    head whose block was reorganised away is simply not there and is sent again. A head smaller than one that is
    there already stays without an anchor of its own: the larger one covers it.
    Raises RolledBackError where the chain holds another root for a size.
    """
    for checkpoint in sorted(pending, key=lambda head: head.size):
        held = chain.root_at(checkpoint.size)
        if held is None and checkpoint.size > chain.size():
            held = _send(checkpoint, chain, key)
        if held is not None and held != checkpoint.root:
            raise RolledBackError(f"链上 {checkpoint.size} 条的根与日志不同：历史被改动。拒绝签署")
        proof = chain.final_proof(checkpoint.size) if held is not None else None
        if proof is not None:
            yield checkpoint, proof


def _send(checkpoint: Checkpoint, chain: Chain, key: str) -> bytes | None:
    try:
        chain.anchor(checkpoint, key)
    except AnchorError:
        # Another worker may have been quicker; then the head is there, and ours was refused for it.
        if chain.root_at(checkpoint.size) is None:
            raise
    return chain.root_at(checkpoint.size)
