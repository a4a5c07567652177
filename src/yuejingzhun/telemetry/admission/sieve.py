"""The rows of a chunk that are still good, and a line of the report for each that is not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from yuejingzhun.telemetry import refusal
from yuejingzhun.telemetry.admission.columns import Bools, Ints, texts
from yuejingzhun.telemetry.admission.headings import Layout
from yuejingzhun.telemetry.reading import Month
from yuejingzhun.telemetry.refusal import Reason

Found = Callable[[int], str]
"""What was found in a row, for the report."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a source beforehand; `month` where all its days should be of one, `city` where it names none."""

    source: str
    today: date
    received_at: datetime
    month: Month | None = None
    city: str | None = None


class Sieve:
    """A chunk of a source; a row is refused once, for the first reason that is met."""

    def __init__(self, chunk: pa.Table, row_numbers: Ints, layout: Layout, expected: Expected) -> None:
        self.chunk, self.row_numbers, self.layout, self.expected = chunk, row_numbers, layout, expected
        self.good: Bools = np.ones(chunk.num_rows, dtype=bool)
        self.lines: list[refusal.Line] = []
        self.meters = self.text("meter")

    def column(self, field: str) -> pa.ChunkedArray | None:
        """The column of a field, if the source has one."""
        name = self.layout.fields.get(field)
        return None if name is None else self.chunk.column(name)

    def text(self, field: str) -> pa.Array:
        """A field as trimmed text, null where there is none."""
        column = self.column(field)
        return pa.nulls(self.chunk.num_rows, pa.string()) if column is None else texts(column)

    def refuse(self, wrong: Bools, reason: Reason, found: Found, rows: NDArray[np.intp] | None = None) -> None:
        """`wrong` and `found` count over all rows of the chunk, or within `rows` (ascending) of them."""
        if not wrong.any():
            return
        places = np.arange(len(self.good)) if rows is None else rows
        for place in np.flatnonzero(wrong & self.good[places]):
            self.lines.append(refusal.line(self._where(places[place]), reason, found(int(place))))
        self.good[places[wrong]] = False

    def notice(self, noticed: Bools, reason: Reason, found: Found, rows: NDArray[np.intp]) -> None:
        """Say something about good rows; `noticed` and `found` count within `rows`."""
        for place in np.flatnonzero(noticed & self.good[rows]):
            self.lines.append(refusal.notice(self._where(rows[place]), reason, found(int(place))))

    def _where(self, row: np.intp) -> refusal.Where:
        return refusal.Where(self.expected.source, int(self.row_numbers[row]), self.meters[int(row)].as_py())


def shown(array: pa.Array) -> Found:
    """What stands in a column, cut to a length that can be read."""
    return lambda row: str(array[row].as_py())[:60]


def true(array: pa.Array) -> Bools:
    """A boolean column as an array, false for null."""
    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), dtype=bool)
