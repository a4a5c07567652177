"""Scenes of measurement standards: assessment, declaration, records, interruptions."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from permissions.seats import Seat
from permissions.town import AT, TODAY, Call, Town, scene
from standard_proposal import content
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.registry.standards import applications as reads
from yuejingzhun.platform.registry.standards import queries
from yuejingzhun.platform.registry.standards.models import Application, Declaration, Equipment, MeasurementStandard
from yuejingzhun.platform.registry.standards.rules import Kind
from yuejingzhun.platform.registry.standards.services import (
    applications,
    assessments,
    decisions,
    declarations,
    interruptions,
    records,
)

APP = "registry.standards"
ENTERPRISE = content(level="ENTERPRISE_HIGHEST", name="企业最高电能表标准装置")
READINGS = ["9.9", "10.1"] * 5
IN_A_MONTH = TODAY + timedelta(days=30)


def _applied(town: Town) -> Application:
    manager = town.another(Role.QUALITY_MANAGER)
    return applications.apply(manager, town.institute, Kind.NEW, content(), None, AT)


def _accepted(town: Town) -> Application:
    _grant_assessor(town)
    return applications.accept(town.one(Role.REGULATOR, Seat.CITY), _applied(town).pk, [town.themselves.pk], AT)


def _grant_assessor(town: Town) -> None:
    town.themselves.grants.create(
        role=Role.ASSESSOR.name, organisation=town.themselves.organisation,
        valid_from=date(2025, 1, 1), valid_until=date(2029, 12, 31),
    )  # fmt: skip


def _assessor(town: Town) -> Actor:
    return town.one(Role.ASSESSOR, Seat.SELF)


def _declared(town: Town) -> Declaration:
    manager = town.one(Role.QUALITY_MANAGER, Seat.PARTY)
    return declarations.declare(manager, town.party, ENTERPRISE, date(2029, 11, 23), AT)


def _contested(town: Town) -> Declaration:
    return declarations.contest(town.one(Role.REGULATOR, Seat.CITY), _declared(town).pk, "存疑", AT)


def _standard(town: Town) -> MeasurementStandard:
    return MeasurementStandard.objects.get(number=town.world.standard())


@scene(f"{APP}.services.applications.apply")
def _apply(town: Town) -> Call:
    return lambda actor: applications.apply(actor, town.institute, Kind.NEW, content(), None, AT)


def _step(key: str, before: Callable[[Town], Any], act: Callable[[Actor, int], Any]) -> None:
    """A scene in which something is done to what `before` made."""

    @scene(f"{APP}.{key}")
    def _(town: Town) -> Call:
        found = before(town)
        return lambda actor: act(actor, found.pk)


def _corrected(town: Town) -> Application:
    return assessments.require_correction(_assessor(town), _accepted(town).pk, "补充数据", IN_A_MONTH, AT)


def _passed(town: Town) -> Application:
    return assessments.report_pass(_assessor(town), _accepted(town).pk, "符合", AT)


def _suspended(town: Town) -> MeasurementStandard:
    interruptions.suspend(town.another(Role.QUALITY_MANAGER), _standard(town).pk, "送检", AT)
    return _standard(town)


def _reported(town: Town) -> MeasurementStandard:
    return records.complete_report(town.another(Role.QUALITY_MANAGER), _standard(town).pk, "0.11", "0.05", AT)


def _equipment(town: Town) -> Equipment:
    return Equipment.objects.create(
        standard=_standard(town), is_main=True, name="标准表", model="S", serial="1", certificate="C",
        valid_until=TODAY, added_on=TODAY,
    )  # fmt: skip


_step("services.applications.withdraw", _applied, lambda who, key: applications.withdraw(who, key, "原因", AT))
_step("services.applications.return_to_applicant", _applied,
      lambda who, key: applications.return_to_applicant(who, key, "补正", AT))  # fmt: skip
_step("services.applications.correct", _corrected, lambda who, key: applications.correct(who, key, "已改", AT))
_step("services.assessments.report_pass", _accepted, lambda who, key: assessments.report_pass(who, key, "符合", AT))
_step("services.assessments.require_correction", _accepted,
      lambda who, key: assessments.require_correction(who, key, "补充", IN_A_MONTH, AT))  # fmt: skip
_step("services.assessments.report_failure", _accepted,
      lambda who, key: assessments.report_failure(who, key, "不符", AT))  # fmt: skip
_step("services.decisions.approve", _passed, lambda who, key: decisions.approve(who, key, AT))
_step("services.decisions.refuse", _passed, lambda who, key: decisions.refuse(who, key, "原因", AT))
_step("applications.visible_application", _accepted, reads.visible_application)
_step("applications.waiting_for#submitted", _applied, lambda who, key: _among(reads.waiting_for(who), key))
_step("applications.waiting_for#accepted", _accepted, lambda who, key: _among(reads.waiting_for(who), key))
_step("applications.applications_of", _applied, lambda who, key: _among(reads.applications_of(who), key))
_step("services.declarations.withdraw_declaration", _declared,
      lambda who, key: declarations.withdraw_declaration(who, key, "原因", AT))  # fmt: skip
_step("services.declarations.contest", _declared, lambda who, key: declarations.contest(who, key, "存疑", AT))
_step("services.declarations.settle", _contested,
      lambda who, key: declarations.settle(who, key, upheld=True, reason="成立", at=AT))  # fmt: skip
_step("applications.contested_for", _contested, lambda who, key: _among(reads.contested_for(who), key))
_step("services.interruptions.suspend", _standard, lambda who, key: interruptions.suspend(who, key, "送检", AT))
_step("services.interruptions.cancel", _standard, lambda who, key: interruptions.cancel(who, key, "报废", AT))
_step("services.interruptions.resume", _suspended, lambda who, key: interruptions.resume(who, key, AT))
_step("services.records.record_repeatability", _reported,
      lambda who, key: records.record_repeatability(who, key, TODAY, READINGS, AT))  # fmt: skip
_step("services.records.record_stability", _reported,
      lambda who, key: records.record_stability(who, key, TODAY, READINGS, AT))  # fmt: skip
_step("services.records.complete_report", _standard,
      lambda who, key: records.complete_report(who, key, "0.11", "0.05", AT))  # fmt: skip
_step("services.records.renew_equipment", _equipment,
      lambda who, key: records.renew_equipment(who, key, "C2", IN_A_MONTH, AT))  # fmt: skip
_step("queries.standard_page", _standard,
      lambda who, key: _among(queries.standard_page(who, queries.Filters()), key))  # fmt: skip
_step("queries.visible_standard", _standard, queries.visible_standard)


@scene(f"{APP}.services.applications.accept")
def _accept(town: Town) -> Call:
    _grant_assessor(town)
    application = _applied(town)
    return lambda actor: applications.accept(actor, application.pk, [town.themselves.pk], AT)


@scene(f"{APP}.services.declarations.declare")
def _declare(town: Town) -> Call:
    return lambda actor: declarations.declare(actor, town.party, ENTERPRISE, date(2029, 11, 23), AT)


def _among(rows: list[Any], key: int) -> bool:
    return any(row.pk == key for row in rows)
