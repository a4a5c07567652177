"""No signature before those who can't be restored from a backup were asked."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests_of_log import served_witness
from yuejingzhun.evidence.authority import create_authority, issue_signer
from yuejingzhun.evidence.entry import Entry, encode, sign_entry
from yuejingzhun.evidence.log.note import KeyKind
from yuejingzhun.evidence.log.note_signer import generate
from yuejingzhun.evidence.log.witness_client import Witness
from yuejingzhun.platform.foundation.ledger import queries, settings_of_log
from yuejingzhun.platform.foundation.ledger.confirming import withdraw_confirmation
from yuejingzhun.platform.foundation.ledger.errors import RolledBackError, UnconfirmedError
from yuejingzhun.platform.foundation.ledger.models import SignedCheckpoint
from yuejingzhun.platform.foundation.ledger.services import sequence, sign_head, submit
from yuejingzhun.platform.foundation.ledger.witnessing import have_witnessed

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
SIGNER = issue_signer(create_authority("演示根证书", AT - timedelta(days=1)), "演示市计量检定所", AT)
WITNESS = generate("witness.example/w", KeyKind.COSIGNATURE_ED25519)
pytestmark = pytest.mark.django_db


def log(*numbers: str) -> SignedCheckpoint | None:
    with transaction.atomic():
        for number in numbers:
            entry = Entry(number, "issued", AT)
            submit(entry, sign_entry(encode(entry), SIGNER), SIGNER.certificate, AT)
    sequence()
    return sign_head(AT)


def name_witness(settings: Any, url: str) -> None:
    (settings.KEYS / "witnesses.txt").write_text(f"{url} {WITNESS.key.vkey}\n")


@pytest.fixture
def witness(tmp_path: Path, settings: Any) -> Iterator[Witness]:
    with served_witness(tmp_path / "witness", settings_of_log.log_signer().key, WITNESS) as found:
        name_witness(settings, found.url)
        yield found


def witnessed(*numbers: str) -> None:
    checkpoint = log(*numbers)
    assert checkpoint is not None
    assert have_witnessed(checkpoint) == []


def as_a_new_process_on_an_old_backup(savepoint: str, mark: str) -> None:
    transaction.savepoint_rollback(savepoint)
    settings_of_log.mark().path.write_text(mark)
    withdraw_confirmation()


@pytest.mark.parametrize("more", [(), ("D",), ("D", "E", "F", "G", "H")], ids=["shorter", "as long", "longer"])
def test_a_mark_restored_with_the_database_does_not_deceive_a_witness(witness: Witness, more: tuple[str, ...]) -> None:
    witnessed("A")
    mark, savepoint = settings_of_log.mark().path.read_text(), transaction.savepoint()
    witnessed("B", "C")
    as_a_new_process_on_an_old_backup(savepoint, mark)
    with pytest.raises(RolledBackError, match="旧备份"):
        log("X", *more)
    assert SignedCheckpoint.objects.count() == 1


def test_a_database_from_before_the_first_signature_does_not_either(witness: Witness) -> None:
    mark, savepoint = settings_of_log.mark().path.read_text(), transaction.savepoint()
    witnessed("A", "B")
    as_a_new_process_on_an_old_backup(savepoint, mark)
    with pytest.raises(RolledBackError, match="旧备份"):
        log("X")
    assert SignedCheckpoint.objects.count() == 0


def test_what_goes_on_where_it_was_is_signed_by_the_next_process(witness: Witness) -> None:
    witnessed("A")
    withdraw_confirmation()
    witnessed("B")
    assert queries.newest_checkpoint().size == 2  # type: ignore[union-attr]


def test_while_no_one_answers_nothing_is_signed_and_nothing_is_lost(witness: Witness, settings: Any) -> None:
    witnessed("A")
    withdraw_confirmation()
    name_witness(settings, "http://127.0.0.1:9")
    with pytest.raises(UnconfirmedError, match="暂不签署"):
        log("B")
    assert SignedCheckpoint.objects.count() == 1
    assert queries.place_of("B", "issued") is not None
    name_witness(settings, witness.url)
    assert sign_head(AT).size == 2  # type: ignore[union-attr]


def test_a_witness_that_does_not_know_the_log_yet_hinders_nothing(tmp_path: Path, settings: Any) -> None:
    settings_of_log.log_signer()
    other = generate("log.example/other", KeyKind.ED25519).key
    with served_witness(tmp_path / "witness", other, WITNESS) as found:
        name_witness(settings, found.url)
        assert log("A") is not None


def test_nothing_new_needs_no_one(settings: Any) -> None:
    first = log("A")
    withdraw_confirmation()
    name_witness(settings, "http://127.0.0.1:9")
    assert sign_head(AT) == first
