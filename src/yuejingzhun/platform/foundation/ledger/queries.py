"""Reads of the ledger: where a statement stands, and the proof of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from yuejingzhun.evidence.anchor.proof import AnchorError, Node
from yuejingzhun.evidence.log.merkle import inclusion_proof
from yuejingzhun.evidence.log.note import Note, parse_note, parse_signature_lines
from yuejingzhun.evidence.log.policy import Policy
from yuejingzhun.evidence.log.proof import InclusionProof
from yuejingzhun.platform.foundation.ledger import anchoring, settings_of_log
from yuejingzhun.platform.foundation.ledger.errors import LedgerError
from yuejingzhun.platform.foundation.ledger.log_tables import (
    Place,
    entries_between,
    frontier,
    node_of,
    place_of,
    statements_between,
)
from yuejingzhun.platform.foundation.ledger.models import Anchored, SignedCheckpoint, Statement

__all__ = [
    "Place",
    "Proven",
    "Seen",
    "Statement",
    "chain_nodes",
    "entries_between",
    "newest_checkpoint",
    "place_of",
    "policy",
    "proof_of",
    "recent_statements",
    "seen",
    "statement",
    "statements_of",
]


@dataclass(frozen=True, slots=True)
class Seen:
    """How far the log is, for the page that shows it."""

    size: int
    root: str
    at: datetime
    witnesses: tuple[str, ...]
    chain: int | None  # how many entries the chain covers; None where no chain is configured


def policy() -> Policy:
    """What this installation trusts of its own log."""
    return settings_of_log.policy()


def statement(number: str, event: str) -> Statement | None:
    """The first statement of that kind about a number."""
    return Statement.objects.filter(number=number, event=event).order_by("id").first()


def statements_of(event: str) -> Iterator[Statement]:
    """All statements of one kind, in the order in which they were submitted."""
    return Statement.objects.filter(event=event).order_by("id").iterator(chunk_size=2000)


@dataclass(frozen=True, slots=True)
class Proven:
    """The proof file of a place, and where its head stands on the chain, if it does."""

    inclusion: bytes
    anchor: bytes | None


def proof_of(place: Place) -> Proven | None:
    """What proves a place, or None while no checkpoint covers it.

    Of the checkpoints that cover it, one that enough witnesses saw comes before one on the chain, and both before one
    that is merely newer.
    """
    covering = SignedCheckpoint.objects.filter(size__gt=place.index).order_by("-size")
    anchored = covering.filter(anchors__isnull=False).prefetch_related("cosignatures", "anchors")[:5]
    recent = covering.prefetch_related("cosignatures", "anchors")[:20]
    candidates = {c.size: c for c in (*recent, *anchored)}.values()
    if not candidates:
        return None
    chosen = max(
        candidates, key=lambda c: (_witnessed(c) >= max(1, settings.LOG_QUORUM), bool(c.anchors.all()), c.size)
    )
    path = inclusion_proof(place.index, chosen.size, node_of(chosen.size))
    anchor = max(chosen.anchors.all(), key=lambda found: found.pk, default=None)
    inclusion = InclusionProof(place.index, tuple(path), cosigned(chosen)).encode()
    return Proven(inclusion, bytes(anchor.proof) if anchor else None)


def newest_checkpoint() -> SignedCheckpoint | None:
    """The newest head that was signed."""
    return SignedCheckpoint.objects.order_by("-size").first()


def cosigned(checkpoint: SignedCheckpoint) -> bytes:
    """The checkpoint with the signatures of all who saw it."""
    note = parse_note(bytes(checkpoint.note))
    lines = "".join(c.line for c in checkpoint.cosignatures.order_by("id"))
    extra = parse_signature_lines(lines) if lines else ()
    return Note(note.text, (*note.signatures, *extra)).encode()


def seen() -> Seen | None:
    """The newest checkpoint and who saw it."""
    newest = newest_checkpoint()
    if newest is None:
        return None
    names = tuple(newest.cosignatures.order_by("witness").values_list("witness", flat=True).distinct())
    last = Anchored.objects.order_by("-checkpoint_id").first()
    chain = (last.checkpoint_id if last else 0) if anchoring.chain_config() else None
    return Seen(newest.size, bytes(newest.root).hex(), newest.at, names, chain)


def _witnessed(checkpoint: SignedCheckpoint) -> int:
    return len({cosignature.witness for cosignature in checkpoint.cosignatures.all()})


@dataclass(frozen=True, slots=True)
class Logged:
    """A statement with its index in the log."""

    index: int
    statement: Statement


def recent_statements(count: int = 20) -> list[Logged]:
    """What was logged last, the newest first."""
    size = frontier().size
    keys = statements_between(max(0, size - count), size)
    found = Statement.objects.in_bulk([key for _, key in keys])
    return [Logged(index, found[key]) for index, key in reversed(keys)]


def chain_nodes() -> list[Node]:
    """The node that this installation asks about anchors; none where no chain is configured or it is silent."""
    try:
        chain = anchoring.open_chain()
    except (AnchorError, LedgerError):
        return []
    return [chain] if chain else []
