import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

sys.path.insert(0, str(Path(__file__).parents[3] / "evidence" / "anchor"))
from test_anchor import KEY, TestNode, needs_node, node

from yuejingzhun.evidence.anchor.chain import deploy
from yuejingzhun.evidence.anchor.proof import AnchorError, check_anchor
from yuejingzhun.evidence.authority import create_authority, issue_signer
from yuejingzhun.evidence.checks import Status
from yuejingzhun.evidence.entry import Entry, encode, sign_entry
from yuejingzhun.platform.foundation.ledger import queries
from yuejingzhun.platform.foundation.ledger.anchoring import anchor_pending, chain_config
from yuejingzhun.platform.foundation.ledger.errors import LedgerError, RolledBackError
from yuejingzhun.platform.foundation.ledger.models import Anchored
from yuejingzhun.platform.foundation.ledger.services import sequence, sign_head, submit

__all__ = ["node"]
AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
SIGNER = issue_signer(create_authority("演示根证书", AT - timedelta(days=1)), "演示市计量检定所", AT)
pytestmark = pytest.mark.django_db


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
def test_heads_are_anchored_and_the_proof_goes_into_the_bundle(node: TestNode, settings: Any, monkeypatch: Any) -> None:
    log("A", "B")
    config = node.config(deploy(node.config(), settings.LOG_ORIGIN, KEY))
    text = f"url={config.url}\nchain_id={config.chain_id}\ngenesis={config.genesis}\ncontract={config.contract}\n"
    (settings.KEYS / "chain.txt").write_text(text + "confirmations=0\n")
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
def test_a_chain_that_holds_more_than_the_log_stops_it(node: TestNode, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("YJZ_CHAIN_KEY", KEY)
    log("A")
    savepoint = transaction.savepoint()
    log("B")
    config = node.config(deploy(node.config(), settings.LOG_ORIGIN, KEY))
    text = f"url={config.url}\nchain_id={config.chain_id}\ngenesis={config.genesis}\ncontract={config.contract}\n"
    (settings.KEYS / "chain.txt").write_text(text + "confirmations=0\n")
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
