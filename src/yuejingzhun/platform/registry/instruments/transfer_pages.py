"""Pages that bring instruments in as a table and take them away as one."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.platform.foundation.parties.queries import current_actor, organisation
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.foundation.tables.columns import MappingError
from yuejingzhun.platform.foundation.tables.table import TableError
from yuejingzhun.platform.registry.instruments.desks import Desk, desk_of, desks
from yuejingzhun.platform.registry.instruments.exporting import (
    CONTENT_TYPES,
    TooManyRowsError,
    export_file,
    exported_csv,
)
from yuejingzhun.platform.registry.instruments.import_run import Keep
from yuejingzhun.platform.registry.instruments.importing import Draft, ask_import, draft
from yuejingzhun.platform.registry.instruments.kept_files import KeptFile, keep, kept_by, token_of
from yuejingzhun.platform.registry.instruments.transfer_columns import columns
from yuejingzhun.procedures.local_date import local_date


@dataclass(frozen=True, slots=True)
class Choice:
    """A column of the register and the heading of the file that it is read from."""

    key: str
    label: str
    required: bool
    place: int | None


class StartForm(forms.Form):
    """What is chosen besides the mapping."""

    file = forms.CharField(max_length=2000)
    desk = forms.CharField(max_length=60)
    keep = forms.ChoiceField(choices=[(choice.name, choice.value) for choice in Keep])


@login_required
def import_page(request: HttpRequest) -> HttpResponse:
    """Choose a file; handed in, it is kept and shown."""
    actor = current_actor(request)
    desk_of(actor)
    problem = ""
    if request.method == "POST":
        upload = request.FILES.get("table")
        if upload is None:
            problem = "没有选择文件"
        else:
            kept = None
            try:
                kept = keep(str(upload.name), upload.chunks())
                draft(kept, None, timezone.now())
            except TableError as error:
                problem = f"{upload.name}：{error}"
                if kept is not None:
                    kept.path.unlink(missing_ok=True)
            else:
                return redirect(f"{request.path}/preview?file={quote(token_of(kept, actor.person_id))}")
    context = {"problem": problem, "columns": columns(local_date(timezone.now())), "desks": _named(desks(actor))}
    return render(request, "instruments/import.html", context, status=422 if problem else 200)


@login_required
@require_GET
def preview_page(request: HttpRequest) -> HttpResponse:
    """The first rows as they would be read by the mapping of the form, or by a guess; nothing is stored."""
    actor = current_actor(request)
    desk_of(actor)
    try:
        kept = kept_by(request.GET.get("file", ""), actor.person_id)
        return _shown(request, actor, kept, _mapping(request.GET))
    except TableError as error:
        return _refused(request, actor, str(error))


@login_required
@require_POST
def start_import(request: HttpRequest) -> HttpResponse:
    """Put the import into the queue and go to its progress."""
    actor, form = current_actor(request), StartForm(request.POST)
    if not form.is_valid():
        return _refused(request, actor, "请重新选择文件，并选择代哪个单位、怎样处理有问题的行")
    given = form.cleaned_data
    try:
        kept = kept_by(given["file"], actor.person_id)
        desk = desk_of(actor, given["desk"])
        mapping = _mapping(request.POST) or {}
        try:
            task_id = ask_import(actor, desk, kept, mapping, Keep[given["keep"]], timezone.now())
        except MappingError as error:
            return _shown(request, actor, kept, mapping, str(error))
    except TableError as error:
        return _refused(request, actor, str(error))
    return redirect("tasks-task", task_id=task_id)


@login_required
@require_GET
def export_page(request: HttpRequest, suffix: str) -> HttpResponseBase:
    """The instruments of a desk as csv, xlsx or Parquet; a page says what to do where there are too many for xlsx."""
    actor, at = current_actor(request), timezone.now()
    desk = desk_of(actor, request.GET.get("desk", ""))
    name = quote(f"计量器具-{local_date(at)}.{suffix}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    if suffix == "csv":
        return StreamingHttpResponse(exported_csv(desk, at), content_type=CONTENT_TYPES[suffix], headers=headers)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"instruments.{suffix}"
        try:
            export_file(desk, path, at)
        except TooManyRowsError as error:
            return _refused(request, actor, str(error))
        file = path.open("rb")  # kept by the response; the name may go
    return FileResponse(file, content_type=CONTENT_TYPES[suffix], headers=headers)


def _shown(
    request: HttpRequest, actor: Actor, kept: KeptFile, mapping: dict[str, int] | None, problem: str = ""
) -> HttpResponse:
    found = draft(kept, mapping, timezone.now())
    refusal = problem or found.refusal
    context = {
        "kept": kept,
        "token": token_of(kept, actor.person_id),
        "draft": found,
        "refusal": refusal,
        "choices": _choices(found),
        "headings": list(enumerate(found.table.headings)),
        "unread": [
            heading for place, heading in enumerate(found.table.headings) if place not in found.mapping.values()
        ],
        "problems": sum(len(row.problems) for row in found.shown),
        "keeps": list(Keep),
        "desks": _named(desks(actor)),
        "desk": request.POST.get("desk") or request.GET.get("desk", ""),
    }
    return render(request, "instruments/import_preview.html", context, status=422 if problem else 200)


def _refused(request: HttpRequest, actor: Actor, problem: str) -> HttpResponse:
    context = {"problem": problem, "columns": columns(local_date(timezone.now())), "desks": _named(desks(actor))}
    return render(request, "instruments/import.html", context, status=422)


def _choices(found: Draft) -> list[Choice]:
    declared = columns(local_date(timezone.now()))
    return [Choice(column.key, column.label, column.required, found.mapping.get(column.key)) for column in declared]


def _mapping(given: Any) -> dict[str, int] | None:
    """The mapping of the form's selects, None where there is none yet."""
    chosen = {key.removeprefix("column-"): value for key, value in given.items() if key.startswith("column-")}
    if not chosen:
        return None
    return {
        key: int(value) for key, value in chosen.items() if value.isascii() and value.isdecimal() and len(value) < 6
    }


def _named(found: Sequence[Desk]) -> list[tuple[str, str]]:
    return [(desk.key, f"{organisation(desk.organisation_id).name}（{desk.role.value}）") for desk in found]
