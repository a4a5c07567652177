"""Writing a file so that it is there, whole, also after the power went out."""

import os
from pathlib import Path


def write_durably(path: Path, data: bytes) -> None:
    """Replace a file whole or not at all, and return only once it is on the disk; raises OSError."""
    draft = path.with_name(path.name + ".new")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
