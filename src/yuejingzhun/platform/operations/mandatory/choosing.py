"""What a holder can apply for: own instruments that need verification, by kind and place, and who may verify them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from yuejingzhun.platform.foundation.parties.divisions import Level, division, full_name
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.models import Line
from yuejingzhun.platform.operations.mandatory.rules import MOST_LINES
from yuejingzhun.platform.registry.catalogue.errors import UnknownEntryError
from yuejingzhun.platform.registry.catalogue.queries import requires_verification
from yuejingzhun.platform.registry.instruments.queries import Instrument
from yuejingzhun.platform.registry.qualifications.queries import Competent, institutes_for

SHOWN = 200
WHY = {
    Level.COUNTY: "授权覆盖器具所在的县（市、区），就近",
    Level.CITY: "本县没有时由市级授权的机构检定",
    Level.PROVINCE: "本市没有时由省级授权的机构检定",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """Instruments that one application can hold: of one entry of the catalogue, by one regulation, at one place."""

    item: str
    regulation: str
    region: str

    @property
    def key(self) -> str:
        """Its name in an address."""
        return f"{self.item}|{self.regulation}|{self.region}"

    @property
    def place(self) -> str:
        """Where the instruments are."""
        return full_name(self.region)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many instruments of a kind need verification, and how many of them are overdue or were never verified."""

    kind: Kind
    number: int
    overdue: int
    never: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """An institute that may verify a kind, and why it is proposed at its place in the order."""

    institute: Competent
    why: str


def kind_of(key: str) -> Kind:
    """The kind of that key; raises MandatoryError."""
    parts = key.split("|")
    if len(parts) != 3 or not parts[0]:
        raise MandatoryError("没有选择哪一种器具，请从“申请强制检定”页重新选择")
    return Kind(*parts)


def kinds_waiting(holder_id: int, on: date) -> list[Waiting]:
    """The kinds of a holder's instruments that need verification and are in no open application, most overdue first."""
    found = _free(holder_id).values_list("item", "regulation", "region", "use").order_by()
    counted = found.annotate(
        number=Count("pk"),
        overdue=Count("pk", filter=Q(valid_until__lt=on)),
        never=Count("pk", filter=Q(last_passed=None)),
    )
    sums: dict[Kind, list[int]] = defaultdict(lambda: [0, 0, 0])
    for item, regulation, region, use, number, overdue, never in counted:
        needed = _needed(item, use, on)
        add = {"PERIODIC": (number, overdue, never), "FIRST": (never, 0, never)}.get(needed, (0, 0, 0))
        kind = Kind(item, regulation, region)
        sums[kind] = [a + b for a, b in zip(sums[kind], add, strict=True)]
    waiting = [Waiting(kind, *numbers) for kind, numbers in sums.items() if numbers[0]]
    return sorted(waiting, key=lambda one: (-(one.overdue + one.never), one.kind.key))


def members(holder_id: int, kind: Kind, on: date, words: str = "") -> QuerySet[Instrument]:
    """A holder's instruments of a kind that need verification: never verified or failed ones, then by the due day.

    With `words`, those that have them in a number, the model or the place.
    """
    here = _free(holder_id).filter(item=kind.item, regulation=kind.regulation, region=kind.region)
    uses = list(here.order_by().values_list("use", flat=True).distinct())
    periodic = [use for use in uses if _needed(kind.item, use, on) == "PERIODIC"]
    first = [use for use in uses if _needed(kind.item, use, on) == "FIRST"]
    wanted = here.filter(Q(use__in=periodic) | Q(use__in=first, last_passed=None))
    if words:
        named = (Q(**{f"{field}__icontains": words}) for field in ("serial", "holder_number", "model", "place"))
        wanted = wanted.filter(reduce(or_, named))
    return wanted.order_by(F("valid_until").asc(nulls_first=True), "pk")


def all_of(holder_id: int, kind: Kind, on: date, words: str = "") -> tuple[int, ...]:
    """The keys of all instruments of a kind that need verification, as many as an application holds."""
    return tuple(members(holder_id, kind, on, words).values_list("pk", flat=True)[:MOST_LINES])


def proposals(kind: Kind, on: date) -> Sequence[Proposal]:
    """Who may verify a kind: those of the county, then city, then province. Raises MandatoryError for no real kind."""
    try:
        found = institutes_for(kind.item, kind.region, on, kind.regulation)
    except (UnknownEntryError, ValueError) as error:
        raise MandatoryError(str(error)) from error
    return [Proposal(one, WHY[division(one.reach).level]) for one in found]


def _free(holder_id: int) -> QuerySet[Instrument]:
    """In use, in the catalogue, in no open application, and not verified for good."""
    found = Instrument.objects.filter(~Exists(Line.objects.filter(instrument=OuterRef("pk"), open=True)))
    return (
        found.filter(holder_id=holder_id, in_use="in_use").exclude(item="").exclude(last_passed=True, valid_until=None)
    )


def _needed(item: str, use: str, on: date) -> str:
    try:
        return requires_verification(item, use, on).name
    except UnknownEntryError:
        return "NONE"
