"""What an instrument's label says to anyone who scans it: which instrument it is, its state, its certificates.

As the law publishes it: nothing of the holder, who may be a person at home.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.parties.divisions import full_name
from yuejingzhun.platform.operations.certificates.queries import MOST_SHOWN, history_of
from yuejingzhun.platform.registry.approvals.conformity import type_of_instrument
from yuejingzhun.platform.registry.instruments.errors import UnknownInstrumentError
from yuejingzhun.platform.registry.instruments.lines import lines
from yuejingzhun.platform.registry.instruments.queries import instrument_of_tag
from yuejingzhun.procedures.local_date import local_date


@require_GET
def label_page(request: HttpRequest, tag: str) -> HttpResponse:
    """State and history, the newest certificate first."""
    try:
        found = instrument_of_tag(tag.upper())
    except UnknownInstrumentError as error:
        raise Http404(str(error)) from error
    today = local_date(timezone.now())
    (line,) = lines([found], today)
    history = history_of(found.pk)
    context = {
        "line": line,
        "place": full_name(found.region),
        "today": today,
        "history": [(one, one.standing(today)) for one in history],
        "more": len(history) == MOST_SHOWN,
        "type": type_of_instrument(found.type_approval, found.maker, found.model, today),
    }
    return render(request, "citizen/label.html", context)
