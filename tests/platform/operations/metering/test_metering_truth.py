"""A suspicious meter is sent, verified, and its result comes back as truth; how good the method has been follows."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import InternalError

from mandatory_counter import ELECTRICITY, item_of_meters, person
from simulated_utility import meters_of, simulated
from small_world import TODAY, World
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.operations.certificates import services as certificates
from yuejingzhun.platform.operations.mandatory.rules import Delivery
from yuejingzhun.platform.operations.mandatory.services import answer, reception
from yuejingzhun.platform.operations.metering.errors import MeteringError
from yuejingzhun.platform.operations.metering.models import Evaluation, Truth, WorkItem
from yuejingzhun.platform.operations.metering.rules import Choice, Medium, Standing
from yuejingzhun.platform.operations.metering.services.decide import SendRequest, decide, send_to_test
from yuejingzhun.platform.operations.metering.services.flow_back import bring_results, look_through
from yuejingzhun.platform.operations.metering.services.truth import Outcome, record_table, record_truth, withdraw_truth
from yuejingzhun.platform.operations.metering.track import tracks_of
from yuejingzhun.platform.operations.verification.queries import evaluation_of
from yuejingzhun.platform.operations.verification.services import review, submit_record
from yuejingzhun.platform.registry.instruments.models import Instrument

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
MEDIUM = Medium.ELECTRICITY
TRUE = {
    meter: error
    for number, district in enumerate(simulated(3))
    for meter, error in zip(meters_of(f"T{number:02}"), district.errors.tolist(), strict=True)
}


@pytest.fixture
def item(evaluated: Evaluation, engineer: Actor, world: World) -> WorkItem:
    """The most suspicious meter, registered as an instrument under the utility's own number."""
    found = WorkItem.objects.order_by("-exceeds").first()
    assert found is not None
    record = world.record(passing=False)
    Instrument.objects.create(
        holder=world.holder, name=record.item.name, model=record.item.model, serial=record.item.serial,
        maker=record.item.maker, regulation=ELECTRICITY, regulation_series="JJG 596", item=item_of_meters(),
        region="440106", city="4401", holder_number=found.meter,
    )  # fmt: skip
    return found


def send(world: World, engineer: Actor, item: WorkItem) -> str:
    asked = SendRequest(world.institute.pk, Delivery.DELIVERED, "联系人", "020-1", "k1")
    return send_to_test(engineer, world.holder.pk, [item.pk], asked, AT)


def test_a_suspicious_meter_is_tested_and_its_result_flows_back(item: WorkItem, engineer: Actor, world: World) -> None:
    number = send(world, engineer, item)
    item.refresh_from_db()
    assert (item.standing, item.application) == ("SENT", number) and item.instrument is not None
    with pytest.raises(MeteringError, match="已送检"):
        decide(engineer, world.holder.pk, [item.pk], Choice.DISMISS, "理由", AT)
    clerk = person("收发", world.institute, Role.RECEPTIONIST)
    application = item.instrument.lines.get().application_id
    answer.accept(clerk, application, AT)
    answer.appoint(clerk, application, TODAY, AT)
    reception.receive(clerk, application, [1], "完好", AT)
    record = world.record(passing=False)
    job = submit_record(world.verifier, world.institute.pk, world.holder.pk, record, world.standard(), TODAY, AT)
    assert job.instrument_id == item.instrument_id
    review(world.reviewer, job.pk, AT)
    certificate = certificates.approve(world.signatory, job.pk, AT)
    assert bring_results(engineer, world.holder.pk, AT).results == 1
    truth = Truth.objects.get(certificate=certificate.number)
    points = evaluation_of(job).points
    assert len(truth.points) == len(points) and not truth.passed
    unity = [
        one.error for one in points if one.point.values["cosine"] == 1 and one.point.values["share"] >= Decimal("0.1")
    ]
    assert truth.error == pytest.approx(sum(unity) / len(unity) / 100, abs=Decimal("1e-7"))
    assert (truth.meter, truth.evaluation_id) == (item.meter, item.suspect.evaluation_id)
    assert truth.exceeds == item.exceeds and truth.low < truth.stated_error < truth.high
    item.refresh_from_db()
    assert item.standing == Standing.TESTED.name
    assert look_through(AT).results == 0, "nothing comes twice"
    certificates.revoke(world.signatory, certificate.number, "标准器失准", AT)
    assert look_through(AT).withdrawn == 1 and look_through(AT).withdrawn == 0
    assert "标准器失准" in Truth.objects.get(pk=truth.pk).withdrawal.reason
    assert tracks_of(world.holder.pk, MEDIUM).all is None


def test_an_application_that_was_refused_opens_the_meter_again(item: WorkItem, engineer: Actor, world: World) -> None:
    send(world, engineer, item)
    item.refresh_from_db()
    assert item.instrument is not None
    clerk = person("收发", world.institute, Role.RECEPTIONIST)
    answer.refuse(clerk, item.instrument.lines.get().application_id, "本月排满", AT)
    assert look_through(AT).reopened == 1
    item.refresh_from_db()
    assert item.standing == Standing.OPEN.name and item.decisions.count() == 1


def test_a_meter_that_is_not_registered_is_named(evaluated: Evaluation, engineer: Actor, world: World) -> None:
    found = WorkItem.objects.earliest("pk")
    with pytest.raises(MeteringError, match=f"{found.meter} 没有登记"):
        send(world, engineer, found)
    assert WorkItem.objects.get(pk=found.pk).standing == "OPEN"


def test_the_record_is_that_of_the_results_that_count(
    evaluated: Evaluation, engineer: Actor, world: World, tmp_path: Path
) -> None:
    """The truth of the simulation as results of tests: all meters of the bad ones are found, and no others."""
    day = evaluated.last_day + timedelta(days=3)
    rows = [f"{m},{day},{100 * e:.4f},{'合格' if abs(e) <= 0.02 else '不合格'},全检" for m, e in TRUE.items()]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["表号,检定日期,误差（%）,结论,说明", *rows]), encoding="utf-8")
    assert record_table(engineer, world.holder.pk, MEDIUM, path, AT) == len(TRUE)
    found = tracks_of(world.holder.pk, MEDIUM)
    assert found.all is not None and found.drawn is None
    track = found.all.track
    assert (track.tested, found.unstated) == (evaluated.stated, len(TRUE) - (evaluated.stated or 0))
    assert track.beyond >= 5 and track.brier < track.brier_of_share / 2
    assert float(track.recall.value) >= 0.8 and float(track.precision.value) >= 0.8
    assert float(track.recall.low) < float(track.recall.value)
    assert found.all.coverage is not None and float(found.all.coverage.small.value) > 0.85
    assert "偏高" in track.text


def test_a_result_is_superseded_or_withdrawn_and_never_edited(
    evaluated: Evaluation, engineer: Actor, world: World
) -> None:
    meter, key = meters_of("T00")[0], world.holder.pk
    tested = Outcome(meter, evaluated.last_day + timedelta(days=1), Decimal("0.05"), False)
    first = record_truth(engineer, key, MEDIUM, tested, AT)
    better = Outcome(meter, tested.tested_on, Decimal("0.005"), True)
    second = record_truth(engineer, key, MEDIUM, better, AT, first.pk)
    with pytest.raises(MeteringError, match="已被更正"):
        record_truth(engineer, key, MEDIUM, better, AT, first.pk)
    track = tracks_of(key, MEDIUM).all
    assert track is not None and (track.track.tested, track.track.beyond) == (1, 0)
    withdraw_truth(engineer, second.pk, "表号抄错", AT)
    assert tracks_of(key, MEDIUM).all is None
    for act in (
        lambda: Truth.objects.filter(pk=first.pk).update(error=0),
        lambda: first.delete(),
        lambda: Evaluation.objects.filter(pk=evaluated.pk).update(kept=0),
    ):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            act()


def test_readings_after_the_test_say_nothing_of_the_tested_meter(
    evaluated: Evaluation, engineer: Actor, world: World
) -> None:
    early = Outcome(meters_of("T00")[0], evaluated.last_day, Decimal("0.05"), False)
    made = record_truth(engineer, world.holder.pk, MEDIUM, early, AT)
    assert made.evaluation is None and made.exceeds is None


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("M1,2026-13-01,1,合格,", "第 2 行 检定日期：现为“2026-13-01”"),
        ("M1,2026-11-01,x,合格,", "第 2 行 误差（%）：现为“x”"),
        ("M1,2026-11-01,1,也许,", "第 2 行 结论：现为“也许”"),
        (",2026-11-01,1,合格,", "第 2 行 表号：现为“空白”"),
        ("M1,2027-11-01,1,合格,", "第 2 行：检定日期 2027-11-01 在今天之后"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_kept(
    evaluated: Evaluation, engineer: Actor, world: World, tmp_path: Path, row: str, told: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"表号,检定日期,误差（%）,结论,说明\n{row}\nM2,{date(2026, 11, 1)},1,合格,\n", encoding="utf-8")
    with pytest.raises(MeteringError) as found:
        record_table(engineer, world.holder.pk, MEDIUM, path, AT)
    assert told in str(found.value) and not Truth.objects.exists()
