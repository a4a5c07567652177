"""Pages of instruments: a holder's own, what falls due, the search, labels, and what a label says to anyone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.platform.foundation.parties.divisions import (
    PROVINCE,
    UnknownDivisionError,
    division,
    full_name,
    is_within,
)
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError, UnknownPartyError
from yuejingzhun.platform.foundation.parties.queries import current_actor, organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.registry.catalogue.queries import entries
from yuejingzhun.platform.registry.instruments.counting import standing_by_item, standing_by_region
from yuejingzhun.platform.registry.instruments.errors import InstrumentError, UnknownInstrumentError
from yuejingzhun.platform.registry.instruments.forms import FilingForm, HandOverForm, InUseForm, PlaceForm
from yuejingzhun.platform.registry.instruments.models import Instrument, InUse
from yuejingzhun.platform.registry.instruments.queries import (
    PAGE,
    Place,
    due,
    find,
    instrument_of_tag,
    instruments_of,
    own_instruments,
    standing_of,
)
from yuejingzhun.platform.registry.instruments.rules import SOON, Standing
from yuejingzhun.platform.registry.instruments.services import file, hand_over, relocate, set_in_use
from yuejingzhun.procedures.local_date import local_date

MOST_LABELS = 200


@dataclass(frozen=True, slots=True)
class Line:
    """An instrument as lists show it on a day."""

    instrument: Instrument
    standing: Standing

    @property
    def tone(self) -> str:
        """The style of its standing."""
        return {Standing.VALID: "good", Standing.SOON: "soon"}.get(self.standing, "bad")


@dataclass(frozen=True, slots=True)
class Label:
    """A label to be printed."""

    instrument: Instrument
    qr: SafeString


def lines(found: Sequence[Instrument], on: date) -> list[Line]:
    """Instruments with their standing on that day."""
    return [Line(instrument, standing_of(instrument, on)) for instrument in found]


@login_required
@require_GET
def own_page(request: HttpRequest) -> HttpResponse:
    """The instruments of the holder that the person works for, what falls due first first."""
    actor, today = current_actor(request), _today()
    holder_id = _holder(actor)
    found = own_instruments(actor, holder_id, _after(request))
    context = {"lines": lines(found, today), "holder": organisation(holder_id), "next": _next(found), "today": today}
    return render(request, "instruments/own.html", context)


@login_required
@require_GET
def search_page(request: HttpRequest) -> HttpResponse:
    """Instruments by a fragment of number, model, maker or name."""
    text = request.GET.get("text", "")[:60]
    found = find(current_actor(request), text)
    context = {"text": text, "lines": lines(found.instruments, _today()), "found": found}
    return render(request, "instruments/search.html", context)


@login_required
@require_GET
def due_page(request: HttpRequest) -> HttpResponse:
    """What falls due in a region: counts of the places in it, and the list of one city or county."""
    actor, today = current_actor(request), _today()
    region = _region(actor, request.GET.get("region", ""))
    until = parse_date(request.GET.get("until", "") or str(today + SOON)) or today + SOON
    found = [] if region == PROVINCE else due(actor, region, until, _after(request))
    names = {entry.code: entry.name for entry in entries(today)}
    context = {
        "region": region,
        "name": full_name(region),
        "until": until,
        "places": [(row, full_name(row.region)) for row in standing_by_region(region, today, today + SOON)],
        "items": [(row, names.get(row.item, "不在目录内")) for row in standing_by_item(region, today)[:20]],
        "lines": lines(found, today),
        "next": _next(found),
    }
    return render(request, "instruments/due.html", context)


@login_required
def file_page(request: HttpRequest) -> HttpResponse:
    """The form by which a holder files an instrument."""
    actor, at = current_actor(request), timezone.now()
    holder_id = _holder(actor)
    form = FilingForm(request.POST or None, on=local_date(at), initial={"region": organisation(holder_id).region})
    problems: tuple[str, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            filed = file(actor, holder_id, form.filing(), at)
        except InstrumentError as error:
            problems = error.problems
        else:
            messages.success(request, f"已备案：{filed}")
            return redirect("instrument", instrument_id=filed.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "instruments/file.html", {"form": form, "problems": problems}, status=status)


@login_required
@require_POST
def relocate_page(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Say where an instrument is now."""
    return _act(
        request,
        instrument_id,
        PlaceForm(request.POST),
        lambda actor, given: relocate(actor, instrument_id, given["region"], given["place"], timezone.now()),
    )


@login_required
@require_POST
def in_use_page(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Stop using an instrument, use it again, or scrap it."""
    return _act(
        request,
        instrument_id,
        InUseForm(request.POST),
        lambda actor, given: set_in_use(actor, instrument_id, InUse(given["in_use"]), given["reason"], timezone.now()),
    )


@login_required
@require_POST
def hand_over_page(request: HttpRequest, instrument_id: int) -> HttpResponse:
    """Put an instrument into another holder's name."""
    return _act(
        request,
        instrument_id,
        HandOverForm(request.POST),
        lambda actor, given: hand_over(actor, instrument_id, given["credit_code"], timezone.now()),
        then="instruments-own",
    )


@login_required
@require_GET
def labels_page(request: HttpRequest) -> HttpResponse:
    """A sheet of labels of the holder's instruments, to be printed."""
    actor = current_actor(request)
    keys = [int(key) for key in request.GET.getlist("id") if key.isdecimal()][:MOST_LABELS]
    found = instruments_of(_holder(actor), keys)
    return render(request, "instruments/labels.html", {"labels": [Label(one, qr_of(one)) for one in found]})


@require_GET
def label_page(request: HttpRequest, tag: str) -> HttpResponse:
    """What a label's code leads to, for anyone: which instrument it is, and whether its verification holds."""
    try:
        found = instrument_of_tag(tag.upper())
    except UnknownInstrumentError as error:
        raise Http404(str(error)) from error
    today = _today()
    (line,) = lines([found], today)
    context = {"line": line, "place": full_name(found.region), "today": today}
    return render(request, "instruments/label.html", context)


def qr_of(found: Instrument) -> SafeString:
    """The code of a label as SVG."""
    made = segno.make(f"{settings.PUBLIC_URL}/i/{found.tag}", error="m")
    return mark_safe(made.svg_inline(scale=3, border=2))  # noqa: S308 - made here, of our own address


def _act(
    request: HttpRequest,
    instrument_id: int,
    form: forms.Form,
    act: Callable[[Actor, dict[str, str]], object],
    then: str = "instrument",
) -> HttpResponse:
    """Do what a small form asks for, and say what came of it on the page it came from."""
    actor = current_actor(request)
    if not form.is_valid():
        for field, problems in form.errors.items():
            messages.error(request, f"{form.fields[field].label}：{'、'.join(map(str, problems))}")
        return redirect("instrument", instrument_id=instrument_id)
    try:
        act(actor, form.cleaned_data)
    except UnknownInstrumentError as error:
        raise Http404(str(error)) from error
    except (InstrumentError, UnknownPartyError) as error:
        messages.error(request, str(error))
        return redirect("instrument", instrument_id=instrument_id)
    messages.success(request, "已登记")
    return redirect(then, instrument_id=instrument_id) if then == "instrument" else redirect(then)


def _today() -> date:
    return local_date(timezone.now())


def _holder(actor: Actor) -> int:
    found = next((grant.organisation_id for grant in actor.grants if grant.role is Role.HOLDER), None)
    if found is None:
        raise NotPermittedError(f"{actor.name} 不是使用单位的经办人")
    return found


def _region(actor: Actor, wanted: str) -> str:
    """The region asked for where the actor is responsible for it, else the actor's own."""
    own = [grant.region for grant in actor.grants if grant.role is Role.REGULATOR]
    if not own:
        raise NotPermittedError(f"{actor.name} 不是监管人员")
    if not wanted:
        return own[0]
    try:
        division(wanted)
    except UnknownDivisionError as error:
        raise Http404(str(error)) from error
    if not any(is_within(wanted, region) for region in own):
        raise NotPermittedError(f"{actor.name} 不负责 {full_name(wanted)}")
    return wanted


def _after(request: HttpRequest) -> Place | None:
    """Where the page before ended, from ?after=2026-11-24.17, or ?after=.17 among those without a date."""
    day, _, key = request.GET.get("after", "").partition(".")
    try:
        return (date.fromisoformat(day) if day else None, int(key)) if key else None
    except ValueError:
        return None


def _next(found: Sequence[Instrument]) -> str:
    return f"{found[-1].valid_until or ''}.{found[-1].pk}" if len(found) == PAGE else ""
