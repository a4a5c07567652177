"""Lists of instruments: a holder's own, what falls due or was never verified in a region, and what a search finds."""

from datetime import date
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.parties.divisions import (
    PROVINCE,
    UnknownDivisionError,
    division,
    divisions,
    full_name,
)
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import HolderChoice, current_actor, holder_choice
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.registry.catalogue.queries import entries
from yuejingzhun.platform.registry.instruments.filters import Filters
from yuejingzhun.platform.registry.instruments.forms import items, regions
from yuejingzhun.platform.registry.instruments.lines import lines
from yuejingzhun.platform.registry.instruments.paging import (
    county_place_of,
    county_place_text,
    place_of,
    place_text,
)
from yuejingzhun.platform.registry.instruments.queries import (
    MOST_COUNTED,
    counts_of_holder,
    due,
    find,
    never_verified,
    own_instruments,
    standings_in,
)
from yuejingzhun.platform.registry.instruments.rules import SOON, Standing
from yuejingzhun.procedures.local_date import local_date


@login_required
@require_GET
def own_page(request: HttpRequest) -> HttpResponse:
    """The instruments of a holder that the person works for, what falls due first first, narrowed as asked."""
    actor, today = current_actor(request), _today()
    choice = holder_choice(actor, request.GET.get("holder", ""))
    holder_id = choice.chosen.pk
    filters = _filters(request, today)
    found = own_instruments(actor, holder_id, place_of(request.GET.get("after", "")), filters)
    context = {
        "lines": lines(found, today),
        "holder": choice.chosen,
        "choice": choice,
        "filters": filters,
        "narrowed": filters != Filters(today),
        "standings": [(each, _about(number)) for each, number in counts_of_holder(actor, holder_id, today).items()],
        "items": items(today)[1:],
        "regions": regions(),
        "next": place_text(found),
        "asked": _asked(filters, choice),
    }
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
    """What falls due in a region: counts of the places in it, and the list of one city or county.

    With ?never=1 the list of what was never verified there.
    """
    actor, today = current_actor(request), _today()
    region = _region(actor, request.GET.get("region", ""))
    until = _day(request.GET.get("until", ""), today + SOON)
    never = bool(request.GET.get("never"))
    names = {entry.code: entry.name for entry in entries(today)}
    places, kinds = standings_in(actor, region, today)
    context = {
        "region": region,
        "name": full_name(region),
        "until": until,
        "never": never,
        "places": [(row, full_name(row.region)) for row in places],
        "items": [(row, names.get(row.item, "不在目录内")) for row in kinds[:20]],
    }
    if region != PROVINCE:
        found = (
            never_verified(actor, region, county_place_of(request.GET.get("after", "")))
            if never
            else due(actor, region, until, place_of(request.GET.get("after", "")))
        )
        following = county_place_text(found) if never else place_text(found)
        context |= {"lines": lines(found, today), "next": following}
    return render(request, "instruments/due.html", context)


def _day(text: str, otherwise: date | None) -> date | None:
    """A day as a form gives it; `otherwise` where it is none."""
    try:
        return parse_date(text) or otherwise
    except ValueError:  # 2026-02-31
        return otherwise


def _today() -> date:
    return local_date(timezone.now())


def _filters(request: HttpRequest, on: date) -> Filters:
    """From the address; what nobody could have chosen on the page is passed over."""
    given = request.GET
    region, standing = given.get("region", ""), given.get("standing", "")
    return Filters(
        on,
        Standing[standing] if standing in Standing.__members__ else None,
        given.get("item", "").replace("\0", "")[:12],
        region if region in divisions() else "",
        _day(given.get("from", ""), None),
        _day(given.get("until", ""), None),
        given.get("text", "").strip()[:60],
    )


def _asked(filters: Filters, choice: HolderChoice) -> str:
    """The filters as they stand in an address, for the next page."""
    given = {
        "holder": choice.chosen.pk if choice.several else "",
        "standing": filters.standing.name if filters.standing else "",
        "item": filters.item,
        "region": filters.region,
        "from": filters.first or "",
        "until": filters.last or "",
        "text": filters.text,
    }
    return urlencode({key: value for key, value in given.items() if value})


def _about(number: int) -> str:
    return f"{MOST_COUNTED} 台以上" if number > MOST_COUNTED else f"{number} 台"


def _region(actor: Actor, wanted: str) -> str:
    """The region asked for, else the actor's own."""
    own = [grant.region for grant in actor.grants if grant.role is Role.REGULATOR]
    if not own:
        raise NotPermittedError(f"{actor.name} 不是监管人员")
    if not wanted:
        return own[0]
    try:
        division(wanted)
    except UnknownDivisionError as error:
        raise Http404(str(error)) from error
    return wanted
