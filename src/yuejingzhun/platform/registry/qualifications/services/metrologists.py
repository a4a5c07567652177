"""How a metrologist is registered, the registration changed, extended and cancelled."""

from datetime import date, datetime

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.queries import organisation, person
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.qualifications.errors import QualificationError, UnknownQualificationError
from yuejingzhun.platform.registry.qualifications.models import (
    Cancellation,
    Registration,
)
from yuejingzhun.platform.registry.qualifications.queries import term_of
from yuejingzhun.platform.registry.qualifications.rules import (
    Entitlement,
    Standing,
    refusal_of_entitlement,
)
from yuejingzhun.platform.registry.qualifications.services.checks import (
    check_ending,
    check_region,
    create,
    refusal_to_replace,
)


@transaction.atomic
def register_metrologist(actor: Actor, person_id: int, given: Entitlement, at: datetime) -> Registration:
    """Register a metrologist in the institute where the person works; a regulator of its region does."""
    _check_registration(actor, person_id, given)
    return _register(actor, person_id, given, Registration.Act.REGISTRATION, None, at)


@transaction.atomic
def change_registration(actor: Actor, registration_id: int, given: Entitlement, at: datetime) -> Registration:
    """Another institute, level or other items, from a day on; the term ends when the old one did."""
    old = _lock_registration(registration_id)
    _check_registration(actor, old.person_id, given)
    if given.valid_until > old.valid_until:
        raise QualificationError(f"变更注册不延长有效期：原截止日期 {old.valid_until}，现为 {given.valid_until}")
    return _follow(actor, old, given, Registration.Act.CHANGE, at)


@transaction.atomic
def extend_registration(actor: Actor, registration_id: int, given: Entitlement, at: datetime) -> Registration:
    """A further term after this one, in the same institute."""
    old = _lock_registration(registration_id)
    _check_registration(actor, old.person_id, given)
    if given.institute_id != old.institute_id or given.valid_until <= old.valid_until:
        raise QualificationError(f"延续注册应在原单位，且截止日期晚于原截止日期 {old.valid_until}")
    return _follow(actor, old, given, Registration.Act.EXTENSION, at)


@transaction.atomic
def cancel_registration(
    actor: Actor, registration_id: int, effective_from: date, reason: str, at: datetime
) -> Cancellation:
    """End a registration before its term, from today at the earliest, with what was to follow it."""
    held = _lock_registration(registration_id)
    check_region(actor, held.institute.region)
    check_ending(effective_from, reason, at)
    if term_of(held).standing(effective_from) not in (Standing.IN_FORCE, Standing.FUTURE):
        raise QualificationError(
            f"注册 {held.number} 在 {effective_from} {term_of(held).standing(effective_from).value}"
        )
    first = None
    row: Registration | None = held
    while row is not None:
        made = create(
            Cancellation,
            registration=row,
            effective_from=max(effective_from, row.valid_from),
            reason=reason.strip(),
            cancelled_by_id=actor.person_id,
            cancelled_at=at,
        )
        first = first or made
        row = Registration.objects.filter(supersedes=row).first()
    record_event(
        actor,
        "注销注册",
        "registration",
        held.pk,
        at,
        after={"from": effective_from.isoformat()},
        reason=reason.strip(),
    )
    return first  # type: ignore[return-value]


def _check_registration(actor: Actor, person_id: int, given: Entitlement) -> None:
    institute, who = organisation(given.institute_id), person(person_id)
    check_region(actor, institute.region)
    if who.organisation_id != institute.pk:
        raise QualificationError(f"{who.name} 在 {who.organisation.name}，不能注册到 {institute.name}")
    if refusal := refusal_of_entitlement(given):
        raise QualificationError(refusal)


def _follow(actor: Actor, old: Registration, given: Entitlement, act: str, at: datetime) -> Registration:
    if refusal := refusal_to_replace(old, given.valid_from):
        raise QualificationError(refusal)
    return _register(actor, old.person_id, given, act, old, at)


def _register(
    actor: Actor, person_id: int, given: Entitlement, act: str, old: Registration | None, at: datetime
) -> Registration:
    made = create(
        Registration,
        person_id=person_id,
        institute_id=given.institute_id,
        level=given.level,
        number=given.number.strip(),
        regulations=list(given.regulations),
        act=act,
        valid_from=given.valid_from,
        valid_until=given.valid_until,
        supersedes=old,
        granted_by_id=actor.person_id,
        granted_at=at,
    )
    after = {
        "person": person_id,
        "number": made.number,
        "regulations": made.regulations,
        "until": made.valid_until.isoformat(),
    }
    before = None if old is None else {"id": old.pk, "number": old.number}
    record_event(actor, Registration.Act(act).label, "registration", made.pk, at, before=before, after=after)
    return made


def _lock_registration(registration_id: int) -> Registration:
    if Registration.objects.select_for_update().filter(pk=registration_id).first() is None:
        raise UnknownQualificationError(f"没有编号为 {registration_id} 的计量师注册")
    # Read once more: what another did while we waited for the lock is not in the locking read.
    return Registration.objects.select_related("institute", "superseded_by", "cancellation").get(pk=registration_id)
