"""Writes of the ledger: submit a statement, give it its place, sign the head."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import connection, transaction

from yuejingzhun.evidence.entry import Entry, encode
from yuejingzhun.evidence.log.checkpoint import Checkpoint, parse_checkpoint
from yuejingzhun.evidence.log.high_water import check_extends
from yuejingzhun.evidence.log.note import Note, parse_note
from yuejingzhun.platform.foundation.ledger import settings_of_log
from yuejingzhun.platform.foundation.ledger.confirming import confirm_before_signing
from yuejingzhun.platform.foundation.ledger.log_tables import BATCH, append_batch, frontier, lock_log, node_of
from yuejingzhun.platform.foundation.ledger.models import SignedCheckpoint, Statement
from yuejingzhun.platform.foundation.ledger.queries import newest_checkpoint

COPY = """
copy ledger_statement (number, event, content, sha256, signature, signer, timestamp, submitted_at) from stdin
"""


def submit(
    entry: Entry, signature: bytes, signer: x509.Certificate, at: datetime, *, timestamp: bytes | None = None
) -> Statement:
    """Queue a signed statement for the log, in the transaction of what it tells of.

    Once that transaction is committed the statement is durable and will be logged, whatever happens.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a statement belongs to the transaction of what it tells of")
    return Statement.objects.create(
        number=entry.number,
        event=entry.event,
        content=encode(entry),
        sha256=entry.logged,
        signature=signature,
        signer=signer.public_bytes(Encoding.DER),
        timestamp=timestamp,
        submitted_at=at,
    )


@transaction.atomic
def submit_many(entries: Sequence[tuple[Entry, bytes]], signer: x509.Certificate, at: datetime) -> None:
    """Queue many statements of one signer, each with its signature, in one transaction."""
    der = signer.public_bytes(Encoding.DER)
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for entry, signature in entries:
            content = encode(entry)
            hashed = hashlib.sha256(content).digest()
            copy.write_row((entry.number, entry.event, content, hashed, signature, der, None, at))


def sequence(*, wait: bool = True) -> int:
    """Give all pending statements their places; how many those were. Raises SequencerBusyError unless it may wait."""
    total = 0
    while count := append_batch(wait=wait):
        total += count
        if count < BATCH:
            break
    return total


def sign_head(at: datetime) -> SignedCheckpoint | None:
    """Sign the head, if it grew; None for an empty log.

    Raises RolledBackError where it is not what was signed or seen before, and UnconfirmedError where that can't be
    known yet.
    """
    if _has_grown():
        confirm_before_signing(at)
    with transaction.atomic():
        lock_log(wait=True)
        newest, tree = newest_checkpoint(), frontier()
        signer, mark = settings_of_log.log_signer(), settings_of_log.mark()
        head, seen = Checkpoint(signer.key.name, tree.size, tree.root), mark.read()
        if newest is not None and newest.size == head.size and bytes(newest.root) == head.root and seen == head:
            return newest
        node = node_of(tree.size)
        check_extends(seen, head, node, "密钥旁的记录")
        if newest is not None:
            check_extends(parse_checkpoint(parse_note(bytes(newest.note)).text), head, node, "上一个检查点")
        if not head.size or (newest is not None and newest.size == head.size):
            return newest
        # First the mark, then the signature: a crash between them loses nothing that anyone has seen.
        mark.raise_to(head)
        note = Note(head.text, (signer.sign(head.text, int(at.timestamp())),)).encode()
        return SignedCheckpoint.objects.create(size=head.size, root=head.root, note=note, at=at)


def _has_grown() -> bool:
    newest = newest_checkpoint()
    return frontier().size > (newest.size if newest else 0)
