"""Reads of measuring instruments."""

from collections.abc import Collection, Sequence
from datetime import date

from django.db.models import Q, QuerySet

from yuejingzhun.platform.foundation.parties.divisions import PROVINCE, divisions, full_name
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import institutes_among
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_see_region
from yuejingzhun.platform.registry.instruments.counting import (
    ItemStanding,
    standing_by_item,
    standing_by_region,
)
from yuejingzhun.platform.registry.instruments.counting import Standing as PlaceStanding
from yuejingzhun.platform.registry.instruments.errors import InstrumentError, UnknownInstrumentError
from yuejingzhun.platform.registry.instruments.filters import Filters, in_region, with_standing
from yuejingzhun.platform.registry.instruments.models import Instrument, InUse
from yuejingzhun.platform.registry.instruments.rules import SOON, Standing, standing
from yuejingzhun.platform.registry.instruments.searching import Found, Reach, of_holder, search, wanted_of

PAGE = 50
MOST_COUNTED = 10_000
Place = tuple[date | None, int]  # where a page ended: the day and the instrument


def instrument(instrument_id: int) -> Instrument | None:
    """The instrument with its holder, or None."""
    return Instrument.objects.select_related("holder").filter(pk=instrument_id).first()


def instrument_of_tag(tag: str) -> Instrument:
    """The instrument of a label, without its holder, of whom a label says nothing; raises UnknownInstrumentError.

    The bare look-up in one index: an order, a limit or a join would cost more in planning than it takes.
    """
    found = list(Instrument.objects.filter(tag=tag[:12]))
    if not found:
        raise UnknownInstrumentError(f"没有标签为 {tag[:12]} 的器具")
    return found[0]


def instruments_of(holder_id: int, instrument_ids: Collection[int]) -> list[Instrument]:
    """Those of the instruments that are in use and in that holder's name, by maker's number."""
    found = Instrument.objects.filter(holder_id=holder_id, pk__in=instrument_ids, in_use=InUse.IN_USE)
    return list(found.order_by("serial", "pk"))


def instruments_numbered(holder_id: int, numbers: Collection[str]) -> dict[str, Instrument]:
    """A holder's instruments that are in use, by those of the numbers that they bear: the holder's own number, or where
    no instrument has it, the maker's. A number that several bear is left out."""
    wanted = set(numbers)
    own = Instrument.objects.filter(holder_id=holder_id, in_use=InUse.IN_USE)
    found: dict[str, list[Instrument]] = {}
    for one in own.filter(holder_number__in=wanted - {""}):
        found.setdefault(one.holder_number, []).append(one)
    for one in own.filter(serial__in=wanted - set(found)):
        found.setdefault(one.serial, []).append(one)
    return {number: instruments[0] for number, instruments in found.items() if len(instruments) == 1}


def standing_of(found: Instrument, on: date) -> Standing:
    """What the last verification says of an instrument on that day."""
    return standing(found.in_use == InUse.IN_USE, found.last_passed, found.valid_until, on)


def own_instruments(
    actor: Actor, holder_id: int, after: Place | None = None, filters: Filters | None = None
) -> Sequence[Instrument]:
    """A page of a holder's instruments, what falls due first first; for the holder's people and its regulators.

    All of them where nothing narrows the list. Where none has the text itself, those whose text is only like it are
    narrowed instead, at most 50.
    """
    found = _visible_of_holder(actor, holder_id)
    if filters is None:
        return _page(found, after)
    narrowed = found.filter(filters.condition())
    if not wanted_of(filters.text):
        return _page(narrowed, after, dated=filters.has_days)
    page = _page(narrowed.filter(of_holder(filters.text, holder_id)), after, dated=filters.has_days)
    if page or after is not None:
        return page
    hits = search(filters.text, Reach(holders=(holder_id,)))
    alike = [hit.pk for hit in hits.instruments] if hits.mistyped else []
    return _page(narrowed.filter(pk__in=alike), None, dated=filters.has_days) if alike else []


def counts_of_holder(actor: Actor, holder_id: int, on: date) -> dict[Standing, int]:
    """How many instruments of a holder are in each standing, each counted up to `MOST_COUNTED` + 1."""
    found = _visible_of_holder(actor, holder_id).order_by()
    return {each: found.filter(with_standing(each, on))[: MOST_COUNTED + 1].count() for each in Standing}


def counts_of_holders(holder_ids: Collection[int], today: date, soon: date, most: int = 1000) -> tuple[int, int, int]:
    """How many of their instruments in use are overdue, due by the day `soon`, never verified; each up to `most`.

    For the first page of their people, who have the right by working there.
    """
    used = Instrument.objects.filter(holder__in=holder_ids, in_use=InUse.IN_USE)
    overdue, dated = used.filter(valid_until__lt=today), used.filter(valid_until__gte=today, valid_until__lte=soon)
    never = used.filter(valid_until=None, last_passed=None)
    return overdue[:most].count(), dated[:most].count(), never[:most].count()


def due(actor: Actor, region: str, until: date, after: Place | None = None) -> Sequence[Instrument]:
    """A page of what is in use in a city or county and valid no longer than that day, the longest overdue first.

    Raises NotPermittedError for other than a regulator of the place, InstrumentError for the whole province.
    """
    _check_listed(actor, region)
    return _page(Instrument.objects.filter(in_region(region), in_use=InUse.IN_USE, valid_until__lte=until), after)


def never_verified(actor: Actor, region: str, after: tuple[str, int] = ("", 0)) -> Sequence[Instrument]:
    """A page of what is in use in a city or county and was never verified, by county, the first filed first.

    `after`: county and key of the last one. Raises as `due`.
    """
    _check_listed(actor, region)
    high = f"{region[:4]}99" if region.endswith("00") else region  # a range, which the index can follow
    county, key = after
    found = Instrument.objects.filter(in_use=InUse.IN_USE, last_passed=None, region__range=(max(region, county), high))
    if county:
        found = found.filter(Q(region__gt=county) | Q(pk__gt=key))
    return list(found.select_related("holder").order_by("region", "pk")[:PAGE])


def standings_in(actor: Actor, region: str, on: date) -> tuple[Sequence[PlaceStanding], Sequence[ItemStanding]]:
    """How the instruments in use of a region stand, by the places in it and by item, for its regulators.

    Raises NotPermittedError.
    """
    _check_regulates(actor, region)
    return standing_by_region(region, on, on + SOON), standing_by_item(region, on)


def find(actor: Actor, text: str) -> Found:
    """What the actor may see of the instruments with that text; see `searching`."""
    holders = {grant.organisation_id for grant in actor.grants if grant.role is Role.HOLDER}
    regions = {grant.region for grant in actor.grants if grant.role is Role.REGULATOR}
    # An institute's people receive whatever is brought to them from their region.
    # An enterprise has verifiers of its own, who have no business with their neighbours' instruments.
    testing = [grant for grant in actor.grants if grant.role in (Role.RECEPTIONIST, Role.VERIFIER)]
    institutes = institutes_among(grant.organisation_id for grant in testing)
    tested = {grant.region for grant in testing if grant.organisation_id in institutes}
    if not (holders or regions or tested):
        raise NotPermittedError(f"{actor.name} 没有可以查找器具的角色")
    return search(text, Reach(tuple(sorted(regions | tested)), tuple(sorted(holders))))


def _check_listed(actor: Actor, region: str) -> None:
    if region not in divisions():
        raise InstrumentError(f"所在行政区划：广东省没有代码 {region[:12]!r}")
    _check_regulates(actor, region)
    if region == PROVINCE:
        raise InstrumentError("所在行政区划：全省的器具不逐台列出，请选择市或县（市、区）")


def _check_regulates(actor: Actor, region: str) -> None:
    if not may_see_region(actor, region):
        raise NotPermittedError(f"{actor.name} 不是 {full_name(region)}的监管人员")


def _visible_of_holder(actor: Actor, holder_id: int) -> QuerySet[Instrument]:
    """Raises NotPermittedError for who isn't of the holder, nor a regulator, who sees those of the own region."""
    found = Instrument.objects.filter(holder_id=holder_id)
    if any(grant.organisation_id == holder_id for grant in actor.grants):
        return found
    if not actor.has(Role.REGULATOR):
        raise NotPermittedError(f"{actor.name} 不能查看该单位的器具")
    return found.filter(_regions_of(actor))


def _page(found: QuerySet[Instrument], after: Place | None, *, dated: bool = True) -> Sequence[Instrument]:
    # By key and not by number of rows, since the last page would cost as much as all before it; those without a
    # date apart, since an index can't follow "later, or never".
    day, key = after or (date.min, 0)
    found = found.select_related("holder")
    if not dated:
        return list(found.filter(pk__gt=key).order_by("pk")[:PAGE])
    ordered = found.order_by("valid_until", "pk")
    page: list[Instrument] = []
    if day is not None:
        behind = Q(valid_until__gt=day) | Q(pk__gt=key)
        page, key = list(ordered.filter(behind, valid_until__gte=day)[:PAGE]), 0
    return page + list(ordered.filter(valid_until=None, pk__gt=key)[: PAGE - len(page)])


def _regions_of(actor: Actor) -> Q:
    wanted = Q(pk__in=[])
    for grant in actor.grants:
        if grant.role is Role.REGULATOR:
            wanted |= in_region(grant.region)
    return wanted
