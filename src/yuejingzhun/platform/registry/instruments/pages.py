"""What a holder does with instruments: filing, moving, stopping, handing over, and sheets of labels."""

from collections.abc import Callable
from dataclasses import dataclass

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.platform.foundation.parties.errors import UnknownPartyError
from yuejingzhun.platform.foundation.parties.queries import HolderChoice, current_actor, holder_choice
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.instruments.errors import InstrumentError, UnknownInstrumentError
from yuejingzhun.platform.registry.instruments.forms import FilingForm, HandOverForm, InUseForm, PlaceForm
from yuejingzhun.platform.registry.instruments.models import Instrument, InUse
from yuejingzhun.platform.registry.instruments.queries import instruments_of
from yuejingzhun.platform.registry.instruments.services import file, hand_over, relocate, set_in_use
from yuejingzhun.procedures.local_date import local_date

MOST_LABELS = 200


@dataclass(frozen=True, slots=True)
class Label:
    """A label to be printed."""

    instrument: Instrument
    qr: SafeString


@login_required
def file_page(request: HttpRequest) -> HttpResponse:
    """The form by which a holder files an instrument."""
    actor, at = current_actor(request), timezone.now()
    choice = _choice(request, actor)
    holder = choice.chosen
    form = FilingForm(request.POST or None, on=local_date(at), initial={"region": holder.region})
    problems: tuple[str, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            filed = file(actor, holder.pk, form.filing(), at)
        except InstrumentError as error:
            problems = error.problems
        else:
            messages.success(request, f"已备案：{filed}")
            return redirect("instrument", instrument_id=filed.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "problems": problems, "choice": choice}
    return render(request, "instruments/file.html", context, status=status)


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
    found = instruments_of(_choice(request, actor).chosen.pk, keys)
    return render(request, "instruments/labels.html", {"labels": [Label(one, qr_of(one)) for one in found]})


def qr_of(found: Instrument) -> SafeString:
    """The code of a label as SVG."""
    made = segno.make(f"{settings.PUBLIC_URL}/i/{found.tag}", error="m")
    return mark_safe(made.svg_inline(scale=3, border=2))  # noqa: S308 - made here, of our own address


def _choice(request: HttpRequest, actor: Actor) -> HolderChoice:
    return holder_choice(actor, request.POST.get("holder", "") or request.GET.get("holder", ""))


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
