"""The second factor: codes of an app, recovery codes, and where it is required."""

import base64
import json
import time

import pytest
from allauth.mfa.models import Authenticator
from conftest_accounts import PASSWORD, Clock, confirm, one_time_password, set_up_totp, sign_in, text_of
from django.test import Client

from yuejingzhun.platform.foundation.accounts.rules import needs_second_factor
from yuejingzhun.platform.foundation.audit.models import AuditEvent

# RFC 6238 Appendix B, SHA-1: the secret is the ASCII of 12345678901234567890.
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
RFC_6238 = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}


@pytest.mark.parametrize(("at", "expected"), RFC_6238.items())
def test_our_phone_shows_what_the_standard_says(at: int, expected: str) -> None:
    assert one_time_password(RFC_SECRET, at, digits=8) == expected


@pytest.fixture
def start_of_step(clock: Clock) -> Clock:
    # A code is computed and used within the same 30 s.
    left = 30 - time.time() % 30
    clock.ahead += left + 1
    return clock


def second_step(user, code: str) -> Client:
    client = sign_in(user)
    assert client.last["Location"] == "/sign-in/second"
    client.last = client.post("/sign-in/second", {"code": code})
    return client


def test_a_code_is_asked_for_and_a_used_one_is_refused(world, account, start_of_step: Clock) -> None:
    user = account(world.verifier)
    secret = set_up_totp(sign_in(user))
    start_of_step.ahead += 30
    half = sign_in(user)
    assert half.get("/work").status_code == 302  # the password alone opens nothing
    code = one_time_password(secret, time.time())
    assert second_step(user, code).last["Location"] == "/work"
    replayed = second_step(user, code)
    assert "已经用过" in text_of(replayed.last)
    assert replayed.get("/work").status_code == 302
    start_of_step.ahead += 30
    assert "验证码不对" in text_of(second_step(user, code).last)  # of the step before
    assert second_step(user, one_time_password(secret, time.time())).last.status_code == 302


def test_guessing_codes_is_locked_too(world, account, start_of_step: Clock) -> None:
    user = account(world.verifier)
    secret = set_up_totp(sign_in(user))
    client = sign_in(user)
    good = one_time_password(secret, time.time() + 30)
    for _ in range(5):
        client.post("/sign-in/second", {"code": "000000" if good != "000000" else "111111"})
    start_of_step.ahead += 30
    client.post("/sign-in/second", {"code": good})
    assert client.get("/work").status_code == 302
    assert sign_in(user).last.status_code == 429


def test_the_secret_lies_encrypted_in_the_database(world, account, start_of_step: Clock) -> None:
    user = account(world.verifier)
    secret = set_up_totp(sign_in(user))
    for stored in Authenticator.objects.filter(user=user):
        assert secret not in json.dumps(stored.data)
        assert all(str(value).startswith("gAAAA") for name, value in stored.data.items() if name in ("secret", "seed"))


def test_a_recovery_code_serves_once(world, account, start_of_step: Clock) -> None:
    user = account(world.verifier)
    client = sign_in(user)
    set_up_totp(client)
    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    assert len(codes) == 10
    assert codes[0] in text_of(client.get("/account/second/recovery"))
    assert second_step(user, codes[0]).last["Location"] == "/work"
    assert "验证码不对" in text_of(second_step(user, codes[0]).last)
    actions = AuditEvent.objects.filter(subject="account").values_list("action", "reason")
    assert ("启用双重验证", "验证器应用") in set(actions)


def test_setting_it_up_asks_for_the_password_again(world, account) -> None:
    client = sign_in(account(world.verifier))
    assert client.get("/account/second/app")["Location"].startswith("/account/confirm")
    assert "密码不对" in text_of(client.post("/account/confirm", {"password": "wrong"}))


def test_a_password_alone_calls_no_interface_of_an_account_with_a_second_factor(world, account, start_of_step) -> None:
    user = account(world.verifier)
    basic = {"authorization": "Basic " + base64.b64encode(f"{user.username}:{PASSWORD}".encode()).decode()}
    assert Client().get("/api/v1/jobs", headers=basic).status_code == 200
    set_up_totp(sign_in(user))
    refused = Client().get("/api/v1/jobs", headers=basic)
    assert refused.status_code == 403
    assert "令牌" in refused.json()["message"]


def test_which_roles_need_it(world) -> None:
    assert needs_second_factor(world.signatory)
    assert needs_second_factor(world.regulator)
    assert needs_second_factor(world.everything)
    assert not needs_second_factor(world.verifier)
    assert not needs_second_factor(world.reviewer)


def test_where_it_is_required_a_signatory_does_nothing_without(world, account, settings, start_of_step) -> None:
    settings.MFA_REQUIRED = True
    user = account(world.signatory)
    client = sign_in(user)
    assert client.get("/work")["Location"] == "/account/second"
    assert "须启用双重验证" in text_of(client.get("/account/second"))
    assert client.post("/jobs/1/approve")["Location"] == "/account/second"
    answer = client.get("/api/v1/jobs")
    assert answer.status_code == 403
    assert "双重验证" in answer.json()["message"]
    basic = {"authorization": "Basic " + base64.b64encode(f"{user.username}:{PASSWORD}".encode()).decode()}
    assert Client().get("/api/v1/jobs", headers=basic).status_code == 403

    secret = set_up_totp(client)
    assert client.get("/work")["Location"] == "/account/confirm/code?next=%2Fwork"
    assert (
        client.post("/account/confirm/code?next=/work", {"code": one_time_password(secret, time.time())}).status_code
        == 302
    )
    assert client.get("/work").status_code == 200
    assert client.get("/api/v1/jobs").status_code == 200
    assert "不能停用" not in text_of(client.get("/account/second"))
    refused = client.get("/account/second/app/off")
    assert "先添加另一种方式" in text_of(refused)
    client.post("/account/second/app/off")
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_where_it_is_required_others_go_on_as_before(world, account, settings) -> None:
    settings.MFA_REQUIRED = True
    client = sign_in(account(world.verifier))
    assert client.get("/work").status_code == 200
    assert client.get("/api/v1/jobs").status_code == 200


def test_a_session_opened_beside_the_sign_in_page_has_no_second_factor(world, account, settings, start_of_step) -> None:
    settings.MFA_REQUIRED = True
    user = account(world.signatory)
    set_up_totp(sign_in(user))
    beside = Client()
    beside.force_login(user)
    assert beside.get("/work")["Location"].startswith("/account/confirm/code")


@pytest.mark.parametrize(
    "sent", ["", "null", "{}", "[]", "1", '"x"', '{"response": []}', '{"id": 1, "rawId": 2, "response": {}, "type": 3}',
             '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": "YQ", '
             '"attestationObject": "YQ", "authenticatorData": "YQ", "signature": "YQ", "userHandle": "YQ"}}'],
)  # fmt: skip
def test_a_key_that_no_browser_sends_is_refused_without_500(world, account, sent: str, start_of_step) -> None:
    user = account(world.verifier)
    assert Client().post("/sign-in/key", {"credential": sent}).status_code in {200, 302}
    client = confirm(sign_in(user))
    assert client.get("/account/second/keys/new").status_code == 200
    answer = client.post("/account/second/keys/new", {"name": "x", "credential": sent})
    assert answer.status_code == 200
    assert not Authenticator.objects.filter(user=user).exists()
    set_up_totp(client)
    half = sign_in(user)
    half.get("/sign-in/second")
    assert half.post("/sign-in/second", {"credential": sent}).status_code == 200
