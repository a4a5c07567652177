"""Serial numbers that are never given twice, whatever is killed: blocks are reserved durably before any is used."""

import fcntl
import os
import threading
from pathlib import Path

BLOCK = 1000


class SerialFile:
    """Serials from a file that several processes share; after a kill the rest of a block is skipped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock, self._next, self._end = threading.Lock(), 0, 0

    def take(self) -> int:
        """The next serial number; raises OSError or ValueError where the file can't be used."""
        with self._lock:
            if self._next == self._end:
                self._next = self._reserve()
                self._end = self._next + BLOCK
            self._next += 1
            return self._next - 1

    def _reserve(self) -> int:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            first = int(file.read() or "1")
            file.seek(0)
            # Always as long as before, so that no moment of a write leaves a smaller number behind.
            file.write(f"{first + BLOCK:020}")
            file.flush()
            os.fsync(file.fileno())
            return first
