"""Whoever the demonstration names at its start can sign in, and finds the desk of the own role and division."""

from typing import Any
from unittest import mock

import pytest
from conftest_demo import AT
from django.contrib.auth import authenticate
from django.test import Client, RequestFactory

from yuejingzhun.demo import province
from yuejingzhun.platform.foundation.accounts.models import User

REGULATORS = {"shengjianguan": "广东省", "jianguan": "广州市", "xianjianguan": "广州市天河区"}


@pytest.fixture
def accounts(db: None, settings: Any, tmp_path: Any) -> list[str]:
    """The names told at the start, after loading; without certificates and type approvals, which take their time."""
    settings.DATA, settings.KEYS = tmp_path, tmp_path / "keys"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with mock.patch.object(province, "_verifications"), mock.patch.object(province, "load_approvals"):
        province.load(AT, lambda _: None)
    return [line.partition("：")[2].partition("，")[0] for line in province.account_lines()]


def test_every_account_named_can_sign_in_and_has_a_first_page(accounts: list[str]) -> None:
    assert len(accounts) == len(set(accounts)) == 12
    assert set(accounts) == set(User.objects.values_list("username", flat=True))
    for name in accounts:
        assert authenticate(RequestFactory().post("/"), username=name, password=province.PASSWORD) is not None
        assert signed_in(name).get("/work").status_code == 200, name


def test_each_regulator_sees_the_own_division_and_not_the_one_above(accounts: list[str]) -> None:
    assert set(REGULATORS) <= set(accounts)
    for name, place in REGULATORS.items():
        client = signed_in(name)
        assert f"<h1>{place}：辖区概况</h1>" in client.get("/region").content.decode()
        may = [client.get("/region", {"region": code}).status_code for code in ("440000", "440100", "440106")]
        assert may.count(200) == 3 - list(REGULATORS).index(name)
    assert signed_in("shengjianguan").get("/mandatory/calendar").status_code == 200
    assert signed_in("xianjianguan").get("/mandatory/calendar").status_code == 403


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client
