from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from yuejingzhun.evidence.authority import create_authority, issue_signer
from yuejingzhun.evidence.entry import Entry, encode, sign_entry
from yuejingzhun.evidence.log.audit import AuditError, audit
from yuejingzhun.evidence.log.merkle import leaf_hash, root_of
from yuejingzhun.evidence.log.note import KeyKind
from yuejingzhun.evidence.log.note_signer import generate
from yuejingzhun.evidence.log.proof import check_proof
from yuejingzhun.platform.foundation.ledger import models, queries, settings_of_log
from yuejingzhun.platform.foundation.ledger.errors import LedgerError, RolledBackError
from yuejingzhun.platform.foundation.ledger.publishing import publish, published_size
from yuejingzhun.platform.foundation.ledger.services import sequence, sign_head, submit, submit_many

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
SECONDS = int(AT.timestamp())
SIGNER = issue_signer(create_authority("演示根证书", AT - timedelta(days=1)), "演示市计量检定所", AT)
pytestmark = pytest.mark.django_db


def make(count: int, start: int = 0) -> list[Entry]:
    entries = [Entry(f"N-{start + n}", "issued", AT, {"certificate.xml": "0" * 64}) for n in range(count)]
    with transaction.atomic():
        for entry in entries:
            submit(entry, sign_entry(encode(entry), SIGNER), SIGNER.certificate, AT)
    return entries


def audit_files(folder: Path, **more: Any) -> int:
    read = lambda path: (folder / path).read_bytes()  # noqa: E731
    last = list(audit(read, queries.policy(), SECONDS, **more))[-1]
    assert last.checkpoint is not None
    return last.checkpoint.size


def test_statements_get_their_places_in_order_and_proofs_that_hold() -> None:
    entries = make(300)
    assert queries.place_of("N-0", "issued") is None
    assert sequence() == 300
    sign_head(AT)
    for n in (0, 1, 255, 256, 299):
        place = queries.place_of(f"N-{n}", "issued")
        assert place is not None
        assert (place.index, place.leaf) == (n, leaf_hash(entries[n].logged))
        proven = queries.proof_of(place)
        assert proven is not None
        check_proof(proven.inclusion, place.leaf, queries.policy(), SECONDS)
    newest = queries.newest_checkpoint()
    assert newest is not None
    assert bytes(newest.root) == root_of([leaf_hash(entry.logged) for entry in entries])


def test_many_at_once_may_make_one_large_batch() -> None:
    entries = [Entry(f"N-{n}", "issued", AT) for n in range(700)]
    submit_many([(entry, b"signature") for entry in entries], SIGNER.certificate, AT)
    make(2, 700)
    assert sequence() == 702
    assert models.Batch.objects.count() == 2
    assert queries.entries_between(690, 701)[:10] == [entry.logged for entry in entries[690:]]
    place = queries.place_of("N-699", "issued")
    assert place is not None
    assert (place.index, place.leaf) == (699, leaf_hash(entries[699].logged))


def test_growing_in_batches_is_published_and_audited(tmp_path: Path) -> None:
    for start, count in ((0, 3), (3, 253), (256, 1), (257, 500), (757, 0)):
        make(count, start)
        sequence()
        newest = sign_head(AT)
        assert newest is not None
        publish(newest, tmp_path)
        assert published_size(tmp_path) == start + count
        assert audit_files(tmp_path, expected=queries.entries_between) == start + count
    assert publish(newest, tmp_path) == 0
    seen = queries.seen()
    assert seen is not None
    assert (seen.size, seen.witnesses) == (757, ())


def test_a_statement_needs_a_transaction_and_an_empty_log_has_no_head() -> None:
    assert sequence() == 0
    assert sign_head(AT) is None
    assert queries.seen() is None


@pytest.mark.parametrize(
    "sql",
    [
        "update ledger_batch set hashes = hashes",
        "delete from ledger_batch",
        "update ledger_statement set number = 'x'",
        "delete from ledger_statement",
        "truncate ledger_batch",
        # Nothing leaves or enters the queue by itself.
        "insert into ledger_queued (id, statements, hashes, count) select id, array[id], sha256, 1"
        " from ledger_statement where number = 'N-0'",
        "update ledger_queued set count = 2",
        "delete from ledger_queued",
        "truncate ledger_queued",
        "update ledger_head set peaks = peaks",
        "delete from ledger_head",
        # A batch without its tree.
        "insert into ledger_batch default values; set constraints all immediate",
        "insert into ledger_head (size, peaks) values (301, '')",
        "update ledger_node set hash = hash",
        "delete from ledger_signedcheckpoint",
        "insert into ledger_statement (number, event, content, sha256, signature, signer, submitted_at)"
        " values ('x', 'issued', 'a', sha256('b'), '', '', now())",
    ],
)
def test_the_database_itself_refuses_to_change_what_is_logged(sql: str) -> None:
    make(300)
    sequence()
    sign_head(AT)
    make(1, 300)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert sequence() == 1


def test_a_batch_is_what_was_queued_whatever_is_inserted() -> None:
    make(5)
    sequence()
    entries = make(3, 5)
    savepoint = transaction.savepoint()
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into ledger_batch (first, size, statements, hashes) select 0, 9, array[id, id], sha256 || sha256"
            " from ledger_statement where number = 'N-0' returning first, size, hashes"
        )
        first, size, hashes = cursor.fetchone()
        assert (first, size, bytes(hashes)) == (5, 8, b"".join(entry.logged for entry in entries))
        assert not models.Queued.objects.exists()
        cursor.execute("insert into ledger_batch default values returning first")
        assert cursor.fetchone() is None
    transaction.savepoint_rollback(savepoint)
    assert sequence() == 3


# Whoever is superuser of the database can drop the triggers: then the audit must tell.
@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("update ledger_statement set content = 'x', sha256 = sha256('x') where number = 'N-7'", "第 7 条"),
        ("delete from ledger_statement where number = 'N-299'", "第 299 条"),
        ("delete from ledger_batch where first = 256", "第 256 条"),
        (
            "update ledger_batch set statements[6] = statements[7], statements[7] = statements[6] where first = 0",
            "第 5 条",
        ),
    ],
)
def test_rows_changed_by_hand_are_named(sql: str, found: str, tmp_path: Path) -> None:
    make(300)
    sequence()
    newest = sign_head(AT)
    assert newest is not None
    publish(newest, tmp_path)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        for table in ("statement", "batch"):
            cursor.execute(f"alter table ledger_{table} disable trigger append_only")
        cursor.execute(sql)
        for table in ("statement", "batch"):
            cursor.execute(f"alter table ledger_{table} enable trigger append_only")
    with pytest.raises(AuditError, match=found):
        audit_files(tmp_path, expected=queries.entries_between)


def test_an_old_backup_under_the_live_key_signs_nothing(tmp_path: Path) -> None:
    make(10)
    sequence()
    sign_head(AT)
    savepoint = transaction.savepoint()
    make(10, 10)
    sequence()
    newest = sign_head(AT)
    assert newest is not None
    publish(newest, tmp_path)
    transaction.savepoint_rollback(savepoint)
    with pytest.raises(RolledBackError, match="旧备份"):
        sign_head(AT)
    make(15, 100)
    sequence()
    with pytest.raises(RolledBackError, match="历史被改动"):
        sign_head(AT)
    older = queries.newest_checkpoint()
    assert older is not None
    with pytest.raises(RolledBackError, match="旧备份"):
        publish(older, tmp_path)


def test_a_key_without_its_mark_signs_nothing() -> None:
    make(2)
    sequence()
    sign_head(AT)
    make(2, 2)
    sequence()
    settings_of_log.mark().path.unlink()
    with pytest.raises(RolledBackError, match="缺少"):
        sign_head(AT)


def test_witnesses_are_read_from_their_file(settings: Any) -> None:
    key = generate("witness.example/w", KeyKind.COSIGNATURE_ED25519).key
    settings_of_log.log_signer()
    file = settings.KEYS / "witnesses.txt"
    file.write_text(f"# 省计量院\nhttp://127.0.0.1:9 {key.vkey}\n")
    (witness,) = settings_of_log.witnesses()
    assert witness.keys == (key,)
    assert queries.policy().witnesses == (key,)
    for wrong in ("http://127.0.0.1:9", "http://127.0.0.1:9 nonsense"):
        file.write_text(wrong)
        with pytest.raises(LedgerError, match="第 1 行"):
            settings_of_log.witnesses()


def test_statements_are_found_by_their_number() -> None:
    make(2)
    found = queries.statement("N-1", "issued")
    assert found is not None
    assert found.event == "issued"
    assert queries.statement("N-1", "revoked") is None
    assert models.Queued.objects.count() == 2
