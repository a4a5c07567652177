"""The HTTP side of a witness: a WSGI application over one folder (C2SP tlog-witness).

The folder holds `keys/*.key`, `logs.txt` with one vkey a line, and `memory/`.
"""

import os
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from yuejingzhun.evidence.log.note import NoteKey, parse_vkey
from yuejingzhun.evidence.log.note_signer import NoteSigner, load
from yuejingzhun.evidence.log.witness import WitnessRefusal, add_checkpoint, remember_in

LARGEST_BODY = 100_000
PLAIN = "text/plain; charset=utf-8"
STATUSES = {
    200: "200 OK",
    400: "400 Bad Request",
    403: "403 Forbidden",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    409: "409 Conflict",
    413: "413 Content Too Large",
    422: "422 Unprocessable Entity",
}
Environment = dict[str, Any]
Start = Callable[[str, list[tuple[str, str]]], object]


def logs_of(folder: Path) -> dict[str, list[NoteKey]]:
    """The logs that this witness knows, by origin; raises NoteError."""
    known: dict[str, list[NoteKey]] = {}
    path = folder / "logs.txt"
    for line in path.read_text().splitlines() if path.exists() else ():
        if line.strip():
            key = parse_vkey(line)
            known.setdefault(key.name, []).append(key)
    return known


def signers_of(folder: Path) -> list[NoteSigner]:
    """The keys of this witness; raises NoteError."""
    return [load(path) for path in sorted((folder / "keys").glob("*.key"))]


def witness_app(folder: Path) -> Callable[[Environment, Start], Iterable[bytes]]:
    """The application; logs may be added to the folder while it runs, keys not."""
    signers, remember = signers_of(folder), remember_in(folder / "memory")

    def answer(environment: Environment) -> tuple[int, str, str]:
        if environment["PATH_INFO"] != "/add-checkpoint":
            return 404, "not found\n", PLAIN
        if environment["REQUEST_METHOD"] != "POST":
            return 405, "POST only\n", PLAIN
        length = environment.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            return 413, "too large\n", PLAIN
        body = environment["wsgi.input"].read(int(length))
        try:
            return 200, add_checkpoint(body, logs_of(folder), signers, remember, int(time.time())), PLAIN
        except WitnessRefusal as refusal:
            return refusal.status, refusal.body, refusal.content_type

    def application(environment: Environment, start: Start) -> Iterable[bytes]:
        status, body, kind = answer(environment)
        content = body.encode()
        start(STATUSES[status], [("Content-Type", kind), ("Content-Length", str(len(content)))])
        return [content]

    return application


@cache
def _app() -> Callable[[Environment, Start], Iterable[bytes]]:
    return witness_app(Path(os.environ["YJZ_WITNESS"]))


def application(environment: Environment, start: Start) -> Iterable[bytes]:
    """The application over the folder that YJZ_WITNESS names, for a server that wants a name to import."""
    return _app()(environment, start)
