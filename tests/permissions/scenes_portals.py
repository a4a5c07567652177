"""Scenes of the desks that join many apps, and of what they count."""

from permissions.scenes_approvals import _office
from permissions.seats import Seat
from permissions.town import AT, TODAY, Call, Town, scene
from type_approvals import applied
from yuejingzhun.platform.registry.approvals.own_counts import own_counts
from yuejingzhun.platform.registry.instruments.made_by import count_made_by, products_of
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.portals.laboratory import desk as laboratory
from yuejingzhun.portals.regulator import desk as regulator
from yuejingzhun.portals.screen.wall import wall_of


@scene("portals.laboratory.desk.desk_of")
def _institute(town: Town) -> Call:
    return lambda actor: laboratory.desk_of(actor, town.institute, TODAY)


@scene("portals.regulator.desk.desk_of")
def _region(town: Town) -> Call:
    return lambda actor: regulator.desk_of(actor, "440106", TODAY)


@scene("portals.screen.wall.wall_of")
def _wall(town: Town) -> Call:
    return lambda actor: wall_of(actor, "440100", TODAY, AT)


@scene("registry.approvals.own_counts.own_counts")
def _own_counts(town: Town) -> Call:
    applied(_office(town))
    return lambda actor: own_counts(actor, TODAY).under_way == 1


@scene("registry.instruments.made_by.products_of")
def _products(town: Town) -> Call:
    _product(town)
    return lambda actor: bool(products_of(actor))


@scene("registry.instruments.made_by.count_made_by")
def _count_products(town: Town) -> Call:
    _product(town)
    return lambda actor: count_made_by(actor) == 1


def _product(town: Town) -> None:
    """A meter of somebody else's that the party made."""
    Instrument.objects.create(
        holder=town.seats[Seat.SISTER], name="电能表", model="DDS", serial="P1", maker=town.world.holder.name,
        regulation="JJG 596-2012", regulation_series="JJG 596", region="440106", city="4401",
    )  # fmt: skip
