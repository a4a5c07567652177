"""Writes of the ledger: submit a statement, give it its place, sign the head, have it witnessed."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import connection, transaction

from yuejingzhun.evidence.entry import Entry, encode
from yuejingzhun.evidence.log.checkpoint import Checkpoint, parse_checkpoint
from yuejingzhun.evidence.log.high_water import RolledBackError, check_extends
from yuejingzhun.evidence.log.merkle import consistency_proof
from yuejingzhun.evidence.log.note import Note, parse_note
from yuejingzhun.evidence.log.witness_client import Witness, WitnessError, request_cosignatures, size_seen
from yuejingzhun.platform.foundation.ledger import settings_of_log
from yuejingzhun.platform.foundation.ledger.log_tables import BATCH, append_batch, lock_head, node_of
from yuejingzhun.platform.foundation.ledger.models import Cosignature, Pending, SignedCheckpoint, Statement


def submit(
    entry: Entry, signature: bytes, signer: x509.Certificate, at: datetime, *, timestamp: bytes | None = None
) -> Statement:
    """Queue a signed statement for the log, in the transaction of what it tells of.

    Once that transaction is committed the statement is durable and will be logged, whatever happens.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a statement belongs to the transaction of what it tells of")
    statement = Statement.objects.create(
        number=entry.number,
        event=entry.event,
        content=encode(entry),
        sha256=entry.logged,
        signature=signature,
        signer=signer.public_bytes(Encoding.DER),
        timestamp=timestamp,
        submitted_at=at,
    )
    Pending.objects.create(statement=statement)
    return statement


@transaction.atomic
def submit_many(entries: Sequence[tuple[Entry, bytes]], signer: x509.Certificate, at: datetime) -> None:
    """Queue many statements of one signer, each with its signature, in one transaction."""
    der = signer.public_bytes(Encoding.DER)
    rows = [
        Statement(
            number=entry.number,
            event=entry.event,
            content=(content := encode(entry)),
            sha256=hashlib.sha256(content).digest(),
            signature=signature,
            signer=der,
            submitted_at=at,
        )
        for entry, signature in entries
    ]
    made = Statement.objects.bulk_create(rows)
    Pending.objects.bulk_create(Pending(statement=statement) for statement in made)


def sequence(*, wait: bool = True) -> int:
    """Give all pending statements their places; how many those were. Raises SequencerBusyError unless it may wait."""
    total = 0
    while count := append_batch(wait=wait):
        total += count
        if count < BATCH:
            break
    return total


def sign_head(at: datetime) -> SignedCheckpoint | None:
    """Sign the head, if it grew; None for an empty log. Raises RolledBackError where it is not what was signed."""
    with transaction.atomic():
        frontier = lock_head(wait=True)
        newest = SignedCheckpoint.objects.order_by("-size").first()
        signer, mark = settings_of_log.log_signer(), settings_of_log.mark()
        head = Checkpoint(signer.key.name, frontier.size, frontier.root)
        node = node_of(frontier.size)
        check_extends(mark.read(), head, node, "密钥旁的记录")
        if newest is not None:
            check_extends(parse_checkpoint(parse_note(bytes(newest.note)).text), head, node, "上一个检查点")
        if newest is not None and newest.size == head.size:
            return newest
        if not head.size:
            return None
        # First the mark, then the signature: a crash between them loses nothing that anyone has seen.
        mark.raise_to(head)
        note = Note(head.text, (signer.sign(head.text, int(at.timestamp())),)).encode()
        return SignedCheckpoint.objects.create(size=head.size, root=head.root, note=note, at=at)


def confirm_with_witnesses() -> list[str]:
    """Ask every witness, before the first signature, whether it saw more than we hold; the problems of those silent.

    Raises RolledBackError.
    """
    newest = SignedCheckpoint.objects.order_by("-size").first()
    problems = []
    for witness in settings_of_log.witnesses() if newest else ():
        try:
            seen = size_seen(witness, bytes(newest.note))
        except WitnessError as error:
            problems.append(str(error))
            continue
        if seen > newest.size:
            raise RolledBackError(
                f"见证人 {witness.name} 已见过 {seen} 条，而日志只签到 {newest.size} 条：数据库可能是旧备份。拒绝签署"
            )
    return problems


def have_witnessed(checkpoint: SignedCheckpoint) -> list[str]:
    """Have a checkpoint cosigned by every witness that hasn't; the problems of those who didn't, in Chinese.

    Raises RolledBackError where a witness saw another history.
    """
    done = set(checkpoint.cosignatures.values_list("witness", flat=True))
    problems = []
    for witness in settings_of_log.witnesses():
        if witness.name in done:
            continue
        try:
            _have_witnessed_by(witness, checkpoint)
        except WitnessError as error:
            problems.append(str(error))
    return problems


def _have_witnessed_by(witness: Witness, checkpoint: SignedCheckpoint) -> None:
    node = node_of(checkpoint.size)
    last = Cosignature.objects.filter(witness=witness.name).order_by("-checkpoint_id").first()
    lines = request_cosignatures(
        witness,
        bytes(checkpoint.note),
        last.checkpoint_id if last else 0,
        lambda old: consistency_proof(old, checkpoint.size, node),
    )
    with transaction.atomic():
        for line in lines:
            Cosignature.objects.get_or_create(
                checkpoint=checkpoint, witness=line.name, key_id=line.key_id.hex(), defaults={"line": line.text}
            )
