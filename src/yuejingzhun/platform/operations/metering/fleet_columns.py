"""All meters of an evaluation as columns: what the readings say of each, and what the list of meters knows of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yuejingzhun.metrology.fleet.prior import Prior
from yuejingzhun.platform.operations.metering.errors import MeteringError
from yuejingzhun.platform.operations.metering.models import Evaluation, MeterList
from yuejingzhun.platform.operations.metering.parts import index_path
from yuejingzhun.platform.operations.metering.services.assets import list_path
from yuejingzhun.platform.operations.metering.stating import from_json
from yuejingzhun.telemetry.database import database, parquet

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
KNOWN = ("maker", "model", "batch", "region", "tariff")
UNKNOWN = ""  # of a word that the list doesn't have
JOINED = """
select i.meter, i.district, i.mean, i.variance, i.energy_kwh, {known} from {index} i {join}
where i.role = 'meter' and i.mean is not null order by i.meter
"""


@dataclass(frozen=True, eq=False, slots=True)
class Words:
    """A word of each meter, as numbers of the different words."""

    code: Whole
    names: Sequence[str]

    def of(self, number: int) -> str:
        """What is shown."""
        return self.names[number] or "未知"


@dataclass(frozen=True, eq=False, slots=True)
class Fleet:
    """Meters whose error is stated, in the order of their numbers; `made_on` is days since 1970, -1 where unknown."""

    meter: pa.ChunkedArray
    district: pa.ChunkedArray
    mean: Floats
    variance: Floats
    energy_kwh: Floats
    words: dict[str, Words]
    made_on: Whole
    prior: Prior
    mpe: float

    def __len__(self) -> int:
        return int(self.mean.size)

    def ages(self, on: int) -> Floats:
        """Years from manufacture to a day, since 1970; NaN where it is not known."""
        return np.where(self.made_on >= 0, (on - self.made_on) / 365.25, np.nan)


def fleet_of(evaluation: Evaluation, meter_list: MeterList | None) -> Fleet:
    """Raises MeteringError where no error is stated of any meter, or a file is gone. Some 150 bytes a meter."""
    index = parquet([index_path(evaluation.pk)])
    if meter_list is None:
        known, join = "null::date as made_on, " + ", ".join(f"'' as {name}" for name in KNOWN), ""
    else:
        known = "l.made_on, " + ", ".join(f"coalesce(l.{name}, '') as {name}" for name in KNOWN)
        join = f"left join {parquet([list_path(meter_list.sha256)])} l on l.meter = i.meter"
    try:
        with database() as connection:
            table = connection.sql(JOINED.format(known=known, index=index, join=join)).to_arrow_table()
    except (duckdb.Error, OSError) as error:
        raise MeteringError(f"结果或档案的文件已不在或损坏：{error}") from error
    if not table.num_rows or evaluation.prior is None:
        raise MeteringError("这次评价没有给出任何一只表的误差")
    days = table["made_on"].cast(pa.int32()).fill_null(-1).to_numpy().astype(np.int64)
    numbers = {name: table[name].to_numpy().astype(np.float64) for name in ("mean", "variance", "energy_kwh")}
    words = {name: _words(table[name]) for name in KNOWN}
    return Fleet(
        table["meter"], table["district"], **numbers, words=words, made_on=days, prior=from_json(evaluation.prior),
        mpe=float(evaluation.mpe),
    )  # fmt: skip


def together(fleet: Fleet, names: Sequence[str]) -> Words:
    """Groups by several words at once, such as maker and model; the words that are there are joined."""
    code, keys = fleet.words[names[0]].code, [(number,) for number in range(len(fleet.words[names[0]].names))]
    for name in names[1:]:
        other = fleet.words[name]
        pairs, code = np.unique(code * len(other.names) + other.code, return_inverse=True)
        keys = [(*keys[pair // len(other.names)], int(pair % len(other.names))) for pair in pairs.tolist()]
    shown = [
        " ".join(word for name, number in zip(names, key, strict=True) if (word := fleet.words[name].names[number]))
        for key in keys
    ]
    return Words(code.astype(np.int64), shown)


def _words(column: pa.ChunkedArray) -> Words:
    encoded = column.combine_chunks().dictionary_encode()
    names = encoded.dictionary.to_pylist()
    order = np.argsort(np.array(names, dtype=object)) if names else np.zeros(0, dtype=np.int64)
    place = np.empty(len(names), dtype=np.int64)
    place[order] = np.arange(len(names))
    return Words(place[encoded.indices.to_numpy()], [names[number] for number in order])
