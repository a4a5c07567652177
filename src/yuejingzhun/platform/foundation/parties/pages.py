"""Pages of organisations: the holders that a form offers while somebody types."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.searching import holders_like


@login_required
@require_GET
def suggest_page(request: HttpRequest) -> HttpResponse:
    """Options for a list of suggestions, for htmx: what was typed is in ?holder=."""
    text = request.GET.get("holder", "")
    found = holders_like(current_actor(request), text)
    chosen = next((one for one in found if text.strip().upper() in (one.credit_code, one.name.upper())), None)
    return render(request, "parties/suggestions.html", {"holders": found, "chosen": chosen, "text": text.strip()})
