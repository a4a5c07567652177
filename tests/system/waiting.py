"""Waiting for servers, with the patience that a machine needs which does other things, too."""

import time
from collections.abc import Callable
from urllib.request import urlopen

PATIENCE = 300  # s


def wait_until(met: Callable[[], object], what: str) -> None:
    """Until that is so; what nobody answers to yet isn't. Raises AssertionError with `what` in the end."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if met():
                return
        except OSError:
            pass  # no server, or one that is starting
        time.sleep(0.1)
    raise AssertionError(what)


def answered(address: str) -> bytes:
    """What is at that address as soon as the server is there."""
    found: list[bytes] = []

    def asked() -> bool:
        with urlopen(address, timeout=5) as answer:
            found.append(answer.read())
        return True

    wait_until(asked, f"nothing at {address}")
    return found[-1]
