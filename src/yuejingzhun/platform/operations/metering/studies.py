"""Studies at work: all meters of an evaluation, read once, and what is made of them kept with the last step."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.fleet.stratified_sample import draw, strata
from yuejingzhun.platform.foundation.jobs.errors import TaskError
from yuejingzhun.platform.foundation.jobs.registry import Asked
from yuejingzhun.platform.foundation.jobs.reporting import Report
from yuejingzhun.platform.operations.metering.errors import MeteringError
from yuejingzhun.platform.operations.metering.fleet_columns import Fleet, fleet_of
from yuejingzhun.platform.operations.metering.models import Analysis, SampledMeter
from yuejingzhun.platform.operations.metering.plan_study import plan
from yuejingzhun.platform.operations.metering.population_study import exceeding, population
from yuejingzhun.platform.operations.metering.rules import Study

LABELS = {"meters": "器具"}


def run_study(asked: Asked, report: Report) -> dict[str, Any]:
    """Any of them; started again after a stop, it begins anew and ends the same."""
    analysis = Analysis.objects.select_related("evaluation", "meter_list").get(pk=asked.arguments["analysis"])
    if analysis.finished_at is not None:
        return {"meters": (analysis.result or {}).get("meters", 0)}
    report.progress(0, 3, "正在读取全部器具")
    report.check()
    try:
        fleet = fleet_of(analysis.evaluation, analysis.meter_list)
        report.progress(1, 3, "正在计算")
        report.check()
        result, drawn = _studied(analysis, fleet)
    except (MeteringError, ArgumentError) as error:
        raise TaskError(str(error)) from error
    with report.piece():
        SampledMeter.objects.bulk_create(drawn, batch_size=1000)
        analysis.result, analysis.finished_at = result | {"meters": len(fleet)}, datetime.now(UTC)
        analysis.save(update_fields=["result", "finished_at"])
    return {"meters": len(fleet)}


def _studied(analysis: Analysis, fleet: Fleet) -> tuple[dict[str, Any], list[SampledMeter]]:
    kind, evaluation = Study[analysis.kind], analysis.evaluation
    if kind is Study.POPULATION:
        return population(fleet, evaluation.last_day, analysis.arguments), []
    if kind is Study.PLAN:
        return plan(fleet, evaluation.days, analysis.arguments, analysis.pk), []
    return _sample(analysis, fleet)


def _sample(analysis: Analysis, fleet: Fleet) -> tuple[dict[str, Any], list[SampledMeter]]:
    """Each meter with the same chance, spread over what is stated of them."""
    exceeds = exceeding(fleet)
    size = int(analysis.arguments["size"])
    chosen = draw(strata(exceeds), size, np.random.default_rng(analysis.arguments["seed"]))
    meters, districts = (column.take(pa.array(chosen)).to_pylist() for column in (fleet.meter, fleet.district))
    drawn = [
        SampledMeter(
            analysis=analysis, organisation_id=analysis.evaluation.organisation_id, meter=meter, district=district,
            chance=size / len(fleet), exceeds=float(exceeds[place]),
        )
        for meter, district, place in zip(meters, districts, chosen.tolist(), strict=True)
    ]  # fmt: skip
    return {"size": size, "chance": size / len(fleet)}, drawn
