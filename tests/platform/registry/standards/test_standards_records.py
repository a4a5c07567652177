"""Yearly records, instruments, suspension: what each does to the validity of a standard, and each refusal."""

from datetime import UTC, date, datetime, timedelta
from math import sqrt

import pytest

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.registry.materials.services import ValueIn, enter_material, take_in_batch, withdraw_batch
from yuejingzhun.platform.registry.standards.errors import ProposalError, StandardError, StandardNotUsableError
from yuejingzhun.platform.registry.standards.models import Equipment, MeasurementStandard, StandardMaterial
from yuejingzhun.platform.registry.standards.queries import evidence_of, usable_standard, validity, warnings_of
from yuejingzhun.platform.registry.standards.services import interruptions
from yuejingzhun.platform.registry.standards.services.records import (
    complete_report,
    record_repeatability,
    record_stability,
    renew_equipment,
)
from yuejingzhun.platform.registry.standards.validity import Predicate

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)
SPREAD = ["9.9", "10.1"] * 5


@pytest.fixture
def standard(world) -> MeasurementStandard:
    return MeasurementStandard.objects.get(number=world.standard())


@pytest.fixture
def reported(standard, staff) -> MeasurementStandard:
    return complete_report(staff.manager, standard.pk, "0.11", "0.05", AT)


def failed(standard: MeasurementStandard, on: date = TODAY) -> set[Predicate]:
    return {each.predicate for each in validity(standard, on)}


def test_a_repeatability_test_is_judged_by_the_report(reported, staff) -> None:
    record = record_repeatability(staff.verifier, reported.pk, TODAY - timedelta(9), SPREAD, AT)
    assert record.s == pytest.approx(0.1 * sqrt(10 / 9), rel=1e-12) and record.passed
    assert failed(reported) == set()
    assert not record_repeatability(staff.verifier, reported.pk, TODAY, ["9.8", "10.2"] * 5, AT).passed
    assert failed(reported) == {Predicate.REPEATABILITY}
    assert failed(reported, TODAY - timedelta(1)) == set()  # the day before it was still good


def test_a_group_is_judged_by_the_one_before(reported, staff) -> None:
    first = record_stability(staff.verifier, reported.pk, TODAY - timedelta(300), ["10.00"] * 10, AT)
    assert (first.change, first.passed) == (None, None)
    good = record_stability(staff.verifier, reported.pk, TODAY - timedelta(9), ["10.04"] * 10, AT)
    assert good.change == pytest.approx(0.04) and good.passed and failed(reported) == set()
    assert not record_stability(staff.verifier, reported.pk, TODAY, ["10.09"] * 10, AT).passed  # 0.05 is not below
    assert failed(reported) == {Predicate.STABILITY}


def test_what_cannot_be_recorded(standard, staff, world) -> None:
    key = standard.pk
    with pytest.raises(StandardError, match="没有登记，不能判定"):
        record_repeatability(staff.verifier, key, TODAY, SPREAD, AT)
    with pytest.raises(NotPermittedError, match="质量负责人"):
        complete_report(staff.verifier, key, "0.11", "0.05", AT)
    with pytest.raises(ProposalError, match="重复性 s"):
        complete_report(staff.manager, key, "x", "0.05", AT)
    complete_report(staff.manager, key, "0.11", "0.05", AT)
    with pytest.raises(StandardError, match=r"已登记为 0\.11"):
        complete_report(staff.manager, key, "9", "9", AT)
    for record in (record_repeatability, record_stability):
        for actor in (world.stranger, staff.regulator, world.reviewer):
            with pytest.raises(NotPermittedError, match="检定员或质量负责人"):
                record(actor, key, TODAY, SPREAD, AT)
        with pytest.raises(StandardError, match="应不晚于今天"):
            record(staff.verifier, key, TODAY + timedelta(1), SPREAD, AT)
        with pytest.raises(ProposalError, match="有 9 个"):
            record(staff.verifier, key, TODAY, SPREAD[:9], AT)
        record(staff.verifier, key, TODAY, SPREAD, AT)
        with pytest.raises(StandardError, match=r"已有一份|应在最近一组"):
            record(staff.verifier, key, TODAY, SPREAD, AT)


def test_an_instrument_out_of_date_stops_the_standard_until_it_has_a_new_certificate(standard, staff, world) -> None:
    row = Equipment.objects.create(
        standard=standard,
        is_main=True,
        name="标准表",
        model="S",
        serial="1",
        certificate="A",
        valid_until=TODAY - timedelta(1),
        added_on=TODAY - timedelta(400),
    )
    with pytest.raises(StandardNotUsableError, match="标准表 S 1 有效期至 2026-11-23，已过期"):
        usable_standard(world.institute.pk, standard.number, "JJG 596-2012", TODAY)
    with pytest.raises(StandardError, match="有效期应晚于"):
        renew_equipment(staff.manager, row.pk, "B", TODAY - timedelta(1), AT)
    with pytest.raises(NotPermittedError):
        renew_equipment(staff.enterprise, row.pk, "B", TODAY + timedelta(300), AT)
    renew_equipment(staff.manager, row.pk, "B", TODAY + timedelta(300), AT)
    assert usable_standard(world.institute.pk, standard.number, "JJG 596-2012", TODAY)[0] == standard.pk


def test_a_material_must_have_a_batch_of_the_owners_in_date(standard, staff, world) -> None:
    enter_material(staff.manager, "GBW13101", "演示标准物质", "演示研制单位", AT)
    StandardMaterial.objects.create(standard=standard, number="GBW13101")
    assert failed(standard) == {Predicate.MATERIAL}
    values = [ValueIn("质量", *map(type(standard.expanded_uncertainty), ("1", "0.1", "2")), "g")]
    days = (TODAY - timedelta(5), TODAY + timedelta(5))
    take_in_batch(staff.enterprise, "GBW13101", world.holder.pk, "1", "", "柜", *days, values, AT)
    assert failed(standard) == {Predicate.MATERIAL}  # of another house
    batch = take_in_batch(staff.manager, "GBW13101", world.institute.pk, "1", "", "柜", *days, values, AT)
    assert failed(standard) == set()
    assert failed(standard, days[1] + timedelta(1)) == {Predicate.MATERIAL}
    withdraw_batch(staff.manager, batch.pk, "用完", AT)
    assert failed(standard) == {Predicate.MATERIAL}


def test_suspension_resumption_and_cancellation(standard, staff, world) -> None:
    key = standard.pk
    with pytest.raises(StandardError, match="没有封存或暂停"):
        interruptions.resume(staff.manager, key, AT)
    with pytest.raises(StandardError, match="须写明原因"):
        interruptions.suspend(staff.manager, key, " ", AT)
    for actor in (world.stranger, staff.elsewhere, staff.verifier):
        for act in (interruptions.suspend, interruptions.cancel):
            with pytest.raises(NotPermittedError):
                act(actor, key, "x", AT)
        with pytest.raises(NotPermittedError):
            interruptions.resume(actor, key, AT)
    interruptions.suspend(staff.manager, key, "标准表送修", AT)
    assert "标准表送修" in validity(standard, TODAY)[0].text
    assert failed(standard, TODAY - timedelta(1)) == set()
    interruptions.resume(staff.manager, key, AT + timedelta(2))
    assert failed(standard, TODAY + timedelta(1)) == {Predicate.NOT_SUSPENDED}
    assert failed(standard, TODAY + timedelta(2)) == set()

    interruptions.suspend(staff.regulator, key, "监督检查不合格", AT + timedelta(3))
    with pytest.raises(StandardError, match="须由监管部门恢复"):
        interruptions.resume(staff.manager, key, AT + timedelta(4))
    interruptions.cancel(staff.regulator, key, "逾期未改", AT + timedelta(4))
    for act in (interruptions.suspend, interruptions.cancel):
        with pytest.raises(StandardError, match="起已撤销"):
            act(staff.regulator, key, "x", AT + timedelta(5))
    with pytest.raises(StandardError, match="须按新建"):
        interruptions.resume(staff.regulator, key, AT + timedelta(5))
    assert failed(standard, TODAY + timedelta(900)) >= {Predicate.NOT_SUSPENDED}


def test_standards_of_the_demonstration_stay_usable_by_their_term_alone(standard, world) -> None:
    assert validity(standard, TODAY) == ()
    assert {each.predicate for each in warnings_of(standard, TODAY)} == {
        Predicate.REPEATABILITY,
        Predicate.STABILITY,
    }
    with pytest.raises(StandardNotUsableError, match="已过期"):
        usable_standard(world.institute.pk, standard.number, "JJG 596-2012", date(2028, 2, 1))


def test_the_validity_of_many_takes_no_query_more_than_of_one(world, django_assert_max_num_queries) -> None:
    every = list(MeasurementStandard.objects.all())
    for standard in every:
        StandardMaterial.objects.create(standard=standard, number="GBW13101")
    with django_assert_max_num_queries(8):
        assert len(evidence_of(every, TODAY)) == len(every) > 3
