"""The head of the audit trail as an entry of the log."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from yuejingzhun.evidence.audit_head import AuditHead, audit_head_entry, read_audit_head
from yuejingzhun.evidence.entry import Entry, EntryError, decode, encode

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
HEAD = AuditHead(3, 9, 5, hashlib.sha256(b"root").digest())


def test_it_goes_into_canonical_bytes_and_back() -> None:
    data = encode(audit_head_entry(HEAD, AT))
    assert read_audit_head(decode(data)) == HEAD
    assert data == (
        b'{"at":"2026-11-24T08:30:00Z","event":"audit-head","facts":{"count":"5","first":"3","last":"9"},'
        b'"number":"audit-9","sha256":{"events":"' + HEAD.root.hex().encode() + b'"},"version":2}'
    )


@pytest.mark.parametrize(
    "change",
    [
        {"event": "issued"},
        {"number": "audit-8"},
        {"facts": {}},
        {"facts": {"count": "5", "first": "3", "last": "9", "more": "1"}},
        {"facts": {"count": "8", "first": "3", "last": "9"}},
        {"facts": {"count": "0", "first": "3", "last": "9"}},
        {"facts": {"count": "x", "first": "3", "last": "9"}},
        {"facts": {"count": "05", "first": "3", "last": "9"}},
        {"sha256": {}},
        {"sha256": {"events": "zz"}},
    ],
)
def test_what_is_no_head_is_refused(change: dict[str, object]) -> None:
    entry: Entry = replace(audit_head_entry(HEAD, AT), **change)  # type: ignore[arg-type]
    with pytest.raises(EntryError, match="审计线索的头"):
        read_audit_head(entry)
