"""The JSON interface of authorised institutes, registered metrologists and coverage: reads only."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from ninja.errors import HttpError

from yuejingzhun.platform.foundation.accounts.refusal import REFUSED, ProblemsOut
from yuejingzhun.platform.foundation.accounts.signed_in import SignedIn
from yuejingzhun.platform.foundation.parties.divisions import PROVINCE, UnknownDivisionError, divisions, full_name
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.catalogue.errors import UnknownEntryError
from yuejingzhun.platform.registry.qualifications import queries
from yuejingzhun.platform.registry.qualifications.coverage import Coverage
from yuejingzhun.platform.registry.qualifications.errors import UnknownQualificationError
from yuejingzhun.platform.registry.qualifications.models import Authorisation, Registration
from yuejingzhun.platform.registry.qualifications.schemas import (
    AuthorisationOut,
    CompetentOut,
    CoverageOut,
    RegistrationOut,
)
from yuejingzhun.procedures.local_date import local_date

router = Router(tags=["机构与人员资质"])
signed_in = SignedIn()
MISSING = {404: ProblemsOut, 422: ProblemsOut}
LARGEST_KEY = 2**31 - 1


@router.get("/authorised-institutes", response={200: list[CompetentOut], **MISSING}, summary="谁可以检定")
def list_competent(request: HttpRequest, item: str, region: str, on: date | None = None) -> list[dict[str, Any]]:
    """某区域内可以检定某目录项目的机构，授权区域小的在前。"""
    try:
        return [asdict(found) for found in queries.institutes_for(item, region, on or _today())]
    except (UnknownEntryError, UnknownDivisionError) as error:
        raise HttpError(404, str(error)) from error


@router.get("/coverage", response={200: list[CoverageOut], **MISSING}, summary="强检项目建标覆盖率")
def show_coverage(request: HttpRequest, region: str = PROVINCE, on: date | None = None) -> list[dict[str, Any]]:
    """某行政区划及其下一级的建标覆盖，附缺口；先列所问的区划。"""
    if region not in divisions():
        raise HttpError(404, f"广东省没有行政区划代码 {region[:20]}")
    below = [code for code, found in divisions().items() if found.parent == region]
    try:
        return [_coverage(found) for found in queries.coverage_of([region, *below], on or _today())]
    except UnknownEntryError as error:
        raise HttpError(404, str(error)) from error


@router.get(
    "/institutes/{int:institute_id}/authorisations",
    auth=signed_in,
    response={200: list[AuthorisationOut], **REFUSED},
    summary="一个机构的授权",
)
def list_authorisations(request: HttpRequest, institute_id: int, on: date | None = None) -> list[dict[str, Any]]:
    """本单位人员与辖区监管人员可以查看；新的在前。"""
    actor, day = current_actor(request), on or _today()
    _visible(queries.visible_institute, actor, institute_id)
    return [_authorisation(row, day) for row in queries.authorisations_of(institute_id)]


@router.get(
    "/metrologists/{int:person_id}/registrations",
    auth=signed_in,
    response={200: list[RegistrationOut], **REFUSED},
    summary="一名计量师的注册",
)
def list_registrations(request: HttpRequest, person_id: int, on: date | None = None) -> list[dict[str, Any]]:
    """本人、本单位人员与辖区监管人员可以查看；新的在前。"""
    actor, day = current_actor(request), on or _today()
    _visible(queries.visible_person, actor, person_id)
    return [_registration(row, day) for row in queries.registrations_of(person_id)]


def _visible(read: Callable[[Actor, int], object], actor: Actor, key: int) -> None:
    """Raises 404 where that read doesn't show it to the actor."""
    if key > LARGEST_KEY:
        raise HttpError(404, f"没有编号为 {key} 的记录")
    try:
        read(actor, key)
    except UnknownQualificationError as error:
        raise HttpError(404, str(error)) from error


def _authorisation(row: Authorisation, on: date) -> dict[str, Any]:
    names = ("item", "regulation", "measuring_range", "accuracy", "region")
    return {
        "id": row.pk,
        "kind": row.kind,
        "level": row.level,
        "number": row.number,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "standing": queries.term_of(row).standing(on).value,
        "supersedes": row.supersedes_id,
        "items": [{name: getattr(line, name) for name in names} for line in row.items.all()],
    }


def _registration(row: Registration, on: date) -> dict[str, Any]:
    return {
        "id": row.pk,
        "institute_id": row.institute_id,
        "institute": row.institute.name,
        "level": row.level,
        "number": row.number,
        "regulations": row.regulations,
        "act": row.act,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "standing": queries.term_of(row).standing(on).value,
    }


def _coverage(found: Coverage) -> dict[str, Any]:
    total = len(found.items)
    return {
        "region": found.region,
        "name": full_name(found.region),
        "established": {"covered": len(found.established), "total": total},
        "served": {"covered": len(found.served), "total": total},
        "by_level": {level: {"covered": len(codes), "total": total} for level, codes in found.by_level.items()},
        "gaps": [entry.code for entry in found.gaps],
        "unserved": [entry.code for entry in found.unserved],
    }


def _today() -> date:
    return local_date(timezone.now())
