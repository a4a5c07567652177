"""Who takes part in a type approval."""

import pytest

from type_approvals import Office, office_of


@pytest.fixture
def office(world) -> Office:
    return office_of(world)
