"""A town with somebody on every seat, and the scenes that acts are tried in."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from mandatory_counter import ELECTRICITY, item_of_meters
from permissions.seats import Cell, Seat, cells
from small_world import World, actor, make_world, register
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.procedures.catalogue import procedures

AT = dt.datetime(2026, 11, 24, 8, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 24)
Call = Callable[[Actor], Any]
"""Does the act as somebody; False where it is a list on which the matter doesn't stand."""


@dataclass(frozen=True)
class Town:
    """The small world with its neighbours; `themselves` is the person whom a matter is about or asks."""

    world: World
    seats: dict[Seat, Organisation]
    themselves: Person
    actors: dict[Cell, Actor]
    meters: tuple[Instrument, ...]

    @property
    def institute(self) -> int:
        """Of the institute that is concerned."""
        return self.world.institute.pk

    @property
    def party(self) -> int:
        """Of the holder or enterprise that is concerned."""
        return self.world.holder.pk

    def one(self, role: Role, seat: Seat) -> Actor:
        """Who has that role there."""
        return self.actors[Cell(role, seat)]

    def another(self, role: Role) -> Actor:
        """A colleague at the institute: who did an earlier step."""
        return actor(f"同事{role.value}", self.world.institute, role)


def make_town() -> Town:
    """Regions: the city 440100 with its counties 440106 and 440105, and the city 440300."""
    world = make_world()

    def organisation(name: str, kind: str, region: str) -> Organisation:
        return Organisation.objects.create(name=name, kind=kind, region=region)

    seats = {
        Seat.INSTITUTE: world.institute,
        Seat.PARTY: world.holder,
        Seat.SISTER: organisation("同城计量所", "institute", "440100"),
        Seat.AWAY: world.other_institute,
        Seat.SELF: world.other_institute,
        Seat.COUNTY: organisation("县区局", "authority", "440106"),
        Seat.CITY: Organisation.objects.get(name="演示市市场监督管理局"),
        Seat.PROVINCE: organisation("省局", "authority", "440000"),
        Seat.OTHER_COUNTY: organisation("邻县局", "authority", "440105"),
        Seat.OTHER_CITY: organisation("外市局", "authority", "440300"),
    }
    themselves = Person.objects.create(name="本人", organisation=seats[Seat.SELF])
    register(themselves)
    actors = {cell: _somebody(cell, seats, themselves) for cell in cells()}
    return Town(world, seats, themselves, actors, _meters(world))


def _somebody(cell: Cell, seats: dict[Seat, Organisation], themselves: Person) -> Actor:
    here = seats[Seat.OTHER_CITY if (cell.role, cell.seat) == (Role.REGULATOR, Seat.SELF) else cell.seat]
    if cell.seat is Seat.SELF:
        grants = (Grant(cell.role, here.pk, here.region, frozenset(procedures())),) if cell.role else ()
        return Actor(themselves.pk, themselves.name, grants)
    if cell.role is None:
        return Actor(Person.objects.create(name="无角色", organisation=here).pk, "无角色", ())
    return replace(actor(str(cell), here, cell.role), name=cell.role.value)


def _meters(world: World) -> tuple[Instrument, ...]:
    return tuple(
        Instrument.objects.create(
            holder=world.holder, name="电能表", model="DDS", serial=f"M{n:05}", maker="厂", regulation=ELECTRICITY,
            regulation_series="JJG 596", item=item_of_meters(), region="440106", city="4401", valid_until=TODAY,
        )
        for n in range(2)
    )  # fmt: skip


Scene = Callable[[Town], Call]
SCENES: dict[str, Scene] = {}


def scene(key: str) -> Callable[[Scene], Scene]:
    """Register what sets an act up; its key is that of the table."""

    def keep(setup: Scene) -> Scene:
        if key in SCENES:
            raise ValueError(f"two scenes for {key}")
        SCENES[key] = setup
        return setup

    return keep
