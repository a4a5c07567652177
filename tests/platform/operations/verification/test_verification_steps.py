"""A record on its way to approval: who may do which step, in which order, and what stores nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from issuing import RECEIVED, submit
from small_world import AT
from yuejingzhun.platform.foundation.audit.models import AuditEvent
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.operations.certificates.models import Certificate
from yuejingzhun.platform.operations.certificates.services import approve
from yuejingzhun.platform.operations.verification.errors import UnknownJobError, VerificationError
from yuejingzhun.platform.operations.verification.models import Job
from yuejingzhun.platform.operations.verification.queries import (
    evaluation_of,
    recent_of,
    visible_job,
    waiting_for,
)
from yuejingzhun.platform.operations.verification.services import return_to_tester, review, submit_record
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.registry.standards.errors import StandardNotUsableError
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.procedures.record import RecordError


def test_nobody_acts_without_the_role_or_in_another_institute(world) -> None:
    for actor in (world.reviewer, world.signatory, world.stranger, world.regulator):
        with pytest.raises(NotPermittedError):
            submit(world, actor)
    job = submit(world)
    for actor in (world.verifier, world.signatory, world.stranger):
        with pytest.raises(NotPermittedError):
            review(actor, job.pk, AT)
    review(world.reviewer, job.pk, AT)
    for actor in (world.verifier, world.reviewer, world.stranger, world.regulator):
        with pytest.raises(NotPermittedError):
            approve(actor, job.pk, AT)
    assert Certificate.objects.count() == 0


def test_the_tester_neither_reviews_nor_approves_his_own_record(world) -> None:
    job = submit(world, world.everything)
    with pytest.raises(VerificationError, match="不能核验自己的记录"):
        review(world.everything, job.pk, AT)
    review(world.reviewer, job.pk, AT)
    with pytest.raises(VerificationError, match="不能批准自己的记录"):
        approve(world.everything, job.pk, AT)


def test_a_technician_without_the_item_is_refused(world) -> None:
    grants = tuple(replace(grant, regulations=frozenset({"JJG 52-2013"})) for grant in world.verifier.grants)
    with pytest.raises(NotPermittedError, match="JJG 596-2012"):
        submit(world, replace(world.verifier, grants=grants))


def test_steps_out_of_order_are_refused(world) -> None:
    job = submit(world)
    with pytest.raises(VerificationError, match="待核验"):
        approve(world.signatory, job.pk, AT)
    review(world.reviewer, job.pk, AT)
    with pytest.raises(VerificationError, match="待批准"):
        review(world.reviewer, job.pk, AT)
    approve(world.signatory, job.pk, AT)
    for act in (review, approve):
        with pytest.raises((VerificationError, NotPermittedError)):
            act(world.signatory, job.pk, AT)
    with pytest.raises(UnknownJobError):
        review(world.reviewer, 10**9, AT)


def test_bad_records_store_nothing(world) -> None:
    record = world.record()
    with pytest.raises(RecordError):
        submit(world, record=replace(record, environment={"temperature_c": Decimal(99)}))
    with pytest.raises(StandardNotUsableError, match="没有考核证书号"):
        submit(world, standard_number="不存在")
    with pytest.raises(StandardNotUsableError, match="不能开展"):
        submit(world, standard_number=world.standard("JJG 52-2013"))
    MeasurementStandard.objects.update(valid_until=date(2026, 11, 23))
    with pytest.raises(StandardNotUsableError, match="已过期"):
        submit(world)
    with pytest.raises(VerificationError, match="日期顺序"):
        submit(world, received_on=date(2026, 11, 25))
    assert (Job.objects.count(), Instrument.objects.count(), AuditEvent.objects.count()) == (0, 0, 0)


def test_today_is_the_day_in_china_also_before_eight_in_the_morning(world) -> None:
    night = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # one o'clock on the 25th
    of_day = lambda day: replace(world.record(), tested_on=date(2026, 11, day))  # noqa: E731
    given = (world.institute.pk, world.holder.pk)
    with pytest.raises(VerificationError, match="今天 2026-11-25"):
        submit_record(world.verifier, *given, of_day(26), world.standard("JJG 596-2012"), RECEIVED, night)
    job = submit_record(world.verifier, *given, of_day(25), world.standard("JJG 596-2012"), RECEIVED, night)
    review(world.reviewer, job.pk, night)
    certificate = approve(world.signatory, job.pk, night)
    assert b"<dcc:issueDate>2026-11-25</dcc:issueDate>" in certificate.signed_xml


def test_a_returned_record_keeps_its_reason_and_its_tester_sees_it(world) -> None:
    job = submit(world)
    assert [j.pk for j in waiting_for(world.reviewer)] == [job.pk]
    with pytest.raises(VerificationError, match="原因"):
        return_to_tester(world.reviewer, job.pk, " ", AT)
    return_to_tester(world.reviewer, job.pk, "环境温度与记录仪不符", AT)
    assert waiting_for(world.reviewer) == []
    (mine,) = waiting_for(world.verifier)
    assert mine.return_reason == "环境温度与记录仪不符"
    with pytest.raises(VerificationError, match="已退回"):
        review(world.reviewer, job.pk, AT)


def test_work_lists_show_only_what_one_can_do(world) -> None:
    job = submit(world, world.everything)
    assert waiting_for(world.everything) == []
    assert waiting_for(world.stranger) == []
    review(world.reviewer, job.pk, AT)
    assert [j.pk for j in waiting_for(world.signatory)] == [job.pk]
    assert [j.pk for j in recent_of(world.everything)] == [job.pk]


def test_a_job_is_seen_by_its_institute_its_holder_and_the_regulator_of_its_region(world) -> None:
    job = submit(world)
    for actor in (world.verifier, world.reviewer, world.regulator):
        assert visible_job(actor, job.pk).pk == job.pk
    with pytest.raises(UnknownJobError):
        visible_job(world.stranger, job.pk)
    far = replace(world.regulator, grants=tuple(replace(g, region="440300") for g in world.regulator.grants))
    with pytest.raises(UnknownJobError):
        visible_job(far, job.pk)


def test_the_database_refuses_a_tester_who_reviews_himself(world) -> None:
    job = submit(world)
    with pytest.raises(DatabaseError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(state="REVIEWED", reviewed_by=world.verifier.person_id, reviewed_at=AT)


def test_the_stored_record_gives_the_same_evaluation(world) -> None:
    job = submit(world)
    job.refresh_from_db()
    assert evaluation_of(job).passed == job.passed


def test_the_same_serial_on_another_kind_of_instrument_is_another_instrument(world) -> None:
    meter = world.record("JJG 596-2012")
    charger = world.record("JJG 1148-2022")
    same = replace(charger.item, maker=meter.item.maker, model=meter.item.model, serial=meter.item.serial)
    first = submit(world, record=meter).instrument
    second = submit(world, record=replace(charger, item=same), code="JJG 1148-2022").instrument
    assert first.pk != second.pk
    assert (first.name, second.name) == (meter.item.name, charger.item.name)
    assert submit(world, record=meter).instrument.pk == first.pk
