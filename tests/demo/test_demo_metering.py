"""The demonstration's power utility has readings of its registered meters, and its engineer something to find."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from conftest_demo import AT

from yuejingzhun.demo import metering, province
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.foundation.parties.queries import actor_of
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.operations.metering.lakes import covered, holding, lake_of
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.telemetry.engine import NEEDED
from yuejingzhun.telemetry.fleet import evaluate_fleet
from yuejingzhun.telemetry.importing import lines_of


@pytest.fixture
def utility(db: None, settings: Any, tmp_path: Path) -> Organisation:
    settings.DATA, settings.KEYS = tmp_path, tmp_path / "keys"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with mock.patch.object(province, "_verifications"), mock.patch.object(province, "load_approvals"):
        province.load(AT, lambda _: None)
    return Organisation.objects.get(name="演示供电局")


def test_the_engineer_has_thirty_days_of_registered_meters_of_which_some_are_found_bad(utility: Organisation) -> None:
    engineer = actor_of(User.objects.get(username="jiliang").pk, local_date(AT))
    assert [(grant.role, grant.organisation_id) for grant in engineer.grants] == [(Role.METERING_ENGINEER, utility.pk)]
    yesterday = local_date(AT) - timedelta(days=1)
    first = yesterday - timedelta(days=29)
    assert covered(utility.pk) == (first, yesterday)
    held = holding(utility.pk, first, yesterday)
    assert held is not None
    assert (held.districts, held.days, held.cities) == (24, 30, ("4401",))
    lake = lake_of(utility.pk)
    lines = [row for table in lines_of(lake, [1]) for row in table.to_pylist()]
    assert not [row for row in lines if row["refused"]], "the import takes it all"
    rows = lake.readings(columns=NEEDED)
    meters = {row["meter"] for row in rows.select(["meter", "role"]).to_pylist() if row["role"] == "meter"}
    registered = Instrument.objects.filter(holder=utility, in_use="in_use")
    assert meters <= set(registered.values_list("holder_number", flat=True))
    assert not registered.filter(valid_until__lte=local_date(AT) + timedelta(days=365)).exists(), "nothing falls due"
    found = evaluate_fleet(rows, first, 30).to_pylist()
    refused = {row["district"] for row in found if row["reason"]}
    assert 1 <= len(refused) <= 12, "of those with a fault some are refused, of the others few"
    assert 15 <= sum((row["exceeds"] or 0) > 0.9 for row in found) <= 48


def test_loading_again_adds_no_reading(utility: Organisation) -> None:
    maker = Organisation.objects.get(kind="maker")
    again = partial(metering.load_metering, utility, maker, AT)
    before = lake_of(utility.pk).readings(columns=["meter"]).num_rows
    with mock.patch.object(metering, "_put_on_record", return_value=[]):
        assert again() == 0
    assert lake_of(utility.pk).readings(columns=["meter"]).num_rows == before


def test_meters_on_record_come_first(utility: Organisation) -> None:
    numbers = metering._on_record(utility)
    Instrument.objects.create(
        holder=utility, name="单相电能表", model="DDZY-Y1", serial="Y1-000001", maker="甲", item="19.1",
        regulation="JJG 596-2012", regulation_series="JJG 596", region="440106", city="4401",
    )  # fmt: skip
    assert metering._on_record(utility) == [*numbers, "Y1-000001"]
