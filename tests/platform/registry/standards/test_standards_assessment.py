"""From application to certificate: each way through, each refusal, and who may do what."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from yuejingzhun.platform.foundation.audit.queries import history
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.registry.standards.applications import applications_of, visible_application, waiting_for
from yuejingzhun.platform.registry.standards.errors import ProposalError, StandardError, UnknownStandardError
from yuejingzhun.platform.registry.standards.models import (
    Application,
    AssessmentCertificate,
    Assignment,
    MeasurementStandard,
)
from yuejingzhun.platform.registry.standards.queries import (
    certificates_of,
    equipment_of,
    stability_of,
    usable_standard,
    validity,
)
from yuejingzhun.platform.registry.standards.rules import Kind
from yuejingzhun.platform.registry.standards.services import applications, assessments, decisions, interruptions

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)


@pytest.fixture
def applied(world, staff, content) -> Application:
    return applications.apply(staff.manager, world.institute.pk, Kind.NEW, content(), None, AT)


@pytest.fixture
def accepted(applied, staff) -> Application:
    return applications.accept(staff.regulator, applied.pk, [staff.assessor.person_id], AT)


@pytest.fixture
def passed(accepted, staff) -> Application:
    return assessments.report_pass(staff.assessor, accepted.pk, "符合要求", AT)


@pytest.fixture
def issued(passed, staff) -> AssessmentCertificate:
    return decisions.approve(staff.regulator, passed.pk, AT)


def test_an_application_becomes_a_standard_with_a_certificate_of_five_years(issued, world) -> None:
    assert (issued.starts_on, issued.ends_on) == (TODAY, date(2031, 11, 23))
    assert issued.number == "[2026]粤量标440100证字第0001号"
    standard = issued.standard
    assert validity(standard, TODAY) == ()
    assert [row.serial for row in equipment_of(standard.pk)] == ["0001"]
    assert len(stability_of(standard.pk)) == 4
    assert usable_standard(world.institute.pk, issued.number, "JJG 596-2012", TODAY)[0] == standard.pk
    actions = [event.action for event in history("application", issued.application_id)]
    assert actions == ["申请考核", "受理", "评为合格", "批准发证"]


def test_a_returned_application_stays_and_is_made_again(applied, world, staff, content) -> None:
    with pytest.raises(StandardError, match="一次告知"):
        applications.return_to_applicant(staff.regulator, applied.pk, " ", AT)
    with pytest.raises(StandardError, match="已有一份未办结的申请"):
        applications.apply(staff.manager, world.institute.pk, Kind.NEW, content(), None, AT)
    assert applications.return_to_applicant(staff.regulator, applied.pk, "缺环境条件", AT).state == "RETURNED"
    again = applications.apply(staff.manager, world.institute.pk, Kind.NEW, content(), None, AT)
    assert again.pk != applied.pk


def test_corrections_are_asked_for_made_and_confirmed(accepted, staff) -> None:
    due = TODAY + timedelta(15)
    with pytest.raises(StandardError, match="整改期限：为"):
        assessments.require_correction(staff.assessor, accepted.pk, "补温湿度记录", TODAY, AT)
    found = assessments.require_correction(staff.assessor, accepted.pk, "补温湿度记录", due, AT)
    assert (found.state, found.correct_by) == ("CORRECTING", due)
    with pytest.raises(StandardError, match="未到"):
        assessments.report_failure(staff.assessor, accepted.pk, "没有整改", AT)
    with pytest.raises(StandardError, match="已过"):
        applications.correct(staff.manager, accepted.pk, "已补", AT + timedelta(16))
    assert applications.correct(staff.manager, accepted.pk, "已补", AT + timedelta(15)).state == "CORRECTED"
    assert assessments.report_pass(staff.assessor, accepted.pk, "已改", AT).state == "PASSED"


def test_a_failed_one_is_refused_with_a_reason(accepted, staff) -> None:
    assessments.report_failure(staff.assessor, accepted.pk, "溯源中断", AT)
    with pytest.raises(StandardError, match="不能批准发证"):
        decisions.approve(staff.regulator, accepted.pk, AT)
    with pytest.raises(StandardError, match="须写明原因"):
        decisions.refuse(staff.regulator, accepted.pk, "", AT)
    assert decisions.refuse(staff.regulator, accepted.pk, "考评不合格", AT).state == "REFUSED"
    assert not AssessmentCertificate.objects.exists()


def test_figures_that_do_not_hold_cannot_be_passed(world, staff, content) -> None:
    weak = content(groups=content()["groups"][:3])
    found = applications.apply(staff.manager, world.institute.pk, Kind.NEW, weak, None, AT)
    assert not found.figures_hold
    applications.accept(staff.regulator, found.pk, [staff.assessor.person_id], AT)
    with pytest.raises(StandardError, match="不能评为合格"):
        assessments.report_pass(staff.assessor, found.pk, "符合", AT)


def test_an_application_can_be_withdrawn_until_it_is_assessed(passed, staff) -> None:
    with pytest.raises(StandardError, match="不能撤回"):
        applications.withdraw(staff.manager, passed.pk, "不建了", AT)


def test_withdrawal_of_an_accepted_one(accepted, staff) -> None:
    assert applications.withdraw(staff.manager, accepted.pk, "不建了", AT).state == "WITHDRAWN"
    with pytest.raises(StandardError, match="已撤回"):
        assessments.report_pass(staff.assessor, accepted.pk, "符合", AT)


def test_only_those_with_the_right_take_a_step(applied, world, staff, content) -> None:
    key = applied.pk
    with pytest.raises(NotPermittedError, match="质量负责人"):
        applications.apply(staff.verifier, world.institute.pk, Kind.NEW, content(), None, AT)
    with pytest.raises(NotPermittedError, match="质量负责人"):
        applications.apply(staff.enterprise, world.institute.pk, Kind.NEW, content(), None, AT)
    for stranger in (staff.elsewhere, staff.manager, staff.assessor):
        with pytest.raises(NotPermittedError, match="主持考核"):
            applications.accept(stranger, key, [staff.assessor.person_id], AT)
        with pytest.raises(NotPermittedError, match="主持考核"):
            applications.return_to_applicant(stranger, key, "缺", AT)
    applications.accept(staff.regulator, key, [staff.assessor.person_id], AT)
    for stranger in (staff.second_assessor, staff.regulator, staff.own_assessor):
        with pytest.raises(NotPermittedError, match="指定的考评员"):
            assessments.report_pass(stranger, key, "符合", AT)
    assessments.report_pass(staff.assessor, key, "符合", AT)
    with pytest.raises(NotPermittedError, match="主持考核"):
        decisions.approve(staff.elsewhere, key, AT)
    with pytest.raises(NotPermittedError):
        applications.correct(staff.regulator, key, "x", AT)
    with pytest.raises(UnknownStandardError):
        decisions.approve(staff.regulator, 999999, AT)


def test_assessors_are_one_or_two_and_of_another_house(applied, staff) -> None:
    for chosen, says in (
        ([], "指定了 0 名"),
        ([staff.own_assessor.person_id], "不能考评"),
        ([staff.manager.person_id], "不能考评"),
        ([staff.verifier.person_id, staff.assessor.person_id], "不能考评"),
        ([1, 2, 3], "指定了 3 名"),
    ):
        with pytest.raises(StandardError, match=says):
            applications.accept(staff.regulator, applied.pk, chosen, AT)
    both = [staff.assessor.person_id, staff.second_assessor.person_id]
    assert applications.accept(staff.regulator, applied.pk, both, AT).state == "ACCEPTED"
    assert Assignment.objects.count() == 2


def test_the_highest_public_standard_of_a_city_goes_to_the_province(world, staff, content) -> None:
    given = content(level="PUBLIC_HIGHEST")
    found = applications.apply(staff.manager, world.institute.pk, Kind.NEW, given, None, AT)
    assert found.presiding == "440000"
    with pytest.raises(NotPermittedError):
        applications.accept(staff.regulator, found.pk, [staff.assessor.person_id], AT)
    assert waiting_for(staff.regulator) == []
    assert waiting_for(staff.province) == [found]
    applications.accept(staff.province, found.pk, [staff.assessor.person_id], AT)


def renew(world, staff, content, standard, kind: Kind, at=AT, **changes) -> AssessmentCertificate:
    changes = {"level": standard.level, "groups": content()["groups"][2:]} | changes
    found = applications.apply(staff.manager, world.institute.pk, kind, content(**changes), standard.pk, at)
    applications.accept(staff.regulator, found.pk, [staff.assessor.person_id], at)
    assessments.report_pass(staff.assessor, found.pk, "符合", at)
    return decisions.approve(staff.regulator, found.pk, at)


def test_a_renewal_joins_on_and_keeps_number_and_limit(issued, world, staff, content) -> None:
    at = AT.replace(year=2031, month=6)
    found = renew(world, staff, content, issued.standard, Kind.RENEWAL, at, readings=["9.95", "10.05"] * 5)
    assert (found.starts_on, found.ends_on) == (date(2031, 11, 24), date(2036, 11, 23))
    standard = MeasurementStandard.objects.get(pk=issued.standard_id)
    assert (standard.number, standard.valid_until) == (issued.number, date(2036, 11, 23))
    assert standard.reported_s == pytest.approx(0.1054, abs=1e-4)
    assert [row.pk for row in certificates_of(standard.pk)] == [found.pk, issued.pk]


def test_a_renewal_with_a_worse_repeatability_cannot_pass(issued, world, staff, content) -> None:
    with pytest.raises(StandardError, match="不能评为合格"):
        renew(world, staff, content, issued.standard, Kind.RENEWAL, readings=["9.8", "10.2"] * 5)


def test_a_change_replaces_the_main_instrument_and_keeps_the_term(issued, world, staff, content) -> None:
    device = content()["devices"][0] | {"serial": "0002"}
    at = AT + timedelta(100)
    found = renew(world, staff, content, issued.standard, Kind.CHANGE, at, devices=[device], measuring_range="1～200")
    issued.refresh_from_db()
    assert issued.ended_on == found.starts_on == date(2027, 3, 4)
    assert found.ends_on == issued.ends_on
    rows = {row.serial: row.removed_on for row in equipment_of(found.standard_id)}
    assert rows == {"0001": date(2027, 3, 4), "0002": None}
    assert MeasurementStandard.objects.get(pk=found.standard_id).measuring_range == "1～200"
    for on in (TODAY, date(2027, 3, 3), date(2027, 3, 4)):
        assert validity(found.standard, on) == ()


def test_a_standard_older_than_the_register_is_renewed_without_losing_its_term(world, staff, content) -> None:
    old = MeasurementStandard.objects.get(number=world.standard())
    found = renew(world, staff, content, old, Kind.RENEWAL)
    assert found.starts_on == date(2028, 2, 1) and found.number == old.number
    assert found.previous_until == date(2028, 1, 31)
    device_is_new = [each.text for each in validity(found.standard, date(2026, 12, 1))]
    assert device_is_new == []


def test_a_lapsed_one_is_assessed_as_new_and_one_in_force_is_not(issued, world, staff, content) -> None:
    apply = lambda kind, at, level="PUBLIC_OTHER": applications.apply(  # noqa: E731
        staff.manager, world.institute.pk, kind, content(level=level), issued.standard_id, at
    )
    with pytest.raises(StandardError, match="应申请复查或变更"):
        apply(Kind.NEW, AT)
    with pytest.raises(StandardError, match="应按新建"):
        apply(Kind.RENEWAL, AT.replace(year=2032))
    with pytest.raises(StandardError, match="两者应一致"):
        apply(Kind.RENEWAL, AT, "PUBLIC_HIGHEST")
    assert apply(Kind.NEW, AT.replace(year=2032)).kind == "NEW"


def test_a_cancelled_standard_gets_no_certificate(issued, world, staff, content) -> None:
    given = content(groups=content()["groups"][2:])
    found = applications.apply(staff.manager, world.institute.pk, Kind.CHANGE, given, issued.standard_id, AT)
    applications.accept(staff.regulator, found.pk, [staff.assessor.person_id], AT)
    assessments.report_pass(staff.assessor, found.pk, "符合", AT)
    interruptions.cancel(staff.regulator, issued.standard_id, "弄虚作假", AT)
    with pytest.raises(StandardError, match="已撤销"):
        decisions.approve(staff.regulator, found.pk, AT)
    decisions.refuse(staff.regulator, found.pk, "已撤销", AT)
    with pytest.raises(StandardError, match="另行申请新建"):
        applications.apply(staff.manager, world.institute.pk, Kind.CHANGE, given, issued.standard_id, AT)


def test_only_ones_own_standard_can_be_applied_for(issued, world, staff, content) -> None:
    with pytest.raises(UnknownStandardError, match="本单位没有"):
        applications.apply(staff.enterprise, world.holder.pk, Kind.RENEWAL, content(), issued.standard_id, AT)


def test_nothing_is_kept_of_a_wrong_application(world, staff, content) -> None:
    with pytest.raises(ProposalError):
        applications.apply(staff.manager, world.institute.pk, Kind.NEW, content(readings=[]), None, AT)
    assert not Application.objects.exists()


def test_the_work_lists(applied, staff, world) -> None:
    assert waiting_for(staff.regulator) == [applied] and waiting_for(staff.elsewhere) == []
    assert applications_of(staff.manager) == [applied] and applications_of(staff.enterprise) == []
    applications.accept(staff.regulator, applied.pk, [staff.assessor.person_id], AT)
    assert waiting_for(staff.assessor) == [applied] and waiting_for(staff.second_assessor) == []
    assert waiting_for(staff.regulator) == []
    assessments.require_correction(staff.assessor, applied.pk, "补", TODAY + timedelta(5), AT)
    assert waiting_for(staff.manager) == [applied] and waiting_for(staff.assessor) == []
    for reader in (staff.manager, staff.assessor, staff.regulator, staff.province):
        assert visible_application(reader, applied.pk) == applied
    for stranger in (staff.enterprise, staff.elsewhere, staff.second_assessor):
        with pytest.raises(UnknownStandardError):
            visible_application(stranger, applied.pk)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE standards_assessmentcertificate SET ends_on = ends_on + 1",
        "UPDATE standards_assessmentcertificate SET number = 'x'",
        "UPDATE standards_assessmentcertificate SET content = '{}'",
        "DELETE FROM standards_assessmentcertificate",
        "UPDATE standards_application SET content = '{}'",
        "UPDATE standards_application SET state = 'SUBMITTED', decided_by_id = NULL, decided_at = NULL",
        "DELETE FROM standards_application",
        "UPDATE standards_assignment SET assessor_id = assessor_id",
        "DELETE FROM standards_stabilityrecord",
        "UPDATE standards_stabilityrecord SET mean = 1",
    ],
)
def test_the_database_itself_refuses(issued, statement) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_terms_of_one_standard_do_not_overlap(issued) -> None:
    statement = """
        INSERT INTO standards_assessmentcertificate
            (standard_id, application_id, number, content, starts_on, ends_on, issued_by_id, issued_at)
        SELECT standard_id, application_id + 1000, number, content, ends_on, ends_on + 9, issued_by_id, issued_at
        FROM standards_assessmentcertificate"""
    with (
        pytest.raises(IntegrityError, match="terms_do_not_overlap"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_database_refuses_an_assessor_of_the_applicant(applied, staff) -> None:
    with pytest.raises(IntegrityError, match="applicant's people"), transaction.atomic():
        Assignment.objects.create(application=applied, assessor_id=staff.own_assessor.person_id)


def test_a_certificate_ends_early_once(issued) -> None:
    AssessmentCertificate.objects.filter(pk=issued.pk).update(ended_on=TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        AssessmentCertificate.objects.filter(pk=issued.pk).update(ended_on=TODAY + timedelta(1))
