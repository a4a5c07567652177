"""Before a process signs for the first time: does anyone know another history of the log than this database?

The mark beside the key can be restored from an old backup together with the database; witnesses and chain can't.
"""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from yuejingzhun.evidence.anchor.proof import AnchorError
from yuejingzhun.evidence.log.checkpoint import Checkpoint
from yuejingzhun.evidence.log.merkle import EMPTY_ROOT
from yuejingzhun.evidence.log.note import Note
from yuejingzhun.evidence.log.witness_client import UnknownLogError, Witness, WitnessError, request_cosignatures
from yuejingzhun.platform.foundation.ledger import anchoring, settings_of_log
from yuejingzhun.platform.foundation.ledger.errors import LedgerError, UnconfirmedError
from yuejingzhun.platform.foundation.ledger.models import SignedCheckpoint
from yuejingzhun.platform.foundation.ledger.queries import newest_checkpoint
from yuejingzhun.platform.foundation.ledger.witnessing import ask_witness

_confirmed: set[Path] = set()  # by the folder of the keys: the log that this process may sign


def confirm_before_signing(at: datetime) -> None:
    """Once a process: show everyone the last head that was signed, and let them contradict.

    Raises RolledBackError where one does, and UnconfirmedError where there are witnesses or a chain, yet none answers.
    """
    if settings.KEYS in _confirmed:
        return
    newest = newest_checkpoint()
    problems, answers = [], 0
    for witness in settings_of_log.witnesses():
        try:
            _show(witness, newest, at)
            answers += 1
        except UnknownLogError:
            answers += 1  # it knows nothing of us, so nothing else either
        except WitnessError as error:
            problems.append(str(error))
    try:
        answers += _chain_agrees(newest)
    except (AnchorError, LedgerError) as error:
        problems.append(str(error))
    if problems and not answers:
        raise UnconfirmedError(f"没有见证人或链回答，不能确认日志是否完整，暂不签署：{'；'.join(problems)}")
    _confirmed.add(settings.KEYS)


def withdraw_confirmation() -> None:
    """Ask anew before the next signature: someone was found to know another history."""
    _confirmed.discard(settings.KEYS)


def _show(witness: Witness, newest: SignedCheckpoint | None, at: datetime) -> None:
    if newest is not None:
        ask_witness(witness, newest)
        return
    # Nothing was signed by this database: the empty head goes with every history but is behind any other.
    signer = settings_of_log.log_signer()
    text = Checkpoint(signer.key.name, 0, EMPTY_ROOT).text
    note = Note(text, (signer.sign(text, int(at.timestamp())),)).encode()
    request_cosignatures(witness, note, 0, lambda _first: ())


def _chain_agrees(newest: SignedCheckpoint | None) -> bool:
    chain = anchoring.open_chain()
    if chain is None:
        return False
    anchoring.compare_with_chain(chain, newest)
    return True
