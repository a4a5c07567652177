"""The gate of the lake: rows of a source that can be understood, with their quality; all others with the reason."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yuejingzhun.telemetry import refusal
from yuejingzhun.telemetry.admission.columns import Ints
from yuejingzhun.telemetry.admission.fields import identity, numbers
from yuejingzhun.telemetry.admission.headings import Layout
from yuejingzhun.telemetry.admission.judge import Judged, judge
from yuejingzhun.telemetry.admission.sieve import Expected, Sieve, true
from yuejingzhun.telemetry.reading import QUANTITIES, SCHEMA
from yuejingzhun.telemetry.rows import findings, flag_lists, register_lists


@dataclass(frozen=True, slots=True)
class Admitted:
    """Rows of reading.SCHEMA (`version` 0: none was given), and lines of refusal.SCHEMA."""

    rows: pa.Table
    lines: list[refusal.Line]


def admit(chunk: pa.Table, row_numbers: Ints, layout: Layout, expected: Expected) -> Admitted:
    """Judge the rows of one chunk of a source whose columns `layout` explains; `row_numbers` are those of the report.

    Some rows are refused, each for the first reason that is met; the others go on.
    """
    sieve = Sieve(chunk, row_numbers, layout, expected)
    texts = identity(sieve)
    figures = numbers(sieve)
    counts = ~true(pc.is_in(texts["role"], pa.array([role.value for role in QUANTITIES])))
    parts = [SCHEMA.empty_table()]
    for interval in np.unique(figures["interval_minutes"][sieve.good]):
        rows = np.flatnonzero(sieve.good & (figures["interval_minutes"] == interval))
        judged = judge(sieve, rows, figures["scaler"][rows], figures["capacity"][rows], counts[rows])
        parts.append(_assembled(sieve, texts, figures, judged))
    return Admitted(pa.concat_tables(parts), sieve.lines)


def _assembled(sieve: Sieve, texts: dict[str, pa.Array], figures: dict[str, Ints], judged: Judged) -> pa.Table:
    rows, place = judged.rows, pa.array(judged.rows)
    columns: dict[str, pa.Array] = {name: array.take(place) for name, array in texts.items()}
    columns |= {name: pa.array(values[rows]) for name, values in figures.items()}
    columns["day"] = pa.array(figures["day"][rows].astype(np.int32)).cast(pa.date32())
    columns["capacity"] = pa.array(figures["capacity"][rows], mask=figures["capacity"][rows] == 0)
    columns["registers"] = register_lists(judged.steps, judged.present)
    columns["flags"] = flag_lists(judged.flags)
    columns["findings"] = pa.array(findings(judged.flags))
    columns["received_at"] = pa.repeat(pa.scalar(sieve.expected.received_at, pa.timestamp("us", tz="UTC")), len(rows))
    columns["source"] = pa.repeat(sieve.expected.source, len(rows))
    columns["source_row"] = pa.array(sieve.row_numbers[rows])
    return pa.table([columns[field.name].cast(field.type) for field in SCHEMA], schema=SCHEMA)
