"""A calibration of a standard through the JSON interface: the same as by the form, and refused for the same reasons."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from small_world import actor
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.audit.queries import history
from yuejingzhun.platform.foundation.parties.models import Person
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.platform.registry.traceability.models import Link, Node
from yuejingzhun.procedures.local_date import local_date

GOOD = {
    "kind": "national", "number": "国-1", "name": "国家基准", "uncertainty": "U = 0.01 %（k = 2）",
    "certificate": "校-1", "made_on": "2026-01-10", "until": "2027-01-09", "factor": 1,
    "mpe": "0.05", "expanded_uncertainty": "0.01",
    "unit": "%",
}  # fmt: skip


def client_of(person) -> Client:
    user, client = User.objects.create_user(f"u{person.person_id}"), Client()
    Person.objects.filter(pk=person.person_id).update(user=user)
    client.force_login(user)
    return client


@pytest.fixture
def manager(world) -> Client:
    return client_of(actor("质量", world.institute, Role.QUALITY_MANAGER))


@pytest.fixture
def standard(world) -> MeasurementStandard:
    return MeasurementStandard.objects.get(number=world.standard())


def tell(client: Client, standard_id: int, **change: object):
    return client.post(f"/api/v1/standards/{standard_id}/links", GOOD | change, content_type="application/json")


def test_a_program_records_what_stands_behind_a_standard(manager, standard) -> None:
    answer = tell(manager, standard.pk)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["upper"], told["upper_kind"], told["certificate"], told["made_on"]) == (
        "国家基准", "national", "校-1", "2026-01-10",
    )  # fmt: skip
    link = Link.objects.get()
    assert (str(link.mpe), str(link.expanded_uncertainty), link.unit) == ("0.050000000000", "0.010000000000", "%")
    chain = manager.get(f"/api/v1/traceability/standard/{standard.pk}").json()
    assert chain["complete"] is True and [one["certificate"] for one in chain["links"]] == ["校-1"]
    assert [event.action for event in history("standard", standard.pk)][-1:] == ["登记溯源"]
    assert tell(manager, standard.pk).status_code == 201
    assert Link.objects.count() == 1


def test_what_is_known_cannot_be_renamed(manager, standard) -> None:
    tell(manager, standard.pk)
    assert tell(manager, standard.pk, name="改名", certificate="校-2").json()["upper"] == "国家基准"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"made_on": "2999-01-01"}, "晚于今天"),
        ({"made_on": "昨天"}, "made_on：应为 年-月-日"),
        ({"until": "2025-01-01"}, "早于检定或校准日期"),
        ({"certificate": " "}, "编号"),
        ({"name": ""}, "第一次登记"),
        ({"kind": "instrument"}, "kind"),
        ({"kind": "standard"}, "没有考核证书号为 国-1 的计量标准"),
        ({"kind": "material"}, "标准物质"),
        ({"mpe": "NaN"}, "最大允许误差：为 'NaN'"),
        ({"mpe": "1e30"}, "最大允许误差"),
        ({"expanded_uncertainty": "0.0000000000001"}, "小数最多 12 位"),
        ({"factor": "x"}, "factor"),
        ({"factor": float("nan")}, "灵敏系数"),
    ],
)
def test_a_wrong_calibration_is_refused_and_nothing_is_kept(manager, standard, change, message: str) -> None:
    answer = tell(manager, standard.pk, **change)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not Link.objects.exists() and not Node.objects.filter(key="国-1").exists()


def test_a_ring_is_refused_with_the_way_round(manager, world) -> None:
    low, high = MeasurementStandard.objects.filter(owner=world.institute).order_by("pk")[:2]
    up = {"kind": "standard", "number": high.number, "until": str(local_date(timezone.now()) + timedelta(365))}
    assert tell(manager, low.pk, **up).status_code == 201
    answer = tell(manager, high.pk, **(up | {"number": low.number}))
    assert answer.status_code == 422
    assert "成环" in answer.json()["message"]


def test_only_the_owners_quality_manager_records_it(world, standard) -> None:
    assert tell(client_of(world.verifier), standard.pk).status_code == 403
    assert (
        tell(client_of(actor("外所质量", world.other_institute, Role.QUALITY_MANAGER)), standard.pk).status_code == 404
    )
    assert tell(Client(), standard.pk).status_code == 401
    assert tell(client_of(actor("质量乙", world.institute, Role.QUALITY_MANAGER)), 2**31 - 1).status_code == 404
    assert not Link.objects.exists()
