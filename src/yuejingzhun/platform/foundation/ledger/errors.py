"""What can go wrong with the ledger."""

from yuejingzhun.evidence.log.high_water import RolledBackError

__all__ = ["LedgerError", "RolledBackError", "SequencerBusyError", "UnconfirmedError"]


class LedgerError(RuntimeError):
    """The ledger can't do it; the message says in Chinese why."""


class SequencerBusyError(LedgerError):
    """Another sequencer is at work; there is one at a time."""


class UnconfirmedError(LedgerError):
    """Nobody could be asked whether this is the whole log, so it isn't signed yet."""
