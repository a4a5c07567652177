"""The JSON interface of the catalogue: open to anyone, since it is law."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from ninja.errors import HttpError

from yuejingzhun.platform.foundation.accounts.refusal import ProblemsOut
from yuejingzhun.platform.registry.catalogue.errors import UnknownEntryError
from yuejingzhun.platform.registry.catalogue.queries import edition, entry, intervals_of, named_like
from yuejingzhun.platform.registry.catalogue.rules import Entry, Use
from yuejingzhun.platform.registry.catalogue.schemas import CatalogueOut, EntryDetail
from yuejingzhun.procedures.local_date import local_date

router = Router(tags=["强制管理目录"])
MISSING = {404: ProblemsOut, 422: ProblemsOut}


@router.get("/catalogue", response={200: CatalogueOut, **MISSING}, summary="强制管理的计量器具目录")
def show_catalogue(request: HttpRequest, name: str = "", on: date | None = None) -> dict[str, Any]:
    """某日（缺省为今天）施行的目录；name 按名称、代码、规程筛选。"""
    day = on or local_date(timezone.now())
    try:
        found = edition(day)
    except UnknownEntryError as error:
        raise HttpError(404, str(error)) from error
    return {
        "title": found.title,
        "document": found.document,
        "source": found.source,
        "effective_from": found.effective_from,
        "entries": [_entry(shown, day) for shown in named_like(name, day)],
    }


@router.get("/catalogue/{code}", response={200: EntryDetail, **MISSING}, summary="目录中的一个项目")
def show_entry(request: HttpRequest, code: str, on: date | None = None) -> dict[str, Any]:
    """项目的监管要求、检定规程与周期。"""
    day = on or local_date(timezone.now())
    try:
        found = entry(code, day)
    except UnknownEntryError as error:
        raise HttpError(404, str(error)) from error
    intervals = [
        {
            name: getattr(known, name)
            for name in ("regulation", "edition", "valid_from", "months", "condition", "unsure")
        }
        for known in intervals_of(code, day)
    ]
    return _entry(found, day) | {"intervals": intervals}


def _entry(found: Entry, on: date) -> dict[str, Any]:
    return {
        "code": found.code,
        "parent": found.parent,
        "name": found.name,
        "type_approval": found.type_approval,
        "verification": found.required(on).name.lower(),
        "verification_from": found.verification_from,
        "ending": None if found.ending is None else found.ending.name.lower(),
        "uses": [use.name.lower() for use in Use if use in found.uses],
        "scope": found.scope,
        "regulations": list(found.regulations),
        "unsure": found.unsure,
    }
