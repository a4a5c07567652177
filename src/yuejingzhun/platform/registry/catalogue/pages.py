"""Public pages of the catalogue: what must be verified, how often, by which regulation."""

from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yuejingzhun.platform.registry.catalogue.errors import UnknownEntryError
from yuejingzhun.platform.registry.catalogue.queries import edition, entry, intervals_of, leaves, named_like
from yuejingzhun.platform.registry.catalogue.rules import Entry, Interval, Use, Verification, series
from yuejingzhun.procedures.catalogue import procedures
from yuejingzhun.procedures.local_date import local_date


@dataclass(frozen=True, slots=True)
class Linked:
    """A regulation of an entry; `page` is the code under which its own page is found, if it has one."""

    name: str
    page: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as a line of the table shows it on a day."""

    entry: Entry
    on: date

    @property
    def uses(self) -> list[str]:
        """The uses in the order of the law."""
        return [use.value for use in Use if use in self.entry.uses]

    @property
    def verification(self) -> Verification:
        """What it asks for on that day."""
        return self.entry.required(self.on)

    @property
    def later(self) -> bool:
        """Whether verification begins only after that day."""
        return self.verification is not self.entry.verification

    @property
    def regulations(self) -> list[Linked]:
        """Its regulations, each with the page that explains it."""
        known = {series(code): code for code in procedures()}
        return [Linked(name, known.get(name)) for name in self.entry.regulations]


@require_GET
def catalogue_page(request: HttpRequest) -> HttpResponse:
    """The whole catalogue, or what of it answers to ?name=."""
    on, name = local_date(timezone.now()), request.GET.get("name", "")[:60]
    lines = [Line(found, on) for found in named_like(name, on)]
    return render(request, "catalogue/catalogue.html", {"lines": lines, "name": name, "edition": edition(on), "on": on})


@require_GET
def entry_page(request: HttpRequest, code: str) -> HttpResponse:
    """One entry with what it asks for, its intervals and regulations."""
    on = local_date(timezone.now())
    try:
        found = entry(code, on)
    except UnknownEntryError as error:
        raise Http404(str(error)) from error
    intervals: tuple[Interval, ...] = intervals_of(code, on)
    context = {
        "entry": found,
        "lines": [Line(leaf, on) for leaf in leaves(code, on)],
        "intervals": intervals,
        "limited": all(leaf.ending is not None for leaf in leaves(code, on)),
        "edition": edition(on),
        "on": on,
    }
    return render(request, "catalogue/entry.html", context)
