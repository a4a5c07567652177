"""Simulated districts for the tests, as rows of the lake and as files to import."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from reading_tables import AT, FIRST
from yuejingzhun.demo.fleet.district import Design, simulate
from yuejingzhun.demo.fleet.fault import Fault
from yuejingzhun.demo.fleet.table import Placed, readings
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.telemetry.admission.admit import admit
from yuejingzhun.telemetry.admission.headings import layout
from yuejingzhun.telemetry.admission.sieve import Expected
from yuejingzhun.telemetry.reading import ORDER

SMALL = Design(meters=30, days=25)


def placed(seed: int, faults: Collection[Fault] = (), name: str = "T1", design: Design = SMALL) -> Placed:
    return Placed(simulate(seed, faults, design), name, "4401", FIRST)


def in_the_lake(table: pa.Table) -> pa.Table:
    """The rows that an import would keep, in the lake's order; none may be refused."""
    admitted = admit(table, np.arange(table.num_rows), layout(table.column_names), Expected("f", local_date(AT), AT))
    assert not [line for line in admitted.lines if line["refused"]]
    return admitted.rows.sort_by([(column, "ascending") for column in ORDER])


def write(folder: Path, *districts: Placed) -> Path:
    """One Parquet file a district."""
    folder.mkdir(parents=True, exist_ok=True)
    for each in districts:
        pq.write_table(readings(each), folder / f"{each.name}.parquet")
    return folder
