"""Anchors on a real node (anvil), started and stopped here."""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

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

CHAIN = Path(__file__).parents[2] / "chain"
ANVIL = next(CHAIN.glob("node_modules/@foundry-rs/anvil-*/bin/anvil"), None) or shutil.which("anvil")
needs_node = pytest.mark.skipif(ANVIL is None, reason="no anvil: run npm ci in tests/chain")
ORIGIN = "log.example/yjz"
# The first two accounts of the test node, known to everyone.
KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
OTHER_KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
LEAVES = [leaf_hash(b"%d" % n) for n in range(100)]


def head(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, root_of(LEAVES[:size]))


class TestNode:
    """anvil on a port of its own, that can be stopped and started again with its state."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.state, self.process = folder / "state.json", None
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [str(ANVIL), "--port", str(self.port), "--silent", "--state", str(self.state), "--chain-id", "31337"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                return socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            except OSError:
                time.sleep(0.05)
        raise AssertionError("anvil did not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()

    def call(self, method: str, *parameters: object) -> object:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            content = json.load(answer)
        assert "error" not in content, content
        return content["result"]

    def config(self, contract: str = "", confirmations: int = 0) -> ChainConfig:
        block = self.call("eth_getBlockByNumber", "0x0", False)
        return ChainConfig(self.url, 31337, block["hash"], contract, confirmations)  # type: ignore[index]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[TestNode]:
    node = TestNode(tmp_path)
    node.start()
    yield node
    node.stop()


def opened(node: TestNode, confirmations: int = 0) -> Chain:
    contract = deploy(node.config(), ORIGIN, KEY)
    return connect(node.config(contract, confirmations), ORIGIN, operator_of(KEY))


def sizes(found: Iterator[tuple[Checkpoint, AnchorProof]]) -> list[int]:
    return [checkpoint.size for checkpoint, _ in found]


@needs_node
def test_heads_are_anchored_in_their_order_and_once(node: TestNode) -> None:
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
def test_an_outage_drains_in_order_afterwards(node: TestNode) -> None:
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
def test_a_reorganisation_is_anchored_again(node: TestNode) -> None:
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
def test_the_wrong_chain_contract_or_key_is_refused(node: TestNode) -> None:
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
def test_the_contract_takes_only_larger_heads_of_its_operator(node: TestNode) -> None:
    chain = opened(node)
    chain.anchor(head(10), KEY)
    for checkpoint, key in ((head(10), KEY), (head(9), KEY), (head(11), OTHER_KEY)):
        with pytest.raises(AnchorError):
            chain.anchor(checkpoint, key)
    assert chain.size() == 10


@needs_node
def test_another_root_on_the_chain_stops_everything(node: TestNode) -> None:
    chain = opened(node)
    chain.anchor(Checkpoint(ORIGIN, 10, bytes([1]) * 32), KEY)
    with pytest.raises(RolledBackError):
        list(drain([head(10)], chain, KEY))


@needs_node
def test_two_workers_do_not_collide(node: TestNode) -> None:
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
def test_a_bundle_s_anchor_is_confirmed_by_a_node_and_otherwise_a_claim(node: TestNode) -> None:
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
