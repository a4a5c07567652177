from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from chain_node import KEY, ChainNode, needs_node
from yuejingzhun.evidence.anchor.chain import ChainConfig, connect, deploy, operator_of
from yuejingzhun.evidence.anchor.proof import AnchorError, check_anchor
from yuejingzhun.evidence.authority import create_authority, issue_signer
from yuejingzhun.evidence.checks import Status
from yuejingzhun.evidence.entry import Entry, encode, sign_entry
from yuejingzhun.evidence.log.checkpoint import Checkpoint
from yuejingzhun.platform.foundation.ledger import queries, settings_of_log
from yuejingzhun.platform.foundation.ledger.anchoring import anchor_pending, chain_config
from yuejingzhun.platform.foundation.ledger.confirming import withdraw_confirmation
from yuejingzhun.platform.foundation.ledger.errors import LedgerError, RolledBackError, UnconfirmedError
from yuejingzhun.platform.foundation.ledger.models import Anchored
from yuejingzhun.platform.foundation.ledger.services import sequence, sign_head, submit

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
SIGNER = issue_signer(create_authority("演示根证书", AT - timedelta(days=1)), "演示市计量检定所", AT)
pytestmark = pytest.mark.django_db


def configure(settings: Any, config: ChainConfig) -> None:
    fields = ("url", "chain_id", "genesis", "contract", "confirmations")
    settings.KEYS.mkdir(exist_ok=True)
    (settings.KEYS / "chain.txt").write_text("".join(f"{field}={getattr(config, field)}\n" for field in fields))


def log(*numbers: str) -> None:
    with transaction.atomic():
        for number in numbers:
            entry = Entry(number, "issued", AT)
            submit(entry, sign_entry(encode(entry), SIGNER), SIGNER.certificate, AT)
    sequence()
    sign_head(AT)


def test_no_chain_is_a_normal_state() -> None:
    log("A")
    assert chain_config() is None
    assert anchor_pending(AT) == 0
    seen = queries.seen()
    assert seen is not None
    assert seen.chain is None
    assert queries.chain_nodes() == []


@needs_node
def test_heads_are_anchored_and_the_proof_goes_into_the_bundle(
    node: ChainNode, settings: Any, monkeypatch: Any
) -> None:
    log("A", "B")
    config = node.config(deploy(node.config(), settings.LOG_ORIGIN, KEY))
    configure(settings, config)
    with pytest.raises(LedgerError, match="私钥"):
        anchor_pending(AT)
    monkeypatch.setenv("YJZ_CHAIN_KEY", KEY)
    assert anchor_pending(AT) == 1
    assert anchor_pending(AT) == 0
    log("C")
    place = queries.place_of("A", "issued")
    assert place is not None
    proven = queries.proof_of(place)
    assert proven is not None
    assert check_anchor(proven.anchor, proven.inclusion, queries.chain_nodes()).status is Status.PASSED
    # While the node is away the log goes on, and afterwards one anchor covers what came meanwhile.
    node.stop()
    log("D")
    with pytest.raises(AnchorError):
        anchor_pending(AT)
    assert queries.chain_nodes() == []
    node.start()
    assert anchor_pending(AT) == 1
    seen = queries.seen()
    assert seen is not None
    assert seen.chain == 4


@needs_node
def test_a_chain_that_holds_more_than_the_log_stops_it(node: ChainNode, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("YJZ_CHAIN_KEY", KEY)
    log("A")
    savepoint = transaction.savepoint()
    log("B")
    config = node.config(deploy(node.config(), settings.LOG_ORIGIN, KEY))
    configure(settings, config)
    anchor_pending(AT)
    transaction.savepoint_rollback(savepoint)
    assert Anchored.objects.count() == 0
    with pytest.raises(RolledBackError, match="旧备份"):
        anchor_pending(AT)


def test_a_chain_file_that_is_not_complete_is_refused(settings: Any) -> None:
    log("A")
    (settings.KEYS / "chain.txt").write_text("url=http://127.0.0.1:9\n")
    with pytest.raises(LedgerError, match="chain_id"):
        chain_config()


@needs_node
def test_one_head_is_in_flight_at_a_time_and_waits_for_its_final_block(
    node: ChainNode, settings: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("YJZ_CHAIN_KEY", KEY)
    log("A")
    configure(settings, node.config(deploy(node.config(), settings.LOG_ORIGIN, KEY), confirmations=3))
    assert anchor_pending(AT) == 0
    log("B")  # the log goes on growing, and must not push the final block away for ever
    assert anchor_pending(AT) == 0
    node.call("anvil_mine", "0x3")
    assert anchor_pending(AT) == 1
    assert list(Anchored.objects.values_list("checkpoint_id", flat=True)) == [1]
    assert anchor_pending(AT) == 0
    node.call("anvil_mine", "0x3")
    assert anchor_pending(AT) == 1
    assert list(Anchored.objects.values_list("checkpoint_id", flat=True)) == [1, 2]


@needs_node
def test_an_anchor_lost_after_it_was_recorded_is_sent_again(node: ChainNode, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("YJZ_CHAIN_KEY", KEY)
    log("A")
    config = node.config(deploy(node.config(), settings.LOG_ORIGIN, KEY))
    configure(settings, config)
    assert anchor_pending(AT) == 1
    node.call("anvil_reorg", 1, [])
    chain = connect(config, settings.LOG_ORIGIN, operator_of(KEY))
    assert chain.size() == 0
    assert anchor_pending(AT) == 1
    assert chain.size() == 1
    assert Anchored.objects.count() == 2
    place = queries.place_of("A", "issued")
    assert place is not None
    proven = queries.proof_of(place)
    assert proven is not None
    assert check_anchor(proven.anchor, proven.inclusion, [chain]).status is Status.PASSED


@needs_node
def test_another_root_on_the_chain_stops_signing_and_anchoring(
    node: ChainNode, settings: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("YJZ_CHAIN_KEY", KEY)
    log("A")
    config = node.config(deploy(node.config(), settings.LOG_ORIGIN, KEY))
    connect(config, settings.LOG_ORIGIN, operator_of(KEY)).anchor(
        Checkpoint(settings.LOG_ORIGIN, 1, bytes([7]) * 32), KEY
    )
    configure(settings, config)
    with pytest.raises(RolledBackError, match="历史被改动"):
        anchor_pending(AT)
    withdraw_confirmation()
    with pytest.raises(RolledBackError, match="历史被改动"):
        log("B")


@needs_node
def test_a_mark_restored_with_the_database_does_not_deceive_the_chain(
    node: ChainNode, settings: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("YJZ_CHAIN_KEY", KEY)
    log("A")
    mark, savepoint = settings_of_log.mark().path.read_text(), transaction.savepoint()
    log("B", "C")
    configure(settings, node.config(deploy(node.config(), settings.LOG_ORIGIN, KEY)))
    anchor_pending(AT)
    transaction.savepoint_rollback(savepoint)
    settings_of_log.mark().path.write_text(mark)
    withdraw_confirmation()  # a new process
    with pytest.raises(RolledBackError, match="旧备份"):
        log("D")
    assert queries.newest_checkpoint().size == 1  # type: ignore[union-attr]
    # While the node is away nobody can say, so nothing is signed either.
    node.stop()
    with pytest.raises(UnconfirmedError, match="暂不签署"):
        sign_head(AT)
