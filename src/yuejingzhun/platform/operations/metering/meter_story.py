"""All that is known of one meter: estimates, tests, decisions, daily energy, the record in the register."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yuejingzhun.platform.operations.metering import charts, queries
from yuejingzhun.platform.operations.metering.errors import MeteringError, UnknownEvaluationError
from yuejingzhun.platform.operations.metering.lakes import lake_of
from yuejingzhun.platform.operations.metering.models import Decision, Evaluation, Truth, WorkItem
from yuejingzhun.platform.operations.metering.parts import stated_of_meters
from yuejingzhun.platform.operations.metering.rules import Medium
from yuejingzhun.platform.operations.metering.stating import Stated
from yuejingzhun.platform.registry.instruments.queries import Instrument, instruments_numbered
from yuejingzhun.telemetry.errors import LakeError
from yuejingzhun.telemetry.reading import Role, step

MOST_DAYS = 62  # of daily energy


@dataclass(frozen=True, slots=True)
class Story:
    """`estimates` are of the newest evaluations that had it, the oldest first."""

    meter: str
    estimates: tuple[tuple[Evaluation, Stated], ...]
    picture: charts.Dots | None
    truths: Sequence[Truth]
    item: WorkItem | None
    decisions: Sequence[Decision]
    daily: charts.Columns | None
    problem: str  # why there is no daily energy
    instrument: Instrument | None

    @property
    def newest(self) -> tuple[Evaluation, Stated] | None:
        """The last estimate."""
        return self.estimates[-1] if self.estimates else None


def story_of(organisation_id: int, medium: Medium, meter: str) -> Story:
    """Raises UnknownEvaluationError for a meter of which nothing is known."""
    estimates = _estimates(organisation_id, medium, meter)
    truths = queries.truths_of_meter(organisation_id, meter)
    item = queries.item_of_meter(organisation_id, medium, meter)
    registered = instruments_numbered(organisation_id, [meter]).get(meter)
    if not estimates and not truths and item is None and registered is None:
        raise UnknownEvaluationError(f"没有表号 {meter} 的评价、检定结果或登记")
    daily, problem = _daily(organisation_id, meter, estimates[-1][0] if estimates else None)
    points = [
        (
            one.last_day, stated.error, stated.low, stated.high,
            f"{one.last_day} 评价：{charts.percent(stated.error)}，区间 {charts.percent(stated.low)} 至 "
            f"{charts.percent(stated.high)}",
        )
        for one, stated in estimates
        if stated.error is not None and stated.low is not None and stated.high is not None
    ] + [
        (one.tested_on, float(one.error), float(one.error), float(one.error),
         f"{one.tested_on} 检定：{charts.percent(float(one.error))}")
        for one in truths
        if one.error is not None and not hasattr(one, "successor") and not hasattr(one, "withdrawal")
    ]  # fmt: skip
    mpe = float(estimates[-1][0].mpe) if estimates else 0.02
    return Story(
        meter, estimates, charts.history(sorted(points, key=lambda point: point[0]), mpe), truths, item,
        queries.decisions_of(item) if item else (), daily, problem, registered,
    )  # fmt: skip


def _estimates(organisation_id: int, medium: Medium, meter: str) -> tuple[tuple[Evaluation, Stated], ...]:
    found = []
    for evaluation in reversed(queries.finished_of(organisation_id, medium)):
        stated = stated_of_meters(evaluation, [meter]).get(meter)
        if stated is not None:
            found.append((evaluation, stated))
    return tuple(found)


def _daily(organisation_id: int, meter: str, newest: Evaluation | None) -> tuple[charts.Columns | None, str]:
    """Energy of each of the last days of the newest evaluation, from the lake as it is now."""
    if newest is None:
        return None, "这只表还没有评价过"
    first = max(newest.first_day, newest.last_day - timedelta(days=MOST_DAYS - 1))
    try:
        rows = lake_of(organisation_id).meter_history(meter, first, newest.last_day)
    except (LakeError, MeteringError) as error:
        return None, str(error)
    used = _energies(rows.filter(pc.equal(rows["role"], Role.METER.value)))
    return charts.bars(used, "kWh"), "" if used else "读数库里没有这只表这些天的读数"


def _energies(rows: pa.Table) -> list[tuple[str, float, str]]:
    """The register's rise within each day, in kWh, where it was read at least twice."""
    found = []
    for row in rows.select(["day", "scaler", "multiplier", "registers"]).to_pylist():
        steps = np.array([one for one in row["registers"] if one is not None], dtype=np.int64)
        if steps.size > 1:
            energy = float(max(steps[-1] - steps[0], 0)) * step(row["scaler"]) * row["multiplier"]
            found.append((f"{row['day']:%m-%d}", energy, f"{row['day']}：{energy:,.2f} kWh"))
    return found
