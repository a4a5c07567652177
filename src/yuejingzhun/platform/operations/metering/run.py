"""An evaluation at work: estimate every district, learn the prior of the fleet, index the meters, sum it all up.

Each step goes on where it was: the engine by its files, the rest by the task's checkpoint, written with the rows.
"""

from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection

from yuejingzhun.metrology.fleet.prior import Prior, default_prior, learn
from yuejingzhun.platform.foundation.jobs.errors import TaskError
from yuejingzhun.platform.foundation.jobs.registry import Asked
from yuejingzhun.platform.foundation.jobs.reporting import ProgramEndsError, Report, StopAskedError
from yuejingzhun.platform.operations.metering import models
from yuejingzhun.platform.operations.metering.errors import MeteringError
from yuejingzhun.platform.operations.metering.kernel import find_errors
from yuejingzhun.platform.operations.metering.lakes import folder_of, lake_of
from yuejingzhun.platform.operations.metering.models import DistrictResult, Evaluation, Suspect
from yuejingzhun.platform.operations.metering.parts import part_paths, read_part, write_index
from yuejingzhun.platform.operations.metering.stating import Stated, from_json, likelihoods, stated_of, to_json
from yuejingzhun.platform.operations.metering.version import method
from yuejingzhun.telemetry import engine
from yuejingzhun.telemetry.errors import EngineError, LakeError
from yuejingzhun.telemetry.snapshot import Where

LABELS = {
    "districts": "台区",
    "kept": "可估计的台区",
    "meters": "计量器具",
    "stated": "给出误差的器具",
    "suspicious": "可疑的器具",
    "failed": "未能计算的分区",
}
DISTRICTS_A_TASK = 32
LEARNT_FROM = 1_000_000  # meters at most, evenly over the fleet: more would not move the prior
EDGES = [round(-0.03 + 0.0025 * step, 4) for step in range(25)]  # of the histogram of errors; beyond them two tails
# A meter that was tested after these days has had its answer; one that is watched is looked at again.
ADD_ITEMS = """
insert into metering_workitem (organisation_id, medium, meter, suspect_id, exceeds, standing, application)
select %(organisation)s, %(medium)s, s.meter, s.id, s.exceeds,
    case when exists (select from metering_truth t where t.organisation_id = %(organisation)s and t.meter = s.meter
        and t.medium = %(medium)s and t.tested_on > %(last_day)s) then 'TESTED' else 'OPEN' end, ''
from metering_suspect s where s.evaluation_id = %(id)s
on conflict (organisation_id, medium, meter) do update set suspect_id = excluded.suspect_id,
    exceeds = excluded.exceeds,
    standing = case when metering_workitem.standing in ('WATCHED', 'TESTED') then excluded.standing
        else metering_workitem.standing end
where (select e.last_day from metering_suspect s join metering_evaluation e on e.id = s.evaluation_id
    where s.id = metering_workitem.suspect_id) <= %(last_day)s
"""


def run_evaluation(asked: Asked, report: Report) -> dict[str, Any]:
    """The whole of it; raises TaskError where it can't go on as it began."""
    evaluation = Evaluation.objects.get(pk=asked.arguments["evaluation"])
    if evaluation.finished_at is not None:
        return _figures(evaluation)
    if evaluation.method != method():
        raise TaskError(f"这次评价以方法 {evaluation.method} 开始，程序现为 {method()}：请另提一次评价")
    try:
        failed = _estimate(evaluation, report)
        _learn(evaluation, report)
        report.progress(0, 0, "正在编制表号索引")
        write_index(evaluation.pk)
        _collect(evaluation, report)
    except (LakeError, EngineError, MeteringError) as error:
        raise TaskError(str(error)) from error
    _finish(evaluation, report, failed)
    return _figures(evaluation)


def _estimate(evaluation: Evaluation, report: Report) -> int:
    """Every district by the engine; parts that went wrong twice are told as problems, and the others count."""
    if "estimated" in report.checkpoint:
        return int(report.checkpoint["estimated"])
    kernel = partial(find_errors, first_day=evaluation.first_day, days=evaluation.days, mpe=float(evaluation.mpe))
    where = Where(first_day=evaluation.first_day, last_day=evaluation.last_day)
    run = partial(
        engine.run, kernel, lake_of(evaluation.organisation_id), where, folder_of(evaluation.pk),
        _engine(), commit=evaluation.commit,
        stopped=partial(_stops, report), progress=partial(_tell, report),
    )  # fmt: skip
    report.progress(0, 0, "正在读取台区名录")
    ran = run()
    if ran.failed and not ran.stopped:
        ran = run()  # a process that was short of memory may do better alone
    report.check()
    if ran.failed and not part_paths(evaluation.pk):
        raise TaskError(f"所有分区都没有算成：{ran.failed[0][1]}")
    with report.piece() as after:
        report.problems((number, "分区", name, error) for number, (name, error) in enumerate(ran.failed, 1))
        after["estimated"] = len(ran.failed)
    return len(ran.failed)


def _engine() -> engine.Settings:
    """Where it runs, as this installation is set up."""
    return engine.Settings(settings.ENGINE, settings.ENGINE_WORKERS, DISTRICTS_A_TASK, master=settings.SPARK_MASTER)


def _stops(report: Report) -> bool:
    try:
        report.check()
    except (StopAskedError, ProgramEndsError):
        return True
    return False


def _tell(report: Report, done: int, whole: int) -> None:
    report.progress(done, whole, "正在估计误差（分区）")
    if not _stops(report):
        with report.piece() as after:  # that there was progress: a worker may be killed any number of times
            after["parts"] = done


def _learn(evaluation: Evaluation, report: Report) -> None:
    if evaluation.prior is not None:
        return
    report.progress(0, 0, "正在学习整批器具的先验")
    paths = part_paths(evaluation.pk)
    read = [likelihoods(read_part(path)) for path in paths]
    mean, variance = (np.concatenate([each[place] for each in read]) for place in (0, 1))
    step = max(-(-mean.size // LEARNT_FROM), 1)
    prior: Prior = learn(default_prior(), mean[::step], variance[::step]) if mean.size else default_prior()
    with report.piece():
        evaluation.prior = to_json(prior)
        evaluation.save(update_fields=["prior"])


def _collect(evaluation: Evaluation, report: Report) -> None:
    """Rows for lists, a part at a time, with the running sums in the checkpoint."""
    paths = part_paths(evaluation.pk)
    prior = from_json(evaluation.prior)
    for place in range(report.checkpoint.get("collected", 0), len(paths)):
        table = read_part(paths[place])
        meters = stated_of(table, prior, float(evaluation.mpe))
        own = table.filter(table["meter"].is_null()).to_pylist()
        report.progress(place + 1, len(paths), "正在汇总")
        known = _known(evaluation, own)
        with report.piece() as after:
            report.problems((place + 1, "台区", name, "也在另一市的读数中，只计先读到的") for name in sorted(known))
            rows = [_district(evaluation, paths[place], row, meters) for row in own if row["district"] not in known]
            DistrictResult.objects.bulk_create(rows, batch_size=1000)
            # A meter that was moved in these days is in two districts: what was found first counts.
            found = [one for one in _suspects(evaluation, meters) if one.district not in known]
            Suspect.objects.bulk_create(found, batch_size=1000, ignore_conflicts=True)
            after["sums"] = _added(report.checkpoint.get("sums"), rows, meters)
            after["collected"] = place + 1


def _known(evaluation: Evaluation, own: list[dict[str, Any]]) -> set[str]:
    names = [row["district"] for row in own]
    found = DistrictResult.objects.filter(evaluation=evaluation, district__in=names)
    return set(found.values_list("district", flat=True))


def _district(evaluation: Evaluation, path: Path, row: dict[str, Any], meters: list[Stated]) -> DistrictResult:
    own = [one for one in meters if one.district == row["district"] and not one.feeds_in]
    stated = [one for one in own if one.exceeds is not None]
    total, summed = row["total_kwh"], row["sum_kwh"]
    if len(row["district"]) > models.DISTRICT or any(len(one.meter) > models.METER for one in own):
        raise MeteringError(f"台区 {row['district'][:80]} 的编号或其中的表号超过 {models.METER} 个字符")
    return DistrictResult(
        evaluation=evaluation,
        district=row["district"],
        city=path.name.partition("-")[0][:12],
        part=path.name,
        reason=row["reason"] or "",
        meters=len(own),
        stated=len(stated),
        suspicious=sum((one.exceeds or 0) >= evaluation.threshold for one in stated),
        total_kwh=total,
        loss_share=(total - summed) / total if total else None,
        power=row["power"],
    )


def _suspects(evaluation: Evaluation, meters: list[Stated]) -> list[Suspect]:
    return [
        Suspect(
            evaluation=evaluation, district=one.district, meter=one.meter, error=one.error,
            uncertainty=one.uncertainty, low=one.low, high=one.high, exceeds=one.exceeds, energy_kwh=one.energy_kwh,
        )
        for one in meters
        if one.exceeds is not None and one.exceeds >= evaluation.threshold and not one.feeds_in
    ]  # fmt: skip


def _added(sums: dict[str, Any] | None, rows: list[DistrictResult], meters: list[Stated]) -> dict[str, Any]:
    """The running sums with another part in them."""
    sums = sums or {"districts": 0, "meters": 0, "stated": 0, "suspicious": 0, "reasons": {}, "errors": []}
    errors = np.array([one.error for one in meters if one.error is not None and not one.feeds_in], dtype=np.float64)
    counts = np.bincount(np.searchsorted(EDGES, errors, side="right"), minlength=len(EDGES) + 1)
    before = sums["errors"] or [0] * len(counts)
    reasons = Counter(sums["reasons"])
    reasons.update(row.reason for row in rows if row.reason)
    added = {name: sums[name] + sum(getattr(row, name) for row in rows) for name in ("meters", "stated", "suspicious")}
    return added | {
        "districts": sums["districts"] + len(rows),
        "reasons": dict(reasons),
        "errors": [a + int(b) for a, b in zip(before, counts, strict=True)],
    }


def _finish(evaluation: Evaluation, report: Report, failed: int) -> None:
    with report.piece() as after:
        sums = report.checkpoint.get("sums") or _added(None, [], [])
        for name in ("districts", "meters", "stated", "suspicious"):
            setattr(evaluation, name, sums[name])
        evaluation.kept = sums["districts"] - sum(sums["reasons"].values())
        evaluation.summary = {"reasons": sums["reasons"], "errors": sums["errors"], "edges": EDGES}
        evaluation.failed_parts = failed
        evaluation.finished_at = datetime.now(UTC)
        evaluation.save()
        with connection.cursor() as cursor:
            given = {"organisation": evaluation.organisation_id, "medium": evaluation.medium}
            cursor.execute(ADD_ITEMS, given | {"id": evaluation.pk, "last_day": evaluation.last_day})
        after["result"] = _figures(evaluation)


def _figures(evaluation: Evaluation) -> dict[str, Any]:
    figures = {name: getattr(evaluation, name) for name in ("districts", "kept", "meters", "stated", "suspicious")}
    return figures | {"failed": evaluation.failed_parts}
