"""An authorised institute with a receptionist, a holder with filed meters."""

import pytest

from mandatory_counter import ELECTRICITY, Counter, item_of_meters, person
from small_world import make_world
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.registry.instruments.models import Instrument


@pytest.fixture
def counter(world) -> Counter:
    return make_counter(world)


@pytest.fixture
def committed_counter(committed) -> Counter:
    """The same, where changes are really committed."""
    return make_counter(make_world())


def make_counter(world) -> Counter:
    meters = Instrument.objects.bulk_create(
        Instrument(
            holder=world.holder,
            name="电能表",
            model="DDS",
            serial=f"M{n:05}",
            maker="厂",
            regulation=ELECTRICITY,
            regulation_series="JJG 596",
            item=item_of_meters(),
            region="440106",
            city="4401",
        )
        for n in range(6)
    )
    return Counter(
        world.institute,
        world.other_institute,
        world.holder,
        client=person("经办己", world.holder, Role.HOLDER),
        receptionist=person("收发庚", world.institute, Role.RECEPTIONIST),
        colleague=person("收发辛", world.institute, Role.RECEPTIONIST),
        verifier=world.verifier,
        elsewhere=person("别处壬", world.other_institute, Role.RECEPTIONIST),
        regulator=world.regulator,
        meters=tuple(meters),
    )
