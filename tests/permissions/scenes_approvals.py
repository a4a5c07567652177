"""Scenes of type approvals and software: the maker is the party, the institute evaluates, the province decides."""

from collections.abc import Callable
from typing import Any

from permissions.seats import Seat
from permissions.town import AT, TODAY, Call, Town, scene
from type_approvals import HASH, PDF, Office, accepted, applied, asked, evaluated, evaluating, filed, issued, papers
from type_approvals import on_record as filed_and_accepted
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.registry.approvals import filed as reads
from yuejingzhun.platform.registry.approvals import queries
from yuejingzhun.platform.registry.approvals.services import applications, decisions, evaluations, software_filings
from yuejingzhun.platform.registry.approvals.services.applications import Upload
from yuejingzhun.platform.registry.approvals.software import Algorithm

APP = "registry.approvals"
UPLOAD = Upload("REPORT", "报告.pdf", PDF)
OTHER = [Upload("OTHER", "变更.pdf", PDF)]
MODELS = asked().variants


def _office(town: Town) -> Office:
    """The party as a maker, with the others who take part before the act that is tried."""
    Organisation.objects.filter(pk=town.party).update(kind="maker")
    province = town.one(Role.REGULATOR, Seat.PROVINCE)
    return Office(
        maker=town.seats[Seat.PARTY],
        institute=town.world.institute,
        applicant=town.one(Role.MAKER, Seat.PARTY),
        province=province,
        second=province,
        city=town.one(Role.REGULATOR, Seat.CITY),
        receptionist=town.another(Role.RECEPTIONIST),
        signatory=town.another(Role.SIGNATORY),
    )


def _number(office: Office) -> str:
    return issued(office).approval.number


def _step(key: str, before: Callable[[Office], Any], act: Callable[[Actor, Any], Any]) -> None:
    """A scene in which something is done to what `before` made."""

    @scene(f"{APP}.{key}")
    def _(town: Town) -> Call:
        found = before(_office(town))
        return lambda actor: act(actor, found)


_step("services.applications.withdraw_application", applied,
      lambda who, row: applications.withdraw_application(who, row.pk, "原因", AT))  # fmt: skip
_step("services.applications.apply_for_change", _number,
      lambda who, number: applications.apply_for_change(who, number, "表", MODELS, 1, OTHER, AT))  # fmt: skip
_step("services.decisions.refuse", applied, lambda who, row: decisions.refuse(who, row.pk, "原因", AT))
_step("services.decisions.issue", evaluated, lambda who, row: decisions.issue(who, row.pk, "E", TODAY, AT))
_step("services.decisions.reject", evaluated, lambda who, row: decisions.reject(who, row.pk, "原因", AT))
_step("services.decisions.withdraw_approval", _number,
      lambda who, number: decisions.withdraw_approval(who, number, TODAY, "原因", AT))  # fmt: skip
_step("services.evaluations.receive_samples", accepted,
      lambda who, row: evaluations.receive_samples(who, row.pk, 3, "", AT))  # fmt: skip
_step("services.evaluations.report_evaluation", evaluating,
      lambda who, row: evaluations.report_evaluation(who, row.pk, "R", True, "符合", UPLOAD, AT))  # fmt: skip
_step("services.software_filings.file_software", _number,
      lambda who, number: software_filings.file_software(
          who, number, "1.0", Algorithm.SHA256, HASH, TODAY, "", "", AT))  # fmt: skip
_step("services.software_filings.record_comparison", _number,
      lambda who, number: software_filings.record_comparison(who, number, "1.0", HASH, "TAG00001", AT))  # fmt: skip
_step("queries.application", accepted, lambda who, row: queries.application(who, row.pk))
_step("queries.document", accepted, lambda who, row: queries.document(who, row.pk, row.documents.first().pk))
_step("queries.own_applications", applied, lambda who, row: row in queries.own_applications(who))
_step("queries.own_types", _number, lambda who, number: bool(queries.own_types(who, TODAY)))
_step("queries.applications_to_decide", applied, lambda who, row: row in queries.applications_to_decide(who))
_step("queries.applications_to_evaluate", accepted,
      lambda who, row: row in queries.applications_to_evaluate(who, row.institute_id))  # fmt: skip
_step("filed.own_software", _number, lambda who, number: reads.own_software(who, number, TODAY) == [])
_step("filed.comparisons_astray", _number, lambda who, number: reads.comparisons_astray(who, number) == [])
_step("filed.comparisons_of_device", _number, lambda who, number: reads.comparisons_of_device(who, "TAG00001") == [])


def _filed(office: Office) -> str:
    return filed(office, _number(office)).number


_step("services.software_filings.accept_software", _filed,
      lambda who, number: software_filings.accept_software(who, number, AT))  # fmt: skip
_step("services.software_filings.refuse_software", _filed,
      lambda who, number: software_filings.refuse_software(who, number, "原因", AT))  # fmt: skip
_step("services.software_filings.block_software", lambda office: filed_and_accepted(office, _number(office)).number,
      lambda who, number: software_filings.block_software(who, number, TODAY, "原因", AT))  # fmt: skip
_step("filed.software_to_decide", _filed, lambda who, number: bool(reads.software_to_decide(who)))


@scene(f"{APP}.services.applications.apply")
def _apply(town: Town) -> Call:
    office = _office(town)
    return lambda actor: applications.apply(actor, office.maker.pk, asked(), papers(), AT)


@scene(f"{APP}.services.decisions.accept")
def _accept(town: Town) -> Call:
    row = applied(_office(town))
    return lambda actor: decisions.accept(actor, row.pk, town.institute, AT)
