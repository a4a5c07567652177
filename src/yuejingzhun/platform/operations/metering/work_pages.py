"""Pages of suspicious meters: the work list, decisions, and sending meters to be tested."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.rules import Delivery
from yuejingzhun.platform.operations.metering import queries
from yuejingzhun.platform.operations.metering.errors import MeteringError
from yuejingzhun.platform.operations.metering.forms import DecideForm, SendForm, fresh_key
from yuejingzhun.platform.operations.metering.page_parts import carry_out, number, tell_problems, visible
from yuejingzhun.platform.operations.metering.rules import Choice, Standing
from yuejingzhun.platform.operations.metering.services.decide import SendRequest, decide, send_to_test, sending


@login_required
@require_GET
def work_page(request: HttpRequest, holder_id: int) -> HttpResponse:
    """Suspicious meters of one standing, the most suspicious first."""
    actor = current_actor(request)
    utility = visible(queries.visible_utility, actor, holder_id)
    name = request.GET.get("standing", "OPEN")
    standing = Standing[name] if name in Standing.__members__ else Standing.OPEN
    rows = queries.work_list(utility.pk, standing, _after(request.GET.get("after", "")))
    last = rows[-1] if len(rows) == queries.PAGE else None
    context = {
        "utility": utility, "standing": standing, "counts": queries.work_counts([utility.pk]), "rows": rows,
        "next": f"{last.exceeds!r}-{last.pk}" if last else None,
        "decides": queries.is_engineer(actor, utility.pk) and standing is not Standing.SENT,
    }  # fmt: skip
    return render(request, "metering/work.html", context)


@login_required
@require_POST
def decide_page(request: HttpRequest, holder_id: int) -> HttpResponse:
    """Watch or dismiss the ticked meters; sending them has a form of its own."""
    actor = current_actor(request)
    visible(queries.visible_utility, actor, holder_id)
    items = _items(request)
    if request.POST.get("choice") == Choice.SEND.name:
        address = redirect("metering-send", holder_id=holder_id)
        address["Location"] += "?" + "&".join(f"item={item}" for item in items)
        return address
    form = DecideForm(request.POST)
    if not form.is_valid():
        tell_problems(request, form)
    else:
        choice, reason = Choice[form.cleaned_data["choice"]], form.cleaned_data["reason"]
        carry_out(request, partial(decide, actor, holder_id, items, choice, reason), f"已{choice.value}")
    return redirect("metering-work", holder_id=holder_id)


@login_required
@require_http_methods(["GET", "POST"])
def send_page(request: HttpRequest, holder_id: int) -> HttpResponse:
    """What is sent, to whom; handed in, the application for mandatory verification is filed."""
    actor = current_actor(request)
    utility = visible(queries.visible_utility, actor, holder_id)
    items = _items(request)
    try:
        found = sending(actor, holder_id, items, timezone.now())
    except (MeteringError, MandatoryError) as error:
        messages.error(request, str(error))
        return redirect("metering-work", holder_id=holder_id)
    first = {"institute": found.proposals[0].institute.institute_id} if found.proposals else {}
    form = SendForm(request.POST or None, institutes=found.proposals, initial={"key": fresh_key()} | first)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        asked = SendRequest(said["institute"], Delivery[said["delivery"]], said["contact"], said["phone"], said["key"])
        filed = carry_out(request, partial(send_to_test, actor, holder_id, items, asked), "")
        if filed is not None:
            messages.success(request, f"已送检 {len(found.items)} 只，申请编号 {filed}")
            return redirect("metering-work", holder_id=holder_id)
    context = {
        "utility": utility, "form": form, "found": found,
        "rows": [(item, found.instruments[item.pk]) for item in found.items],
    }  # fmt: skip
    return render(request, "metering/send.html", context, status=422 if request.method == "POST" else 200)


def _items(request: HttpRequest) -> list[int]:
    given = request.POST if request.method == "POST" else request.GET
    found = (number(text) for text in given.getlist("item"))
    return [one for one in found if one is not None]


def _after(text: str) -> tuple[float, int] | None:
    exceeds, _, key = text.rpartition("-")
    try:
        return float(exceeds), number(key) or 0
    except ValueError:
        return None
