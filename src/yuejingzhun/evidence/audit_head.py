"""A head of the audit trail in the log: that so many events, up to this one, were exactly these.

The entry holds the root of a Merkle tree (RFC 9162 section 2.1) over the events' canonical bytes, their number, and the
numbers of the first and the last: no name and no content. Each head follows on the last one, so an event that is
changed, taken away or put in afterwards no longer leads to a root that was logged.
"""

from dataclasses import dataclass
from datetime import datetime

from yuejingzhun.evidence.entry import Entry, EntryError

EVENT, TREE = "audit-head", "events"


@dataclass(frozen=True, slots=True)
class AuditHead:
    """`count` events with numbers from `first` to `last` have this root (32 bytes)."""

    first: int
    last: int
    count: int
    root: bytes


def audit_head_entry(head: AuditHead, at: datetime) -> Entry:
    """The statement to be signed and logged."""
    facts = {"count": str(head.count), "first": str(head.first), "last": str(head.last)}
    return Entry(f"audit-{head.last}", EVENT, at, {TREE: head.root.hex()}, facts)


def read_audit_head(entry: Entry) -> AuditHead:
    """The head that a statement tells of; raises EntryError for another statement."""
    try:
        if entry.event != EVENT:
            raise ValueError(entry.event)
        facts = {name: int(entry.facts[name]) for name in ("first", "last", "count")}
        head = AuditHead(facts["first"], facts["last"], facts["count"], bytes.fromhex(entry.sha256[TREE]))
        if audit_head_entry(head, entry.at) != entry or not 0 < head.count <= head.last - head.first + 1:
            raise ValueError(entry.number)
    except (ValueError, KeyError) as error:
        raise EntryError(f"登记条目不是审计线索的头（{error}）") from error
    return head
