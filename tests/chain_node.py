"""A real chain for the tests: anvil on a port of its own, and the accounts that everyone knows it has."""

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from yuejingzhun.evidence.anchor.chain import ChainConfig

CHAIN = Path(__file__).parent / "chain"
ANVIL = next(CHAIN.glob("node_modules/@foundry-rs/anvil-*/bin/anvil"), None) or shutil.which("anvil")
needs_node = pytest.mark.skipif(ANVIL is None, reason="no anvil: run npm ci in tests/chain")
KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
OTHER_KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"


class ChainNode:
    """anvil on a port of its own, that can be stopped and started again with its state."""

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
