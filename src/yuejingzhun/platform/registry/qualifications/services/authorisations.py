"""How an institute is authorised, its certificate replaced, and withdrawn."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.divisions import full_name
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, may_see_region
from yuejingzhun.platform.registry.catalogue.errors import UnknownEntryError
from yuejingzhun.platform.registry.catalogue.queries import entry, series_of
from yuejingzhun.platform.registry.catalogue.rules import series
from yuejingzhun.platform.registry.qualifications.errors import QualificationError, UnknownQualificationError
from yuejingzhun.platform.registry.qualifications.models import (
    Authorisation,
    AuthorisedItem,
    Withdrawal,
)
from yuejingzhun.platform.registry.qualifications.queries import term_of
from yuejingzhun.platform.registry.qualifications.rules import (
    Certificate,
    Line,
    Standing,
    refusal_of_certificate,
)
from yuejingzhun.platform.registry.qualifications.services.checks import (
    check_ending,
    check_region,
    create,
    refusal_to_replace,
)
from yuejingzhun.procedures.local_date import local_date


@transaction.atomic
def grant_authorisation(actor: Actor, institute_id: int, given: Certificate, at: datetime) -> Authorisation:
    """Authorise an institute; a regulator does, whose region contains the institute's and every reach.

    Raises NotPermittedError, UnknownPartyError and QualificationError.
    """
    _check_grant(actor, institute_id, given, at)
    made = _write(actor, institute_id, given, None, at)
    record_event(actor, "机构授权", "authorisation", made.pk, at, after=_said(given))
    return made


@transaction.atomic
def change_authorisation(actor: Actor, authorisation_id: int, given: Certificate, at: datetime) -> Authorisation:
    """Replace an authorisation from a day on by a new one; the old row stays, and holds until the day before."""
    old = _lock_authorisation(authorisation_id)
    _check_grant(actor, old.institute_id, given, at)
    if refusal := refusal_to_replace(old, given.valid_from):
        raise QualificationError(refusal)
    if given.kind != old.kind:
        raise QualificationError("换证不能改变机构的类别，请另行授权")
    made = _write(actor, old.institute_id, given, old, at)
    record_event(
        actor, "变更授权", "authorisation", made.pk, at, before={"id": old.pk, "number": old.number}, after=_said(given)
    )
    return made


@transaction.atomic
def withdraw_authorisation(
    actor: Actor, authorisation_id: int, effective_from: date, reason: str, at: datetime
) -> Withdrawal:
    """End an authorisation before its term, from today at the earliest, with everything that was to follow it."""
    held = _lock_authorisation(authorisation_id)
    check_region(actor, held.institute.region)
    check_ending(effective_from, reason, at)
    if term_of(held).standing(effective_from) not in (Standing.IN_FORCE, Standing.FUTURE):
        raise QualificationError(
            f"授权 {held.number} 在 {effective_from} {term_of(held).standing(effective_from).value}"
        )
    first = None
    row: Authorisation | None = held
    while row is not None:
        made = create(
            Withdrawal,
            authorisation=row,
            effective_from=max(effective_from, row.valid_from),
            reason=reason.strip(),
            withdrawn_by_id=actor.person_id,
            withdrawn_at=at,
        )
        first = first or made
        row = Authorisation.objects.filter(supersedes=row).first()
    record_event(
        actor,
        "撤销授权",
        "authorisation",
        held.pk,
        at,
        after={"from": effective_from.isoformat()},
        reason=reason.strip(),
    )
    return first  # type: ignore[return-value]


def _check_grant(actor: Actor, institute_id: int, given: Certificate, at: datetime) -> None:
    institute = organisation(institute_id)
    check_region(actor, institute.region)
    if institute.kind != "institute":
        raise QualificationError(f"{institute.name} 不是计量技术机构，不能授权")
    if refusal := refusal_of_certificate(given):
        raise QualificationError(refusal)
    for n, line in enumerate(given.lines, 1):
        if not may_see_region(actor, line.scope.region):
            raise NotPermittedError(f"第 {n} 项：{full_name(line.scope.region)}不在您的监管区域内，不能授权到那里")
        _check_item(n, line, local_date(at))


def _check_item(n: int, line: Line, on: date) -> None:
    item, regulation = line.scope.item, line.scope.regulation
    if not item:
        return
    try:
        entry(item, on)
        known = series_of(item, on)
    except UnknownEntryError as error:
        raise QualificationError(f"第 {n} 项：{error}") from error
    if regulation and known and series(regulation) not in known:
        raise QualificationError(f"第 {n} 项：{regulation} 不是目录项目 {item} 的规程，应为 {'、'.join(sorted(known))}")


def _write(
    actor: Actor, institute_id: int, given: Certificate, old: Authorisation | None, at: datetime
) -> Authorisation:
    made = create(
        Authorisation,
        institute_id=institute_id,
        kind=given.kind,
        level=given.level,
        number=given.number.strip(),
        valid_from=given.valid_from,
        valid_until=given.valid_until,
        supersedes=old,
        granted_by_id=actor.person_id,
        granted_at=at,
    )
    AuthorisedItem.objects.bulk_create(
        AuthorisedItem(
            authorisation=made,
            item=line.scope.item,
            regulation=line.scope.regulation,
            series=series(line.scope.regulation),
            measuring_range=line.measuring_range.strip(),
            accuracy=line.accuracy.strip(),
            region=line.scope.region,
        )
        for line in given.lines
    )
    return made


def _lock_authorisation(authorisation_id: int) -> Authorisation:
    if Authorisation.objects.select_for_update().filter(pk=authorisation_id).first() is None:
        raise UnknownQualificationError(f"没有编号为 {authorisation_id} 的机构授权")
    # Read once more: what another did while we waited for the lock is not in the locking read.
    return Authorisation.objects.select_related("institute", "superseded_by", "withdrawal").get(pk=authorisation_id)


def _said(given: Certificate) -> dict[str, Any]:
    return {
        "number": given.number,
        "level": given.level,
        "from": given.valid_from.isoformat(),
        "until": given.valid_until.isoformat(),
        "items": [f"{line.scope.item} {line.scope.regulation} {line.scope.region}".strip() for line in given.lines],
    }
