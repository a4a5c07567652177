"""What an evaluation found, summed up: districts kept and refused, meters by how suspicious they are, and, where true
errors are known, how good it was.

Works on results of fleet.RESULT.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from yuejingzhun.metrology.fleet.track_record import (
    Coverage,
    Reliability,
    average_precision,
    brier,
    coverage,
    recall_at_precision,
    reliability,
)
from yuejingzhun.telemetry.fleet_remark import Remark
from yuejingzhun.telemetry.reading import Role

CLEAR, DOUBTFUL = 0.9, 0.1
"""Probabilities of being out of the MPE from which a meter is to be verified first, and is not simply kept."""
PRECISION = 0.9


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of districts and, in those that were kept, of meters; `expected` is the number beyond the MPE that the
    probabilities add up to."""

    districts: int
    kept: int
    refused: Mapping[str, int]  # reason and districts, most frequent first
    meters: int
    stated: int
    clear: int
    doubtful: int
    expected: float


@dataclass(frozen=True, slots=True)
class Score:
    """Against true errors, in the districts that were kept. Meters of which nothing was stated, as good as idle, count
    as good with an error of zero, but for Brier score, coverage and reliability, which are of what was stated.

    NaN where it is not defined, as a recall without a bad meter.
    """

    meters: int
    bad: int
    bad_refused: int  # in districts that were refused, and so not counted in the rest
    unknown: int  # evaluated meters without a true error
    average_precision: float
    recall: float  # at a precision of PRECISION
    rmse: float  # relative
    rmse_bad: float
    brier: float
    coverage: Coverage
    reliability: Reliability


def summary(results: pa.Table) -> Summary:
    """Of all results."""
    of_districts = results.group_by("district").aggregate([("reason", "max")])
    reasons = pc.value_counts(of_districts["reason_max"].drop_null()).to_pylist()
    refused = {each["values"]: each["counts"] for each in sorted(reasons, key=lambda each: -each["counts"])}
    exceeds = kept_meters(results)["exceeds"].to_numpy(zero_copy_only=False).astype(np.float64)
    stated = exceeds[~np.isnan(exceeds)]
    return Summary(
        districts=of_districts.num_rows,
        kept=of_districts.num_rows - sum(refused.values()),
        refused=refused,
        meters=len(exceeds),
        stated=len(stated),
        clear=int((stated >= CLEAR).sum()),
        doubtful=int(((stated >= DOUBTFUL) & (stated < CLEAR)).sum()),
        expected=float(stated.sum()),
    )


def kept_meters(results: pa.Table) -> pa.Table:
    """Meters (no feed-in) of the districts that were not refused."""
    return results.filter(pc.and_(pc.is_null(results["reason"]), pc.equal(results["role"], Role.METER.value)))


def suspicious_first(results: pa.Table, least: float = 0.0) -> pa.Table:
    """Meters of which something is stated and whose probability is at least that, the most probable first, and of
    those that are alike to three decimals the largest error."""
    stated = results.filter(pc.greater_equal(results["exceeds"], least))
    columns = {"p": pc.round(stated["exceeds"], 3), "size": pc.abs(stated["error"])}
    order = [("p", "descending"), ("size", "descending"), ("district", "ascending"), ("meter", "ascending")]
    keys = pa.table({**columns, "district": stated["district"], "meter": stated["meter"]})
    return stated.take(pc.sort_indices(keys, order))


def remarked(results: pa.Table, *remarks: Remark) -> pa.Table:
    """Meters with any of these remarks, in order of district and meter."""
    those = pc.match_substring_regex(results["remark"], "|".join(remarks))
    return results.filter(those).sort_by([("district", "ascending"), ("meter", "ascending")])


def refused_districts(results: pa.Table) -> pa.Table:
    """District, reason and how many of its meters were read; by reason."""
    of_districts = results.filter(pc.is_valid(results["reason"])).group_by(["district", "reason"])
    counted = of_districts.aggregate([("meter", "count")]).rename_columns({"meter_count": "meters"})
    return counted.sort_by([("reason", "ascending"), ("district", "ascending")])


def score(results: pa.Table, errors: Mapping[tuple[str, str], float], mpe: float) -> Score | None:
    """`errors`: relative, by district and meter. None where of no meter among them anything is stated; raises
    ValueError where none of them was evaluated at all, since they are of other meters."""
    meters, refused = kept_meters(results), results.filter(pc.is_valid(results["reason"]))
    truth, of_refused = _truth(meters, errors), _truth(refused, errors)
    known = ~np.isnan(truth)
    if not known.any() and np.isnan(of_refused).all():
        raise ValueError("真值里没有一只被评价的表：台区与表号应与读数一致")
    if not meters["error"].filter(pa.array(known)).is_valid().to_numpy().any():
        return None
    truth = truth[known]
    bad = np.abs(truth) > mpe
    columns = {
        name: meters[name].to_numpy(zero_copy_only=False).astype(np.float64)[known]
        for name in ("error", "low", "high", "exceeds")
    }
    stated = ~np.isnan(columns["error"])
    called = np.where(stated, columns["exceeds"], 0.0)
    off = np.where(stated, columns["error"], 0.0) - truth
    return Score(
        meters=len(truth),
        bad=int(bad.sum()),
        bad_refused=int((np.abs(of_refused) > mpe).sum()),
        unknown=int((~known).sum()),
        average_precision=average_precision(called, bad) if bad.any() else float("nan"),
        recall=recall_at_precision(called, bad, PRECISION) if bad.any() else float("nan"),
        rmse=_root_mean_square(off),
        rmse_bad=_root_mean_square(off[bad]),
        brier=brier(called[stated], bad[stated]),
        coverage=coverage(columns["low"][stated], columns["high"][stated], truth[stated], mpe),
        reliability=reliability(called[stated], bad[stated]),
    )


def _truth(meters: pa.Table, errors: Mapping[tuple[str, str], float]) -> NDArray[np.float64]:
    keys = zip(meters["district"].to_pylist(), meters["meter"].to_pylist(), strict=True)
    return np.array([errors.get(key, float("nan")) for key in keys], dtype=np.float64)


def _root_mean_square(values: NDArray[np.float64]) -> float:
    return float(np.sqrt((values**2).mean())) if values.size else float("nan")
