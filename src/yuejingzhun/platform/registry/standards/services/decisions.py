"""The regulator's decision: a certificate is issued, and the standard is from then on what the application said."""

from datetime import date, datetime, timedelta

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.standards.applications import standing_of
from yuejingzhun.platform.registry.standards.errors import StandardError
from yuejingzhun.platform.registry.standards.figures import deviation, mean
from yuejingzhun.platform.registry.standards.models import (
    Application,
    AssessmentCertificate,
    Equipment,
    MeasurementStandard,
    StabilityRecord,
    StandardMaterial,
)
from yuejingzhun.platform.registry.standards.proposal import Proposal, proposal_from_json
from yuejingzhun.platform.registry.standards.rules import Act, Kind, refusal_to_move, term_of
from yuejingzhun.platform.registry.standards.services.applications import is_cancelled, lock_for_regulator, move, needed
from yuejingzhun.platform.registry.standards.services.numbers import next_number
from yuejingzhun.procedures.local_date import local_date

DAY = timedelta(days=1)


@transaction.atomic
def approve(actor: Actor, application_id: int, at: datetime) -> AssessmentCertificate:
    """Approve a passed application and issue the certificate, valid for five years (a change keeps the old end)."""
    application, on = lock_for_regulator(actor, application_id), local_date(at)
    if refusal := refusal_to_move(standing_of(application), Act.APPROVE, actor.person_id, on):
        raise StandardError(refusal)
    given, kind = proposal_from_json(application.content), Kind[application.kind]
    standard = _locked(application)
    former = None if standard is None or kind is Kind.NEW else standard.valid_until
    if kind is Kind.CHANGE and former is not None and former < on:
        raise StandardError(f"有效期至 {former}，已过期，应按新建计量标准申请考核")
    if standard is not None and is_cancelled(standard):
        raise StandardError("计量标准已撤销，不能发证")
    starts_on, ends_on = term_of(kind, former, on)
    standard = _kept(application, standard, given, ends_on, on)
    _replace_equipment(standard, given, on)
    previous = _end_earlier(standard, starts_on, former)
    application.standard = standard
    move(actor, application, Act.APPROVE, "", at, standard=standard, decided_by_id=actor.person_id, decided_at=at)
    certificate = AssessmentCertificate.objects.create(
        standard=standard,
        application=application,
        number=standard.number,
        content=application.content,
        starts_on=starts_on,
        ends_on=ends_on,
        previous_until=previous,
        issued_by_id=actor.person_id,
        issued_at=at,
    )
    if kind is Kind.NEW:
        _keep_report(actor, standard, given, at)
    after = {"number": certificate.number, "starts_on": str(starts_on), "ends_on": str(ends_on)}
    record_event(actor, "颁发考核证书", "standard", standard.pk, at, after=after)
    return certificate


@transaction.atomic
def refuse(actor: Actor, application_id: int, reason: str, at: datetime) -> Application:
    """Decide that no certificate is issued, with the reason."""
    application = lock_for_regulator(actor, application_id)
    why = needed(reason, "不予发证须写明原因")
    return move(actor, application, Act.REFUSE, why, at, decided_by_id=actor.person_id, decided_at=at)


def describe(standard: MeasurementStandard, given: Proposal) -> None:
    """Make a standard what a proposal says, all but number and term."""
    standard.name, standard.level = given.name, given.level.name
    standard.regulations, standard.items = list(given.regulations), list(given.items)
    standard.expanded_uncertainty, standard.unit = given.expanded_uncertainty, given.unit
    standard.coverage_factor, standard.certificate = given.coverage_factor, given.certificate
    standard.traceable_to = given.traceable_to
    standard.measuring_range, standard.accuracy = given.measuring_range, given.accuracy
    standard.allowed_change = given.allowed_change


def keep_makeup(standard: MeasurementStandard, given: Proposal, on: date) -> None:
    """The instruments and reference materials that a proposal names, in use from that day."""
    for device in given.devices:
        Equipment.objects.create(
            standard=standard,
            is_main=device.is_main,
            name=device.name,
            model=device.model,
            serial=device.serial,
            certificate=device.certificate,
            valid_until=device.valid_until,
            added_on=on,
        )
    for number in given.materials:
        StandardMaterial.objects.create(standard=standard, number=number)


def _locked(application: Application) -> MeasurementStandard | None:
    found = MeasurementStandard.objects.select_for_update().filter(pk=application.standard_id)
    return None if application.standard_id is None else found.get()


def _kept(
    application: Application, standard: MeasurementStandard | None, given: Proposal, ends_on: date, on: date
) -> MeasurementStandard:
    """The row of the standard; a new one gets its number, an old one keeps it."""
    if standard is None:
        number = next_number(f"[{on.year}]粤量标{application.presiding}证字第", "号")
        standard = MeasurementStandard(owner_id=application.applicant_id, number=number)
    describe(standard, given)
    if standard.reported_s is None or application.kind != Kind.RENEWAL.name:
        standard.reported_s = deviation(given.readings)  # a renewal keeps the limit that it was judged by
    standard.valid_until = ends_on
    standard.save()
    return standard


def _replace_equipment(standard: MeasurementStandard, given: Proposal, on: date) -> None:
    Equipment.objects.filter(standard=standard, removed_on=None).update(removed_on=on)
    StandardMaterial.objects.filter(standard=standard).delete()
    keep_makeup(standard, given, on)


def _end_earlier(standard: MeasurementStandard, starts_on: date, former: date | None) -> date | None:
    """End the certificate that the new one overlaps; gives the end of a term that has no row, if that is what was."""
    certificates = AssessmentCertificate.objects.filter(standard=standard)
    if not certificates.exists():
        return None if former is None else min(former, starts_on - DAY)
    overlapping = certificates.filter(ended_on=None, ends_on__gte=starts_on)
    overlapping.update(ended_on=starts_on)
    return None


def _keep_report(actor: Actor, standard: MeasurementStandard, given: Proposal, at: datetime) -> None:
    """The groups of the technical report begin the standard's history of stability."""
    there = set(StabilityRecord.objects.filter(standard=standard).values_list("measured_on", flat=True))
    for group in given.groups:
        if group.on not in there:
            StabilityRecord.objects.create(
                standard=standard,
                measured_on=group.on,
                readings=list(group.readings),
                mean=mean(group.readings),
                limit=given.allowed_change,
                recorded_by_id=actor.person_id,
                recorded_at=at,
            )
            there.add(group.on)
