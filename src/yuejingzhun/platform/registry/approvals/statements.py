"""The signed statements about software filings as files, with the proof that the transparency log holds them."""

from yuejingzhun.evidence.software_statement import ACCEPTED, BLOCKED, FILED
from yuejingzhun.platform.foundation.ledger import queries as ledger
from yuejingzhun.platform.registry.approvals.errors import UnknownApprovalError
from yuejingzhun.platform.registry.approvals.queries import filing

EVENTS = {"filed": FILED, "accepted": ACCEPTED, "blocked": BLOCKED}
SUFFIXES = ("json", "sig", "der", "tlog-proof")


def file_of(number: str, event: str, suffix: str) -> bytes:
    """A file of a statement: what was said, its signature, the signer's certificate, or the inclusion proof.

    Raises UnknownApprovalError, also while no signed checkpoint of the log covers the statement.
    """
    known = filing(number).number
    stated = ledger.statement(known, EVENTS[event]) if event in EVENTS else None
    if stated is None or suffix not in SUFFIXES:
        raise UnknownApprovalError(f"软件备案 {known} 没有这份声明")
    if suffix == "tlog-proof":
        place = ledger.place_of(known, EVENTS[event])
        proven = ledger.proof_of(place) if place else None
        if proven is None:
            raise UnknownApprovalError(f"软件备案 {known} 的声明正在登记，收录证明稍后可以下载")
        return proven.inclusion
    return bytes({"json": stated.content, "sig": stated.signature, "der": stated.signer}[suffix])
