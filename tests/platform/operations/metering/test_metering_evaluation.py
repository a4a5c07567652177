"""An evaluation over a lake: what it finds is what the kernel finds, and it is bound to what it began with."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from simulated_utility import AT, METERS, asked, meters_of, simulated
from small_world import World
from yuejingzhun.platform.foundation.jobs.running import run_long_task
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.metering import run
from yuejingzhun.platform.operations.metering.errors import MeteringError
from yuejingzhun.platform.operations.metering.models import DistrictResult, Evaluation, Suspect, WorkItem
from yuejingzhun.platform.operations.metering.parts import district_rows, stated_of_meters
from yuejingzhun.platform.operations.metering.rules import Choice, Medium, Wanted
from yuejingzhun.platform.operations.metering.services.decide import decide
from yuejingzhun.platform.operations.metering.services.evaluate import ask_evaluation
from yuejingzhun.platform.operations.metering.services.truth import Outcome, record_truth

pytestmark = pytest.mark.django_db


def test_the_bad_meters_are_found(evaluated: Evaluation) -> None:
    assert evaluated.task is not None and evaluated.task.state == "DONE", evaluated.task.message
    assert (evaluated.districts, evaluated.meters) == (3, 3 * METERS)
    assert evaluated.kept == 3
    bad = {
        meter
        for number, district in enumerate(simulated(3))
        for meter, error in zip(meters_of(f"T{number:02}"), district.errors, strict=True)
        if abs(error) > 0.03
    }
    found = set(Suspect.objects.filter(evaluation=evaluated).values_list("meter", flat=True))
    assert bad <= found and len(found) <= len(bad) + 3
    assert evaluated.suspicious == len(found) == WorkItem.objects.filter(standing="OPEN").count()
    assert sum(evaluated.summary["errors"]) == evaluated.stated
    for row in DistrictResult.objects.all():
        own, meters = district_rows(evaluated, row)
        assert len(meters) == METERS and own["total_kwh"] > own["sum_kwh"] > 0
        assert 0.005 < row.loss_share < 0.06
        assert len(own["groups"]) == len(own["group_loss_kwh"]) <= 12
        lost = own["fixed_loss_kwh"] + sum(own["group_loss_kwh"])
        assert lost == pytest.approx(simulated(1, seed=int(row.district[1:]))[0].losses_kwh.sum(), rel=0.1)
        one = meters[3]
        assert stated_of_meters(evaluated, [one.meter]) == {one.meter: one}


def test_what_is_watched_is_asked_again_and_what_was_tested_since_is_not(
    evaluated: Evaluation, engineer: Actor, world: World
) -> None:
    watched, dismissed, tested, *_ = WorkItem.objects.order_by("pk")
    decide(engineer, world.holder.pk, [watched.pk], Choice.WATCH, "空置", AT)
    decide(engineer, world.holder.pk, [dismissed.pk], Choice.DISMISS, "已换表", AT)
    found = Outcome(tested.meter, evaluated.last_day + timedelta(days=1), Decimal("0.05"), False)
    record_truth(engineer, world.holder.pk, Medium.ELECTRICITY, found, AT)
    again = asked(engineer, world.holder.pk)
    run_long_task(again.task_id or 0)
    now = {item.meter: item for item in WorkItem.objects.select_related("suspect")}
    assert now[watched.meter].standing == "OPEN" and now[watched.meter].suspect.evaluation_id == again.pk
    assert now[dismissed.meter].standing == "DISMISSED"
    assert now[tested.meter].standing == "TESTED"


def test_an_evaluation_keeps_to_its_method_and_a_lake_without_readings_is_refused(
    evaluated: Evaluation, engineer: Actor, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = asked(engineer, world.holder.pk)
    monkeypatch.setattr(run, "method", lambda: "another")
    run_long_task(made.task_id or 0)
    made.refresh_from_db()
    assert made.task is not None and made.task.state == "FAILED" and "请另提一次评价" in made.task.message
    early = Wanted(date(2020, 1, 1), 30, Decimal("0.02"), Decimal("0.5"))
    with pytest.raises(MeteringError, match="没有 2020-01-01 至 2020-01-30 的读数"):
        asked(engineer, world.holder.pk, early)
    with pytest.raises(MeteringError, match="水表的评价方法尚未提供"):
        ask_evaluation(engineer, world.holder.pk, Medium.WATER, early, AT)
