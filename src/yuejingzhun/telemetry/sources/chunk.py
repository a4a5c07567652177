"""What every kind of file is read into."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yuejingzhun.telemetry.admission.headings import Layout, layout
from yuejingzhun.telemetry.refusal import Reason


class SourceError(Exception):
    """A file that can't be used at all."""

    def __init__(self, reason: Reason, found: str) -> None:
        super().__init__(f"{reason.sentence}：{found}")
        self.reason, self.found = reason, found


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows as they stand in a file, their numbers there, and numbers of rows that had more or fewer fields than the
    heading, with what was found."""

    table: pa.Table
    row_numbers: NDArray[np.int64]
    layout: Layout
    misshapen: tuple[tuple[int, str], ...] = ()


def known_layout(columns: Sequence[str]) -> Layout:
    """The layout of a heading; raises SourceError for one without the columns that are needed."""
    found = layout(columns)
    if missing := found.missing():
        present = "、".join(columns[:12]) + ("…" if len(columns) > 12 else "")
        raise SourceError(Reason.NO_COLUMN, f"{'、'.join(missing)}（现为 {present or '空'}）")
    return found
