"""Reads of measuring instruments."""

from collections.abc import Collection, Sequence
from datetime import date

from django.db.models import Q, QuerySet

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_see_region
from yuejingzhun.platform.registry.instruments.errors import UnknownInstrumentError
from yuejingzhun.platform.registry.instruments.models import Instrument, InUse
from yuejingzhun.platform.registry.instruments.rules import Standing, standing
from yuejingzhun.platform.registry.instruments.searching import Found, Reach, search

PAGE = 50
Place = tuple[date | None, int]  # where a page ended: the day and the instrument


def instrument(instrument_id: int) -> Instrument | None:
    """The instrument with its holder, or None."""
    return Instrument.objects.select_related("holder").filter(pk=instrument_id).first()


def instrument_of_tag(tag: str) -> Instrument:
    """The instrument of a label; raises UnknownInstrumentError."""
    found = Instrument.objects.select_related("holder").filter(tag=tag[:12]).first()
    if found is None:
        raise UnknownInstrumentError(f"没有标签为 {tag[:12]} 的器具")
    return found


def instruments_of(holder_id: int, instrument_ids: Collection[int]) -> list[Instrument]:
    """Those of the instruments that are in use and in that holder's name, by maker's number."""
    found = Instrument.objects.filter(holder_id=holder_id, pk__in=instrument_ids, in_use=InUse.IN_USE)
    return list(found.order_by("serial", "pk"))


def standing_of(found: Instrument, on: date) -> Standing:
    """What the last verification says of an instrument on that day."""
    return standing(found.in_use == InUse.IN_USE, found.last_passed, found.valid_until, on)


def own_instruments(actor: Actor, holder_id: int, after: Place | None = None) -> Sequence[Instrument]:
    """A page of a holder's instruments, what falls due first first; for the holder's people and its regulators."""
    if not (any(grant.organisation_id == holder_id for grant in actor.grants) or actor.has(Role.REGULATOR)):
        raise NotPermittedError(f"{actor.name} 不能查看该单位的器具")
    found = Instrument.objects.filter(holder_id=holder_id)
    if not any(grant.organisation_id == holder_id for grant in actor.grants):
        found = found.filter(_regions_of(actor))
    return _page(found, after)


def due(actor: Actor, region: str, until: date, after: Place | None = None) -> Sequence[Instrument]:
    """A page of what is in use in a city or county and valid no longer than that day, the longest overdue first.

    Raises NotPermittedError for other than a regulator of the place.
    """
    if not may_see_region(actor, region):
        raise NotPermittedError(f"{actor.name} 不是 {region} 的监管人员")
    here = Q(city=region[:4]) if region.endswith("00") else Q(region=region)
    return _page(Instrument.objects.filter(here, in_use=InUse.IN_USE, valid_until__lte=until), after)


def find(actor: Actor, text: str) -> Found:
    """What the actor may see of the instruments with that text; see `searching`."""
    holders = {grant.organisation_id for grant in actor.grants if grant.role is Role.HOLDER}
    regions = {grant.region for grant in actor.grants if grant.role is Role.REGULATOR}
    # An institute's people receive whatever is brought to them from their region.
    tested = {grant.region for grant in actor.grants if grant.role in (Role.RECEPTIONIST, Role.VERIFIER)}
    if not (holders or regions or tested):
        raise NotPermittedError(f"{actor.name} 没有可以查找器具的角色")
    return search(text, Reach(tuple(sorted(regions | tested)), tuple(sorted(holders))))


def _page(found: QuerySet[Instrument], after: Place | None) -> Sequence[Instrument]:
    # By key and not by number of rows, since the last page would cost as much as all before it; those without a
    # date apart, since an index can't follow "later, or never".
    day, key = after or (date.min, 0)
    ordered = found.select_related("holder").order_by("valid_until", "pk")
    dated: list[Instrument] = []
    if day is not None:
        behind = Q(valid_until__gt=day) | Q(pk__gt=key)
        dated, key = list(ordered.filter(behind, valid_until__gte=day)[:PAGE]), 0
    return dated + list(ordered.filter(valid_until=None, pk__gt=key)[: PAGE - len(dated)])


def _regions_of(actor: Actor) -> Q:
    wanted = Q(pk__in=[])
    for grant in actor.grants:
        if grant.role is Role.REGULATOR:
            kept = grant.region[:2] if grant.region.endswith("0000") else grant.region[:4]
            wanted |= Q(region=grant.region) if not grant.region.endswith("00") else Q(region__startswith=kept)
    return wanted
