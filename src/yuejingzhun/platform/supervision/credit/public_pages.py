"""Public pages: the grade of a party by its name or credit code, and what an outsider needs to recompute it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yuejingzhun.platform.foundation.parties.divisions import full_name
from yuejingzhun.platform.supervision.credit import publishing
from yuejingzhun.platform.supervision.credit.kinds import label_of
from yuejingzhun.platform.supervision.credit.page_parts import MISSING, download
from yuejingzhun.platform.supervision.credit.published import points_text


@require_GET
def find_page(request: HttpRequest) -> HttpResponse:
    """Parties by name or credit code."""
    text = request.GET.get("text", "")[:60]
    rows = publishing.find_public(text)
    context = {
        "text": text,
        "rows": [(row, full_name(row.region)) for row in rows],
        "most": publishing.MOST,
        "newest": publishing.newest_snapshot(),
    }
    return render(request, "credit/find.html", context)


@require_GET
def grade_page(request: HttpRequest, credit_code: str) -> HttpResponse:
    """The published grade of a party with the facts that it rests on."""
    try:
        found = publishing.public_grade(credit_code)
    except MISSING as error:
        raise Http404(str(error)) from error
    said = found.statement
    context = {
        "found": found,
        "said": said,
        "place": full_name(found.standing.region),
        "score": points_text(said.score),
        "facts": [(fact, label_of(fact.kind)) for fact in reversed(said.facts)],
    }
    return render(request, "credit/grade.html", context)


@require_GET
def rating_file(request: HttpRequest, credit_code: str) -> HttpResponse:
    """The file with which anyone recomputes the grade."""
    number = request.GET.get("round", "")
    try:
        data = publishing.rating_file(credit_code, number)
    except MISSING as error:
        raise Http404(str(error)) from error
    return download(f"credit-{credit_code[:18].upper()}.json", "application/json", data)
