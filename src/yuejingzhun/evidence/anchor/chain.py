"""An EVM chain that holds anchors: FISCO BCOS 3, Besu or a test node, all by Ethereum JSON-RPC (extra `chain`)."""

import hashlib
import json
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_LIMIT = sys.getrecursionlimit()
from eth_account import Account  # noqa: E402
from requests.exceptions import RequestException  # noqa: E402
from web3 import Web3  # noqa: E402
from web3.exceptions import ContractLogicError, TimeExhausted, TransactionNotFound, Web3Exception  # noqa: E402
from web3.middleware import ExtraDataToPOAMiddleware  # noqa: E402

# One of those raises the limit for the whole process, so far that deep input would crash the interpreter.
sys.setrecursionlimit(_LIMIT)

from yuejingzhun.evidence.anchor.proof import AnchorError, AnchorProof  # noqa: E402
from yuejingzhun.evidence.log.checkpoint import Checkpoint  # noqa: E402

COMPILED = Path(__file__).with_name("CheckpointAnchor.json")
TIMEOUT = 10  # s, for one request
PATIENCE = 60  # s, for one transaction to be in a block
UNREACHABLE = (RequestException, Web3Exception, OSError, ValueError)


class ChainUnreachableError(AnchorError):
    """The node doesn't answer, or not in time: to be tried again later."""


@dataclass(frozen=True, slots=True)
class ChainConfig:
    """Which chain, told by its genesis; `confirmations` more blocks make a block final (0 where blocks are final)."""

    url: str
    chain_id: int
    genesis: str
    contract: str = ""
    confirmations: int = 0


@cache
def _compiled() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(COMPILED.read_text())
    return content


def operator_of(key: str) -> str:
    """The address of a private key (hexadecimal); raises AnchorError, which tells nothing of the key."""
    try:
        return str(Account.from_key(key).address)
    except (ValueError, TypeError, AttributeError):
        raise AnchorError("运营者的私钥无法读取：应为 32 字节的十六进制") from None


def identify(url: str) -> tuple[int, str]:
    """The id and the genesis of the chain that a node belongs to; raises ChainUnreachableError."""
    return _identity(_bare(url), url)


def connect(config: ChainConfig, origin: str, operator: str) -> "Chain":
    """The chain and its contract, checked: raises AnchorError for another chain or contract, and where it is silent."""
    if not Web3.is_address(config.contract):
        raise AnchorError(f"合约地址 {config.contract[:60]!r} 不是 0x 开头的 40 位十六进制")
    web3 = _web3(config)
    try:
        code = bytes(web3.eth.get_code(Web3.to_checksum_address(config.contract)))
        contract = web3.eth.contract(address=Web3.to_checksum_address(config.contract), abi=_compiled()["abi"])
        if _without_immutables(code) != _without_immutables(bytes.fromhex(_compiled()["deployed"])):
            raise AnchorError(f"地址 {config.contract} 上的合约不是本工程的锚定合约")
        if contract.functions.operator().call() != operator:
            raise AnchorError("合约的运营者不是本日志的密钥")
        if bytes(contract.functions.origin().call()) != hashlib.sha256(origin.encode()).digest():
            raise AnchorError(f"合约属于另一个日志，不是 {origin}")
    except UNREACHABLE as error:
        raise ChainUnreachableError(f"链上节点 {config.url} 没有回答：{error}") from error
    return Chain(config, web3, contract)


def deploy(config: ChainConfig, origin: str, key: str) -> str:
    """Put a new contract for a log on the chain, its operator the owner of this key; the contract's address."""
    web3 = _web3(config)
    factory = web3.eth.contract(abi=_compiled()["abi"], bytecode=_compiled()["bytecode"])
    made = factory.constructor(operator_of(key), hashlib.sha256(origin.encode()).digest())
    try:
        receipt = _send(web3, made, key)
    except UNREACHABLE as error:
        raise ChainUnreachableError(f"合约没有部署成功：{error}") from error
    return str(receipt["contractAddress"])


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain that was checked by `connect`."""

    config: ChainConfig
    web3: Web3
    contract: Any

    @property
    def url(self) -> str:
        """The node's address."""
        return self.config.url

    def size(self) -> int:
        """The size of the newest head on the chain."""
        return int(self._ask(self.contract.functions.size().call))

    def root_at(self, size: int) -> bytes | None:
        """The root that stands there for a size, if one does."""
        return self._head(size)[0]

    def _head(self, size: int) -> tuple[bytes | None, int]:
        root, block = self._ask(self.contract.functions.headAt(size).call)
        return (bytes(root), int(block)) if block else (None, 0)

    def anchor(self, checkpoint: Checkpoint, key: str) -> None:
        """Put a head on the chain and wait until it is in a block; raises AnchorError where the contract refuses."""
        try:
            _send(self.web3, self.contract.functions.anchor(checkpoint.size, checkpoint.root), key)
        except ContractLogicError as error:
            raise AnchorError(f"锚定合约拒绝了 {checkpoint.size} 条的日志头：{error}") from error
        except UNREACHABLE as error:
            raise ChainUnreachableError(f"链上节点 {self.url} 没有回答：{error}") from error

    def final_proof(self, size: int) -> AnchorProof | None:
        """Where the head of that size stands, once its block is final; None before."""
        root, block = self._head(size)
        if root is None:
            return None

        def find() -> Any:
            # In that one block: nodes of known parties limit how many may be searched at once.
            events = self.contract.events.Anchored()
            return events.get_logs(from_block=block, to_block=block, argument_filters={"size": size})

        found = self._ask(find)
        if (
            not found
            or self._ask(self.web3.eth.get_block_number) - found[-1]["blockNumber"] < self.config.confirmations
        ):
            return None
        event = found[-1]
        return AnchorProof(
            chain_id=self.config.chain_id,
            genesis=self.config.genesis,
            contract=str(self.contract.address),
            block=event["blockNumber"],
            block_hash=_hex(event["blockHash"]),
            transaction=_hex(event["transactionHash"]),
            size=size,
            root=_hex(event["args"]["root"]),
        )

    def confirms(self, proof: AnchorProof) -> bool:
        """Whether this node has exactly that; raises AnchorError where it is silent."""
        same = (proof.chain_id, proof.genesis, proof.contract.lower())
        if same != (self.config.chain_id, self.config.genesis, str(self.contract.address).lower()):
            return False
        return self.final_proof(proof.size) == proof

    def _ask(self, question: Any) -> Any:
        try:
            return question()
        except TransactionNotFound:
            return None
        except UNREACHABLE as error:
            raise ChainUnreachableError(f"链上节点 {self.url} 没有回答：{error}") from error


def _bare(url: str) -> Web3:
    web3 = Web3(Web3.HTTPProvider(url, request_kwargs={"timeout": TIMEOUT}))
    # Chains run by known parties put their signatures where others have 32 bytes.
    web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    return web3


def _identity(web3: Web3, url: str) -> tuple[int, str]:
    try:
        chain_id, first = web3.eth.chain_id, web3.eth.get_block(0)
    except UNREACHABLE as error:
        raise ChainUnreachableError(f"链上节点 {url} 没有回答：{error}") from error
    if "hash" not in first:
        raise AnchorError(f"{url} 的回答里没有创世区块的哈希：不是以太坊接口的节点")
    return chain_id, _hex(first["hash"])


def _web3(config: ChainConfig) -> Web3:
    web3 = _bare(config.url)
    chain_id, genesis = _identity(web3, config.url)
    if chain_id != config.chain_id:
        raise AnchorError(f"节点 {config.url} 的链编号是 {chain_id}，应为 {config.chain_id}")
    if genesis != config.genesis:
        raise AnchorError(f"节点 {config.url} 的创世区块是 {genesis}，应为 {config.genesis}")
    return web3


def _send(web3: Web3, call: Any, key: str) -> Any:
    sender = operator_of(key)
    # The nonce of what is mined: a transaction left behind in a pool is replaced, never waited for.
    nonce = web3.eth.get_transaction_count(Web3.to_checksum_address(sender), "latest")
    price = web3.eth.gas_price
    content = call.build_transaction({"from": sender, "nonce": nonce, "gasPrice": price * 2})
    signed = Account.sign_transaction(content, key)
    transaction = web3.eth.send_raw_transaction(signed.raw_transaction)
    try:
        receipt = web3.eth.wait_for_transaction_receipt(transaction, timeout=PATIENCE, poll_latency=0.1)
    except TimeExhausted as error:
        raise ChainUnreachableError("交易迟迟没有进入区块") from error
    if receipt["status"] != 1:
        raise AnchorError("交易被合约拒绝")
    return receipt


def _without_immutables(code: bytes) -> bytes:
    changed = bytearray(code)
    for start, length in _compiled()["immutables"]:
        changed[start : start + length] = bytes(length)
    return bytes(changed)


def _hex(value: Any) -> str:
    return f"0x{bytes(value).hex()}"
