"""The smallest world in which a job can be done."""

import pytest

from small_world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()
