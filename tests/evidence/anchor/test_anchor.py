"""Anchors on a real node (anvil), started and stopped here."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest
from web3.types import FilterParams

from chain_node import CHAIN, KEY, OTHER_KEY, ChainNode, needs_node
from yuejingzhun.evidence.anchor.chain import (
    COMPILED,
    Chain,
    ChainConfig,
    ChainUnreachableError,
    connect,
    deploy,
    operator_of,
)
from yuejingzhun.evidence.anchor.drain import drain
from yuejingzhun.evidence.anchor.proof import AnchorError, AnchorProof, check_anchor, decode
from yuejingzhun.evidence.checks import Status
from yuejingzhun.evidence.log.checkpoint import Checkpoint
from yuejingzhun.evidence.log.high_water import RolledBackError
from yuejingzhun.evidence.log.merkle import leaf_hash, root_of
from yuejingzhun.evidence.log.note import KeyKind, Note
from yuejingzhun.evidence.log.note_signer import generate
from yuejingzhun.evidence.log.proof import InclusionProof

ORIGIN = "log.example/yjz"
LEAVES = [leaf_hash(b"%d" % n) for n in range(100)]


def head(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, root_of(LEAVES[:size]))


def opened(node: ChainNode, confirmations: int = 0) -> Chain:
    contract = deploy(node.config(), ORIGIN, KEY)
    return connect(node.config(contract, confirmations), ORIGIN, operator_of(KEY))


def sizes(found: Iterator[tuple[Checkpoint, AnchorProof]]) -> list[int]:
    return [checkpoint.size for checkpoint, _ in found]


@needs_node
def test_heads_are_anchored_in_their_order_and_once(node: ChainNode) -> None:
    chain = opened(node)
    assert sizes(drain([head(30), head(10), head(20)], chain, KEY)) == [10, 20, 30]
    before = chain.web3.eth.get_block_number()
    assert sizes(drain([head(10), head(20), head(30)], chain, KEY)) == [10, 20, 30]
    assert chain.web3.eth.get_block_number() == before, "sent again what was there"
    assert sizes(drain([head(25)], chain, KEY)) == [], "covered by a larger one"
    assert chain.root_at(20) == head(20).root
    proof = chain.final_proof(20)
    assert proof is not None
    assert decode(proof.encode()) == proof
    assert chain.confirms(proof)
    assert not chain.confirms(replace(proof, root="0x" + "1" * 64))


@needs_node
def test_events_are_asked_for_in_one_block_only(node: ChainNode, monkeypatch: pytest.MonkeyPatch) -> None:
    chain = opened(node)
    node.call("anvil_mine", "0x64")
    chain.anchor(head(10), KEY)
    asked: list[tuple[object, object]] = []
    get_logs = chain.web3.eth.get_logs

    def watched(wanted: FilterParams) -> object:
        asked.append((wanted.get("fromBlock"), wanted.get("toBlock")))
        return get_logs(wanted)

    monkeypatch.setattr(chain.web3.eth, "get_logs", watched)
    proof = chain.final_proof(10)
    assert proof is not None
    assert asked == [(proof.block, proof.block)]


@needs_node
def test_an_outage_drains_in_order_afterwards(node: ChainNode) -> None:
    chain = opened(node)
    list(drain([head(10)], chain, KEY))
    node.stop()
    for _ in range(3):
        with pytest.raises(ChainUnreachableError):
            list(drain([head(20), head(30)], chain, KEY))
    node.start()
    assert chain.size() == 10
    assert sizes(drain([head(20), head(30)], chain, KEY)) == [20, 30]


@needs_node
def test_a_reorganisation_is_anchored_again(node: ChainNode) -> None:
    chain = opened(node, confirmations=3)
    assert sizes(drain([head(10)], chain, KEY)) == [], "not final yet"
    node.call("anvil_mine", "0x3")
    ((_, first),) = drain([head(10)], chain, KEY)
    assert sizes(drain([head(20)], chain, KEY)) == []
    # The last block, which holds the anchor of 20, is replaced by an empty one.
    node.call("anvil_reorg", 1, [])
    assert chain.root_at(20) is None
    assert sizes(drain([head(20)], chain, KEY)) == []
    node.call("anvil_mine", "0x3")
    ((_, second),) = drain([head(20)], chain, KEY)
    assert chain.confirms(first)
    assert chain.confirms(second)
    # Deeper than what was thought to be final: a proof that was given is no longer confirmed, and is made anew.
    node.call("anvil_reorg", 5, [])
    assert not chain.confirms(second)


@needs_node
def test_the_wrong_chain_contract_or_key_is_refused(node: ChainNode) -> None:
    chain = opened(node)
    good = chain.config
    for wrong, origin, key, message in (
        (replace(good, chain_id=1), ORIGIN, KEY, "链编号"),
        (replace(good, genesis="0x" + "0" * 64), ORIGIN, KEY, "创世区块"),
        (replace(good, contract="0x" + "1" * 40), ORIGIN, KEY, "不是本工程的锚定合约"),
        (good, "other.example/log", KEY, "另一个日志"),
        (good, ORIGIN, OTHER_KEY, "运营者"),
    ):
        with pytest.raises(AnchorError, match=message):
            connect(wrong, origin, operator_of(key))
    with pytest.raises(ChainUnreachableError):
        connect(replace(good, url="http://127.0.0.1:9"), ORIGIN, operator_of(KEY))


@needs_node
def test_the_contract_takes_only_larger_heads_of_its_operator(node: ChainNode) -> None:
    chain = opened(node)
    chain.anchor(head(10), KEY)
    for checkpoint, key in ((head(10), KEY), (head(9), KEY), (head(11), OTHER_KEY)):
        with pytest.raises(AnchorError):
            chain.anchor(checkpoint, key)
    assert chain.size() == 10


@needs_node
def test_another_root_on_the_chain_stops_everything(node: ChainNode) -> None:
    chain = opened(node)
    chain.anchor(Checkpoint(ORIGIN, 10, bytes([1]) * 32), KEY)
    with pytest.raises(RolledBackError):
        list(drain([head(10)], chain, KEY))


@needs_node
def test_two_workers_do_not_collide(node: ChainNode) -> None:
    chain = opened(node)
    found: list[list[int]] = []
    errors: list[AnchorError] = []

    def work() -> None:
        try:
            mine = connect(chain.config, ORIGIN, operator_of(KEY))
            found.append(sizes(drain([head(n) for n in range(10, 100, 10)], mine, KEY)))
        except AnchorError as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Whoever was slower may have been told to try again; what stands on the chain is right, each head once.
    assert len(found) + len(errors) == 2
    assert sizes(drain([head(n) for n in range(10, 100, 10)], chain, KEY)) == list(range(10, 100, 10))
    events = chain.contract.events.Anchored().get_logs(from_block=0)
    assert [event["args"]["size"] for event in events] == list(range(10, 100, 10))


@needs_node
def test_a_bundle_s_anchor_is_confirmed_by_a_node_and_otherwise_a_claim(node: ChainNode) -> None:
    chain = opened(node)
    ((checkpoint, proof),) = drain([head(2)], chain, KEY)
    signer = generate(ORIGIN, KeyKind.ED25519)
    inclusion = InclusionProof(0, (LEAVES[1],), Note(checkpoint.text, (signer.sign(checkpoint.text, 0),)).encode())
    status = lambda *given: check_anchor(*given).status  # noqa: E731
    assert status(proof.encode(), inclusion.encode(), [chain]) is Status.PASSED
    assert status(proof.encode(), inclusion.encode(), []) is Status.ABSENT
    assert status(None, None, []) is Status.ABSENT
    assert status(proof.encode(), None, []) is Status.FAILED
    other = replace(proof, size=3)
    assert status(other.encode(), inclusion.encode(), []) is Status.FAILED
    assert status(replace(proof, block=1).encode(), inclusion.encode(), [chain]) is Status.FAILED


class _Babble(BaseHTTPRequestHandler):
    answers: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(self.answers[0])

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"nonsense", b"[]", b"null", b"{}", b"<html>",
        b'{"jsonrpc":"2.0","id":1,"result":null}',
        b'{"jsonrpc":"2.0","id":1,"result":{}}',
        b'{"jsonrpc":"2.0","id":1,"result":"x"}',
        b'{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}',
    ],
)  # fmt: skip
def test_a_node_that_babbles_is_no_crash(answer: bytes) -> None:
    _Babble.answers[:] = [answer]
    with HTTPServer(("127.0.0.1", 0), _Babble) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        config = ChainConfig(f"http://127.0.0.1:{server.server_port}", 31337, "0x" + "0" * 64, "0x" + "1" * 40)
        with pytest.raises(AnchorError):
            connect(config, ORIGIN, operator_of(KEY))
        server.shutdown()


@pytest.mark.parametrize("contract", ["", "0x", "nonsense", "0x" + "g" * 40, "0x" + "1" * 39])
def test_a_wrong_address_is_not_said_to_be_a_silent_node(contract: str) -> None:
    with pytest.raises(AnchorError, match="合约地址") as caught:
        connect(ChainConfig("http://127.0.0.1:9", 1, "0x", contract), ORIGIN, operator_of(KEY))
    assert not isinstance(caught.value, ChainUnreachableError)


@pytest.mark.parametrize("key", ["", "nonsense", "0x12", "0x" + "0" * 64, "0x" + "f" * 64])
def test_a_wrong_key_is_said_so_and_not_shown(key: str) -> None:
    with pytest.raises(AnchorError, match="私钥") as caught:
        operator_of(key)
    assert caught.value.__cause__ is None
    assert not key or key not in str(caught.value)


PROOF = AnchorProof(1, "0x" + "a" * 64, "0x" + "b" * 40, 7, "0x" + "c" * 64, "0x" + "d" * 64, 9, "0x" + "e" * 64)


def test_every_flipped_bit_of_a_proof_is_refused_or_another_proof() -> None:
    data = PROOF.encode()
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            assert decode(bytes(changed)) != PROOF
        except AnchorError:
            continue
    for wrong in (b"", b"[]", b"[" * 5000, data + b" ", b"{}"):
        with pytest.raises(AnchorError):
            decode(wrong)


@pytest.mark.skipif(not (CHAIN / "node_modules" / "solc").exists(), reason="no solc: run npm ci in tests/chain")
def test_the_contract_compiles_to_what_is_committed() -> None:
    source = COMPILED.with_suffix(".sol")
    made = subprocess.run(["node", "compile.js", source], cwd=CHAIN, check=True, capture_output=True, env=os.environ)
    assert json.loads(made.stdout) == json.loads(COMPILED.read_text())
