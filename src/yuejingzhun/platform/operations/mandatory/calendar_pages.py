"""The calendar in which terms are counted: which years' days off are here, and the form for the next year's."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.forms import DaysOffForm
from yuejingzhun.platform.operations.mandatory.page_parts import today
from yuejingzhun.platform.operations.mandatory.services.apply import working_days
from yuejingzhun.platform.operations.mandatory.services.days_off import add_days_off, check_may_add

YEARS_AHEAD = 2


@login_required
@require_http_methods(["GET", "POST"])
def calendar_page(request: HttpRequest) -> HttpResponse:
    """The years and their days off; a new list is taken in as a whole, or refused with all that is wrong."""
    actor = current_actor(request)
    check_may_add(actor)
    form = DaysOffForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, _take_in(actor, form.cleaned_data["table"], form.cleaned_data["replace"]))
        except MandatoryError as error:
            form.add_error(None, str(error))
        else:
            return redirect("mandatory-calendar")
    days, year = working_days(), today().year
    counts = Counter((day.year, kind) for day, kind in days.days.items())
    years = sorted({*days.years, *range(year, year + YEARS_AHEAD)}, reverse=True)
    context = {
        "form": form,
        "years": [(one, days.is_known(one), counts[one, "rest"], counts[one, "work"]) for one in years],
    }
    return render(request, "mandatory/calendar.html", context, status=422 if request.method == "POST" else 200)


def _take_in(actor: Actor, table: UploadedFile, replace: bool) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(table.read())
        named = path.rename(path.with_name(_name(table)))
        added, moved = add_days_off(actor, named, timezone.now(), replace=replace)
    done = "已载入" if added.new else "早已载入，没有变化："
    return f"{done} {added.year} 年放假 {added.off} 天、调休上班 {added.worked} 天；{moved} 份申请的期限随之改动"


def _name(table: UploadedFile) -> str:
    """What the messages call the file: of the name only what a file can bear."""
    return Path(table.name or "").name.replace("\0", "").encode()[:200].decode(errors="ignore").strip(". ") or "文件"
