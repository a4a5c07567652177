"""Reads of applications: whom each waits for, and what it says. Behind queries, used by services and pages."""

from datetime import date

from django.db.models import Q, QuerySet

from yuejingzhun.platform.foundation.parties.queries import Person, people_with
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_see_region
from yuejingzhun.platform.registry.standards.errors import UnknownStandardError
from yuejingzhun.platform.registry.standards.figures import Finding, findings
from yuejingzhun.platform.registry.standards.models import Application, Assignment, Declaration
from yuejingzhun.platform.registry.standards.proposal import proposal_from_json
from yuejingzhun.platform.registry.standards.rules import Kind, Standing, State

LONGEST_LIST = 200


def visible_application(actor: Actor, application_id: int) -> Application:
    """For the applicant's people, the appointed assessors and the regulators; raises UnknownStandardError."""
    found = Application.objects.select_related("applicant", "standard", "applied_by", "decided_by").filter(
        pk=application_id
    )
    application = found.prefetch_related("assignments__assessor__organisation").first()
    if application is None or not _sees(actor, application):
        raise UnknownStandardError(f"没有编号为 {application_id} 的考核申请，或您无权查看")
    return application


def waiting_for(actor: Actor) -> list[Application]:
    """What the actor can do next: assess, accept, decide, correct."""
    assessing = Q(assignments__assessor_id=actor.person_id, state__in=["ACCEPTED", "CORRECTED"])
    wanted = assessing if actor.has(Role.ASSESSOR) else Q(pk__in=[])
    for grant in actor.grants:
        if grant.role is Role.REGULATOR:
            wanted |= Q(presiding__startswith=_prefix(grant.region)) & Q(state__in=["SUBMITTED", "PASSED", "FAILED"])
        elif grant.role is Role.QUALITY_MANAGER:
            wanted |= Q(applicant_id=grant.organisation_id, state="CORRECTING")
    return _listed(Application.objects.filter(wanted).distinct())


def applications_of(actor: Actor) -> list[Application]:
    """Those of the actor's organisations, the newest first."""
    mine = [grant.organisation_id for grant in actor.grants if grant.role is Role.QUALITY_MANAGER]
    return _listed(Application.objects.filter(applicant_id__in=mine))


def open_applications_of(standard_id: int) -> list[Application]:
    """All applications about a standard, the newest first."""
    return _listed(Application.objects.filter(standard=standard_id))


def contested_for(actor: Actor) -> list[Declaration]:
    """Contested declarations in a regulator's region."""
    wanted = Q(pk__in=[])
    for grant in actor.grants:
        if grant.role is Role.REGULATOR:
            wanted |= Q(standard__owner__region__startswith=_prefix(grant.region))
    found = Declaration.objects.filter(wanted, state=Declaration.State.CONTESTED)
    return list(found.select_related("standard__owner").order_by("pk")[:LONGEST_LIST])


def findings_of(application: Application) -> tuple[Finding, ...]:
    """The technical report's figures, computed anew from what was handed in."""
    content = application.content
    return findings(proposal_from_json(content), Kind[application.kind], content["former_s"])


def standing_of(application: Application) -> Standing:
    """What the rules need to know."""
    assessors = Assignment.objects.filter(application=application).values_list("assessor_id", flat=True)
    return Standing(State[application.state], frozenset(assessors), application.correct_by, application.figures_hold)


def assessors_for(applicant_id: int, on: date) -> list[tuple[int, str]]:
    """Who may be appointed on that day, with the organisation, by name."""
    found = _assessors(applicant_id, on).order_by("name", "pk")[:500]
    return [(person.pk, f"{person.name}（{person.organisation.name}）") for person in found]


def unfit_to_assess(chosen: list[int], applicant_id: int, on: date) -> list[int]:
    """Those of the chosen who may not be appointed."""
    fit = set(_assessors(applicant_id, on).filter(pk__in=chosen).values_list("pk", flat=True))
    return [key for key in chosen if key not in fit]


def _assessors(applicant_id: int, on: date) -> QuerySet[Person]:
    return people_with(Role.ASSESSOR, on, apart_from=applicant_id)


def _sees(actor: Actor, application: Application) -> bool:
    works_there = any(grant.organisation_id == application.applicant_id for grant in actor.grants)
    assesses = any(row.assessor_id == actor.person_id for row in application.assignments.all())
    return works_there or assesses or may_see_region(actor, application.presiding)


def _prefix(region: str) -> str:
    # What the province presides over begins with 4400, so that no city's regulators get it.
    if region.endswith("0000"):
        return region[:2]
    return region[:4] if region.endswith("00") else region


def _listed(found: QuerySet[Application]) -> list[Application]:
    return list(found.select_related("applicant", "standard").order_by("-pk")[:LONGEST_LIST])
