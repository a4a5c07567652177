"""The demonstration's maker has something at every desk, and meters that show what the platform warns of."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from yuejingzhun.demo import province
from yuejingzhun.demo.approvals import identification
from yuejingzhun.platform.foundation.parties.models import Person
from yuejingzhun.platform.foundation.parties.queries import actor_of
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.approvals import filed, queries
from yuejingzhun.platform.registry.approvals.conformity import type_of_instrument
from yuejingzhun.platform.registry.approvals.models import TypeApproval
from yuejingzhun.platform.registry.approvals.software import Verdict
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.procedures.local_date import local_date

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
TODAY = local_date(AT)


@pytest.fixture(scope="module", autouse=True)
def _loaded(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    keys = tmp_path_factory.mktemp("keys")
    with django_db_blocker.unblock(), override_settings(KEYS=keys), transaction.atomic():
        province.load(AT, lambda _: None)
        yield
        transaction.set_rollback(True)


def who(username: str) -> Actor:
    return actor_of(Person.objects.get(user__username=username).user_id, TODAY)


@pytest.mark.django_db
def test_something_waits_at_every_desk() -> None:
    states = [row.state for row in queries.applications_to_decide(who("shengjianguan"))]
    assert states == ["APPLIED", "EVALUATED"]
    assert [row.state for row in queries.applications_to_decide(who("jianguan"))] == states
    signatory = who("qianziren")
    (institute,) = queries.institutes_of(signatory)
    waiting = queries.applications_to_evaluate(signatory, institute.pk)
    assert [row.state for row in waiting] == ["ACCEPTED", "EVALUATING"]
    assert [row.version for row in filed.software_to_decide(who("shengjianguan"))] == ["2.0"]
    maker = who("zhizao")
    assert len(queries.own_applications(maker)) == 6
    assert [one.standing.value for one in queries.own_types(maker, TODAY)] == ["已撤销", "有效"]


@pytest.mark.django_db
def test_its_meters_show_what_is_warned_of() -> None:
    meters = {one.serial: one for one in Instrument.objects.filter(serial__startswith="Y")}
    said = {
        serial: type_of_instrument(one.type_approval, one.maker, one.model, TODAY).warning
        for serial, one in meters.items()
    }
    assert said.pop("Y0-000001").endswith("起撤销：监督抽查发现产品与批准的型式不符")
    assert set(said.values()) == {None}
    seen = {serial: filed.last_seen(one.tag, TODAY) for serial, one in meters.items()}
    assert seen["Y1-000001"].as_filed and seen["Y1-000003"] is None
    assert seen["Y1-000002"].compared.verdict is Verdict.DIFFERS
    number = TypeApproval.objects.order_by("pk")[0].number
    assert filed.compare_software(number, "1.0", identification("1.0"), TODAY).detail.endswith("；已有新版本")
