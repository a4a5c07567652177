"""Putting signed heads on the chain that this installation is told of; none is a normal state."""

import os
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction

from yuejingzhun.evidence.anchor.drain import drain
from yuejingzhun.evidence.anchor.proof import decode
from yuejingzhun.evidence.log.checkpoint import parse_checkpoint
from yuejingzhun.evidence.log.high_water import RolledBackError
from yuejingzhun.evidence.log.merkle import range_hash
from yuejingzhun.evidence.log.note import parse_note
from yuejingzhun.platform.foundation.ledger.errors import LedgerError
from yuejingzhun.platform.foundation.ledger.log_tables import node_of
from yuejingzhun.platform.foundation.ledger.models import Anchored, SignedCheckpoint

if TYPE_CHECKING:
    from yuejingzhun.evidence.anchor.chain import Chain, ChainConfig

LOCK = 7_302_145  # of the database: one worker at a time talks to the chain
FIELDS = ("url", "chain_id", "genesis", "contract", "confirmations")


def chain_config() -> "ChainConfig | None":
    """The chain named in keys/chain.txt (lines url=, chain_id=, genesis=, contract=, confirmations=), if any."""
    path = settings.KEYS / "chain.txt"
    if not path.exists():
        return None
    from yuejingzhun.evidence.anchor.chain import ChainConfig

    given = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    try:
        url, chain_id, genesis, contract, confirmations = (given[field].strip() for field in FIELDS)
        return ChainConfig(url, int(chain_id), genesis, contract, int(confirmations))
    except (KeyError, ValueError) as error:
        raise LedgerError(f"{path.name} 不完整或有误，应有 {'、'.join(FIELDS)} 各一行（{error}）") from error


def open_chain() -> "Chain | None":
    """The chain, checked; None where none is configured. Raises LedgerError and AnchorError."""
    config = chain_config()
    if config is None:
        return None
    from yuejingzhun.evidence.anchor.chain import connect, operator_of

    return connect(config, settings.LOG_ORIGIN, operator_of(_key()))


def anchor_pending(at: datetime) -> int:
    """Anchor the newest head, one in flight at a time; how many became final.

    What is to be done follows from what the chain holds now, so an outage, a kill or a reorganisation needs nothing
    else. Raises AnchorError and RolledBackError.
    """
    chain = open_chain()
    if chain is None:
        return 0
    with transaction.atomic():
        if not _take_lock():
            return 0
        newest = SignedCheckpoint.objects.order_by("-size").first()
        pending = _to_anchor(chain, compare_with_chain(chain, newest), newest)
        heads = [parse_checkpoint(parse_note(bytes(pending.note)).text)] if pending else []
        found = [(head.size, proof) for head, proof in drain(heads, chain, _key())]
        for size, proof in found:
            Anchored.objects.create(checkpoint_id=size, proof=proof.encode(), at=at)
    return len(found)


def compare_with_chain(chain: "Chain", newest: SignedCheckpoint | None) -> int:
    """How many entries the chain covers; raises RolledBackError where it knows more than we signed, or another root."""
    held, signed = chain.size(), newest.size if newest else 0
    if held > signed:
        raise RolledBackError(f"链上已锚定 {held} 条，而日志只签到 {signed} 条：数据库可能是旧备份。拒绝签署")
    if held and chain.root_at(held) != range_hash(0, held, node_of(signed)):
        raise RolledBackError(f"链上 {held} 条的根与日志不同：历史被改动。拒绝签署")
    return held


def _to_anchor(chain: "Chain", held: int, newest: SignedCheckpoint | None) -> SignedCheckpoint | None:
    last = Anchored.objects.order_by("-checkpoint_id", "-pk").first()
    recorded = last.checkpoint_id if last else 0
    # In flight, or recorded in a block that a reorganisation has replaced: wait for its final block.
    moved = last is not None and held == recorded and not chain.confirms(decode(bytes(last.proof)))
    if held > recorded or moved:
        return SignedCheckpoint.objects.filter(size=held).first()
    # One anchor covers all before it; of many that wait, the newest is enough.
    return newest if newest is not None and newest.size > held else None


def _take_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _key() -> str:
    given = os.environ.get("YJZ_CHAIN_KEY") or _kept()
    if not given:
        raise LedgerError("已配置区块链，但没有运营者的私钥（YJZ_CHAIN_KEY 或 keys/chain.key）")
    return given.strip()


def _kept() -> str:
    path = settings.KEYS / "chain.key"
    return path.read_text() if path.exists() else ""
