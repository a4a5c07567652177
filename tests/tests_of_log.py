"""What tests of the log share: a fixed now, made-up entries, and a witness that is really served."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from yuejingzhun.evidence.log.note import NoteKey
from yuejingzhun.evidence.log.note_signer import NoteSigner, store
from yuejingzhun.evidence.log.witness_app import witness_app
from yuejingzhun.evidence.log.witness_client import Witness

NOW = 1_795_000_000


def entries_of(count: int) -> list[bytes]:
    """So many entries, the same each time."""
    return [hashlib.sha256(b"statement %d" % n).digest() for n in range(count)]


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""


@contextmanager
def served_witness(folder: Path, log: NoteKey, *signers: NoteSigner) -> Iterator[Witness]:
    """A witness of that log over HTTP, its memory in the folder: served again it still remembers."""
    (folder / "keys").mkdir(parents=True, exist_ok=True)
    for number, signer in enumerate(signers):
        if not (folder / "keys" / f"{number}.key").exists():
            store(folder / "keys" / f"{number}.key", signer)
    (folder / "logs.txt").write_text(log.vkey + "\n")
    with make_server("127.0.0.1", 0, witness_app(folder), handler_class=_Quiet) as server:  # type: ignore[arg-type]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Witness(f"http://127.0.0.1:{server.server_port}/", tuple(signer.key for signer in signers))
        finally:
            server.shutdown()
            thread.join()
