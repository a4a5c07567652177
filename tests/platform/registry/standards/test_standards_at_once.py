"""Two people who act on one thing at the same time: one is told that it is done."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from small_world import make_world
from yuejingzhun.platform.registry.standards.errors import StandardError
from yuejingzhun.platform.registry.standards.models import (
    AssessmentCertificate,
    Assignment,
    Declaration,
    Interruption,
    MeasurementStandard,
    StabilityRecord,
)
from yuejingzhun.platform.registry.standards.rules import Kind
from yuejingzhun.platform.registry.standards.services import (
    applications,
    assessments,
    decisions,
    declarations,
    interruptions,
)
from yuejingzhun.platform.registry.standards.services.records import record_stability

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


@pytest.fixture
def shared(committed, staff_of) -> tuple[Any, Any]:
    """World and staff where changes are really committed."""
    world = make_world()
    return world, staff_of(world)


def at_once(*acts: Callable[[], object]) -> list[StandardError]:
    """The refusals of acts done at the same moment by connections of their own; any other error fails the test."""
    told: list[object] = []
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            told.append(act())
        except StandardError as error:
            told.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(told) == len(acts)
    return [each for each in told if isinstance(each, StandardError)]


def test_an_application_sent_twice_is_one(shared, content) -> None:
    world, staff = shared

    def apply() -> object:
        return applications.apply(staff.manager, world.institute.pk, Kind.NEW, content(), None, AT)

    (refused,) = at_once(apply, apply)
    assert "不能重复申请" in str(refused)


def test_two_regulators_accept_once_and_decide_once(shared, content) -> None:
    world, staff = shared
    key = applications.apply(staff.manager, world.institute.pk, Kind.NEW, content(), None, AT).pk
    both = ((staff.regulator, staff.assessor), (staff.second_regulator, staff.second_assessor))
    (refused,) = at_once(
        *(lambda by=by, who=who: applications.accept(by, key, [who.person_id], AT) for by, who in both)
    )
    assert "待考评" in str(refused)
    appointed = Assignment.objects.get().assessor_id
    assessor = next(who for _, who in both if who.person_id == appointed)
    assessments.report_pass(assessor, key, "符合", AT)

    refusals = at_once(
        lambda: decisions.approve(staff.regulator, key, AT),
        lambda: decisions.approve(staff.second_regulator, key, AT),
    )
    assert len(refusals) == 1 and "已发证" in str(refusals[0])
    assert AssessmentCertificate.objects.get().number == "[2026]粤量标440100证字第0001号"


def test_numbers_of_two_certificates_at_once_differ(shared, content) -> None:
    world, staff = shared
    keys = []
    for name in ("甲装置", "乙装置"):
        found = applications.apply(staff.manager, world.institute.pk, Kind.NEW, content(name=name), None, AT)
        applications.accept(staff.regulator, found.pk, [staff.assessor.person_id], AT)
        assessments.report_pass(staff.assessor, found.pk, "符合", AT)
        keys.append(found.pk)
    assert at_once(*(lambda key=key: decisions.approve(staff.regulator, key, AT) for key in keys)) == []
    assert set(AssessmentCertificate.objects.values_list("number", flat=True)) == {
        "[2026]粤量标440100证字第0001号",
        "[2026]粤量标440100证字第0002号",
    }


def test_a_standard_is_declared_once(shared, content) -> None:
    world, staff = shared
    given = content(level="ENTERPRISE_HIGHEST")

    def declare() -> object:
        return declarations.declare(staff.enterprise, world.holder.pk, given, date(2029, 1, 1), AT)

    (refused,) = at_once(declare, declare)
    assert "已有一份有效的自我声明" in str(refused)
    assert Declaration.objects.get().standard.number == "[2026]企标声明440106第0001号"


def test_a_standard_is_suspended_once_and_a_day_recorded_once(shared) -> None:
    world, staff = shared
    key = MeasurementStandard.objects.get(number=world.standard()).pk
    (refused,) = at_once(*(lambda: interruptions.suspend(staff.manager, key, "维修", AT) for _ in range(2)))
    assert "起已封存或暂停使用" in str(refused) and Interruption.objects.count() == 1

    def record() -> object:
        return record_stability(staff.manager, key, date(2026, 11, 20), ["1.0", "1.1"] * 5, AT)

    (refused,) = at_once(record, record)
    assert "应在最近一组" in str(refused) and StabilityRecord.objects.count() == 1
