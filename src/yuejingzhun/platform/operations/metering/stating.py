"""What is stated of meters: error, interval and probability, from what the readings say and the fleet's prior."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yuejingzhun.metrology.fleet.marginal import Marginal, marginal
from yuejingzhun.metrology.fleet.prior import Prior

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stated:
    """Of one meter; errors relative. All but the energy is None where nothing can be said."""

    meter: str
    district: str
    feeds_in: bool
    group: str
    energy_kwh: float
    remark: str
    error: float | None
    uncertainty: float | None  # standard
    low: float | None
    high: float | None
    exceeds: float | None


def to_json(prior: Prior) -> dict[str, list[float]]:
    """As it is kept with an evaluation; a float of JSON is the float that it was."""
    return {"weights": prior.weights.tolist(), "means": prior.means.tolist(), "spreads": prior.spreads.tolist()}


def from_json(kept: dict[str, list[float]]) -> Prior:
    """The prior that was kept."""
    return Prior(*(np.array(kept[name], dtype=np.float64) for name in ("weights", "means", "spreads")))


def likelihoods(table: pa.Table) -> tuple[Floats, Floats]:
    """Mean and variance of the meters of which something can be said."""
    mean = table["mean"].combine_chunks()
    said = mean.is_valid()
    return tuple(  # type: ignore[return-value]
        table[name].combine_chunks().filter(said).to_numpy(zero_copy_only=False) for name in ("mean", "variance")
    )


def stated_of(table: pa.Table, prior: Prior, mpe: float) -> list[Stated]:
    """Meters of a table of kernel.FOUND, in its order, without the districts' own rows."""
    meters = table.filter(table["meter"].is_valid())
    said = meters["mean"].combine_chunks().is_valid().to_numpy(zero_copy_only=False)
    found = _spread(marginal(prior, *likelihoods(meters), mpe), said) if said.any() else [NOTHING] * len(said)
    names = ("meter", "district", "role", "group", "energy_kwh", "remark")
    rows = meters.select([name for name in names if name in meters.column_names]).to_pylist()
    return [_stated(row, one) for row, one in zip(rows, found, strict=True)]


NOTHING = (None,) * 5
FIELDS = ("error", "uncertainty", "low", "high", "exceeds")


def _spread(found: Marginal, said: NDArray[np.bool_]) -> list[tuple[Any, ...]]:
    values = iter(zip(*(getattr(found, name).tolist() for name in FIELDS), strict=True))
    return [next(values) if there else NOTHING for there in said]


def _stated(row: dict[str, Any], found: tuple[Any, ...]) -> Stated:
    return Stated(
        row["meter"], row["district"], row["role"] == "feed_in", row.get("group") or "", row["energy_kwh"] or 0.0,
        row.get("remark") or "", *found,
    )  # fmt: skip
