"""Parts of the graph in files that are mapped into memory: a cache that can be deleted at any time.

One file a part, named by the ids of links that it covers: above the first number, up to the second. A recall touches
only the pages that it needs, and what is new lies in small parts beside the large one, which are merged as they grow.
A file is written beside and renamed, so that a reader finds a whole one or none, and what it has mapped stays readable
after the file is gone. A lock keeps processes from writing at once.
"""

import fcntl
import logging
import mmap
import os
import re
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yuejingzhun.metrology.traceability.part import Part, merged

log = logging.getLogger(__name__)

HEADER = struct.Struct("<8sqqq")  # magic, links, uppers, leading
MAGIC = b"yjzpart2"
# In the order of the file; eight bytes before four, so that each column is aligned.
LAYOUT = (
    *((name, "<i8") for name in ("number", "upper_key", "lower_key", "leading")),
    *((name, "<f8") for name in ("factor", "mpe", "expanded_u", "margin")),
    *((name, "<i4") for name in ("lower", "strand", "ended", "by_lower", "uppers")),
)
NAME = re.compile(r"links-(?P<after>[0-9]{20})-(?P<last>[0-9]{20})\.part")
FEW = 2_000
"""So many new links aren't written: reading them again takes milliseconds."""
RATIO = 16
"""A part is merged with the one before it unless that is so many times as large."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A part with the links above the id `after`, up to the id `last`."""

    after: int
    last: int
    part: Part

    @property
    def name(self) -> str:
        """Of its file."""
        return _name(self.after, self.last)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Alone with the folder, which is made where it is missing; the kernel drops the lock with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def file_names(folder: Path) -> set[str]:
    """Of all parts on file."""
    return {path.name for path in folder.glob("links-*.part")}


def kept_parts(folder: Path) -> list[Kept]:
    """The parts on file, each beginning where the one before ends; the rest, and what is damaged, is left out."""
    names = filter(None, map(NAME.fullmatch, file_names(folder)))
    spans = [(int(name["after"]), int(name["last"])) for name in names]
    found: list[Kept] = []
    at = 0
    for after, last in sorted(spans, key=lambda span: (span[0], -span[1])):
        # The longer comes first: of a merger that was interrupted before it removed what it merged.
        if after == at and last > at and (part := load(folder / _name(after, last))) is not None:
            found.append(Kept(after, last, part))
            at = last
    return found


def grown(folder: Path, known: list[Kept], last: int, read: Callable[[int, int], Part]) -> list[Kept]:
    """The parts with the links up to `last`; written where they are many, and merged with smaller ones before them.

    `read(after, last)` gives the new links. What can't be written, on a full disk say, is used without.
    """
    after = known[-1].last if known else 0
    if last <= after:
        return known
    new = Kept(after, last, read(after, last))
    if new.part.links <= FEW:
        return [*known, new]
    staying, size = list(known), new.part.links
    joined = [new]
    while staying and RATIO * size > staying[-1].part.links:
        joined.insert(0, staying.pop())
        size += joined[0].part.links
    whole = new if len(joined) == 1 else Kept(joined[0].after, last, merged(tuple(one.part for one in joined)))
    del new, joined
    try:
        return [*staying, _written(folder, whole, staying)]
    except OSError as error:
        log.warning("溯源快照不能写入 %s，这次只在内存里用：%s", folder, error)
        return [*staying, whole]


def load(path: Path) -> Part | None:
    """The part in a file, mapped; None for a file that is gone, cut short or no part."""
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        magic, links, uppers, leading = HEADER.unpack_from(data)
    except (OSError, ValueError, struct.error):
        return None
    counts = {name: links for name, _ in LAYOUT} | {"uppers": uppers, "leading": leading}
    whole = HEADER.size + sum(counts[name] * np.dtype(kind).itemsize for name, kind in LAYOUT)
    if magic != MAGIC or min(links, uppers, leading) < 0 or len(data) != whole:
        return None
    columns, at = {}, HEADER.size
    for name, kind in LAYOUT:
        columns[name] = np.frombuffer(data, kind, counts[name], at)
        at += columns[name].nbytes
    return Part(**columns)


def _name(after: int, last: int) -> str:
    return f"links-{after:020}-{last:020}.part"


def _written(folder: Path, whole: Kept, staying: list[Kept]) -> Kept:
    """The part on file and no longer in memory; what it replaces, or nobody can reach, is removed."""
    draft = folder / "draft"
    with draft.open("wb") as file:
        file.write(HEADER.pack(MAGIC, whole.part.links, len(whole.part.uppers), len(whole.part.leading)))
        for name, kind in LAYOUT:
            file.write(np.ascontiguousarray(getattr(whole.part, name), kind).data)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / whole.name)
    names = {one.name for one in (*staying, whole)}
    for name in file_names(folder) - names:
        (folder / name).unlink()
    part = load(folder / whole.name)
    return whole if part is None else Kept(whole.after, whole.last, part)
