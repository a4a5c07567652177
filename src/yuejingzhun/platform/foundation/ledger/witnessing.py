"""Having checkpoints cosigned by the witnesses that this installation asks."""

from django.db import transaction

from yuejingzhun.evidence.log.merkle import consistency_proof
from yuejingzhun.evidence.log.note import SignatureLine
from yuejingzhun.evidence.log.witness_client import Witness, WitnessError, request_cosignatures
from yuejingzhun.platform.foundation.ledger import settings_of_log
from yuejingzhun.platform.foundation.ledger.log_tables import node_of
from yuejingzhun.platform.foundation.ledger.models import Cosignature, SignedCheckpoint


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
            ask_witness(witness, checkpoint)
        except WitnessError as error:
            problems.append(str(error))
    return problems


def ask_witness(witness: Witness, checkpoint: SignedCheckpoint) -> None:
    """Have it cosigned and keep the lines; raises WitnessError and RolledBackError."""
    node = node_of(checkpoint.size)
    last = Cosignature.objects.filter(witness=witness.name).order_by("-checkpoint_id").first()
    old = last.checkpoint_id if last else 0
    note = bytes(checkpoint.note)
    lines = request_cosignatures(witness, note, old, lambda first: consistency_proof(first, checkpoint.size, node))
    with transaction.atomic():
        for line in lines:
            _keep(checkpoint, line)


def _keep(checkpoint: SignedCheckpoint, line: SignatureLine) -> None:
    Cosignature.objects.get_or_create(
        checkpoint=checkpoint, witness=line.name, key_id=line.key_id.hex(), defaults={"line": line.text}
    )
