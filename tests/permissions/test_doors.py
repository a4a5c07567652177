"""No page and no operation decides by itself: each leads to acts of the table, or is open for a reason that is told."""

import pytest

from permissions.doors import Door, acts_of, doors
from permissions.open_doors import PUBLIC, SIGNED_IN
from permissions.table import ACTS
from yuejingzhun.platform.foundation.accounts.urls import urlpatterns as account
from yuejingzhun.portals.citizen.pages import certificate_page

KEYS = {act.key.partition("#")[0] for act in ACTS}
OPEN = PUBLIC | SIGNED_IN
OWN_ACCOUNT = {found.name for found in account}
DOORS = [door for door in doors() if door.name not in OWN_ACCOUNT]


def test_there_are_as_many_as_one_would_think() -> None:
    names = [door.name for door in doors()]
    assert len(names) == len(set(names)) > 170
    assert not PUBLIC.keys() & SIGNED_IN.keys()
    assert OPEN.keys() <= set(names)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_each_leads_to_acts_of_the_table_or_is_open_for_a_reason(door: Door) -> None:
    assert bool(acts_of(door.view, KEYS)) != (door.name in OPEN)


def test_a_page_that_reads_by_itself_would_be_seen() -> None:
    assert not acts_of(certificate_page, KEYS)
    job_page = next(door.view for door in DOORS if door.name == "job")
    assert acts_of(job_page, KEYS) == {"operations.verification.queries.visible_job"}
