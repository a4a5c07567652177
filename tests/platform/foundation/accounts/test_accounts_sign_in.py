"""Signing in by password, the lock against guessing, and sessions that end."""

import base64
import re

import pytest
from conftest_accounts import PASSWORD, Clock, confirm, sign_in, text_of
from django.contrib.sessions.models import Session
from django.test import Client

from yuejingzhun.platform.foundation.accounts.rules import session_is_over
from yuejingzhun.platform.foundation.audit.models import AuditEvent

ENGLISH = re.compile(r"[A-Za-z]{4,}")
PAGES = (
    "/account/",
    "/account/second",
    "/account/second/app",
    "/account/second/keys/new",
    "/account/password",
    "/account/sessions",
    "/account/tokens",
    "/account/identities",
    "/account/confirm",
    "/sign-out",
)


def test_the_page_leads_to_the_work_and_back_out(world, account) -> None:
    user = account(world.verifier)
    client = sign_in(user)
    assert client.last.status_code == 302
    assert client.last["Location"] == "/work"
    assert client.get("/work").status_code == 200
    assert client.post("/sign-out")["Location"] == "/"
    assert client.get("/work").status_code == 302


def test_the_page_goes_on_to_where_one_wanted_to_go_but_not_to_another_site(world, account) -> None:
    user = account(world.verifier)
    wanted = Client().post("/sign-in", {"login": user.username, "password": PASSWORD, "next": "/audit"})
    assert wanted["Location"] == "/audit"
    abroad = Client().post("/sign-in", {"login": user.username, "password": PASSWORD, "next": "https://example.org/"})
    assert abroad["Location"] == "/work"


def test_a_wrong_password_and_an_unknown_account_are_told_alike(world, account) -> None:
    user = account(world.verifier)
    wrong = text_of(sign_in(user, given="wrong").last)
    user.username = "nobody"
    assert "账户或密码不对" in wrong
    assert "账户或密码不对" in text_of(sign_in(user).last)


def test_whoever_is_switched_off_does_not_get_in(world, account) -> None:
    user = account(world.verifier)
    user.is_active = False
    user.save()
    client = sign_in(user)
    assert client.last["Location"] == "/sign-in/inactive"
    assert "停用" in text_of(client.get("/sign-in/inactive"))
    assert client.get("/work").status_code == 302


def test_five_wrong_passwords_lock_the_account_at_that_address_alone(world, account) -> None:
    user, client = account(world.verifier), Client()
    for attempt in range(5):
        sign_in(user, client, given="wrong")
        assert client.last.status_code == (429 if attempt == 4 else 200)
    assert "暂时锁定" in text_of(client.last)
    assert sign_in(user, client).last.status_code == 429
    basic = {"authorization": "Basic " + base64.b64encode(f"{user.username}:{PASSWORD}".encode()).decode()}
    assert Client().get("/api/v1/jobs", headers=basic).status_code in {401, 429}
    assert sign_in(user, REMOTE_ADDR="192.0.2.7").last.status_code == 302


def test_wrong_passwords_at_the_interface_lock_the_page_too(world, account) -> None:
    user = account(world.verifier)
    basic = {"authorization": "Basic " + base64.b64encode(f"{user.username}:wrong".encode()).decode()}
    for _ in range(5):
        assert Client().get("/api/v1/jobs", headers=basic).status_code in {401, 429}
    assert sign_in(user).last.status_code == 429


def test_when_a_session_is_over() -> None:
    limits = {"longest": 43200, "idle": 1800}
    assert not session_is_over(0, 43000, 43199, **limits)
    assert session_is_over(0, 43199, 43200, **limits)
    assert not session_is_over(0, 100, 1899, **limits)
    assert session_is_over(0, 100, 1900, **limits)


def test_a_session_ends_after_half_an_hour_without_a_request(world, account, clock: Clock) -> None:
    client = sign_in(account(world.verifier))
    for _ in range(3):
        clock.ahead += 29 * 60
        assert client.get("/work").status_code == 200
    clock.ahead += 31 * 60
    assert client.get("/work").status_code == 302
    assert "登录已到期" in text_of(client.get("/sign-in"))


def test_a_session_ends_twelve_hours_after_the_sign_in_however_busy(world, account, clock: Clock) -> None:
    client, hours = sign_in(account(world.verifier)), 0.0
    while client.get("/work").status_code == 200:
        clock.ahead += 20 * 60
        hours += 1 / 3
        assert hours <= 12.1
    assert hours == pytest.approx(12, abs=0.01)


def test_a_request_does_not_write_the_session_each_time(world, account, django_assert_num_queries) -> None:
    client = sign_in(account(world.verifier))
    client.get("/account/")
    # The session, the account, whether it has a second factor, and for the menu the person with the grants.
    with django_assert_num_queries(5):
        client.get("/account/")


def test_the_cookie_ends_with_the_browser_and_no_script_reads_it(world, account) -> None:
    cookie = sign_in(account(world.verifier)).cookies["sessionid"]
    assert cookie["httponly"]
    assert not cookie["max-age"]
    assert not cookie["expires"]


def test_sessions_are_listed_and_ended_from_elsewhere(world, account) -> None:
    user = account(world.verifier)
    here, there = sign_in(user), sign_in(user, HTTP_USER_AGENT="Phone/1.0")
    page = here.get("/account/sessions")
    assert "Phone/1.0" in text_of(page)
    assert "这里" in text_of(page)
    ends = re.findall(r'action="(/account/sessions/[0-9]+/end)"', page.content.decode())
    assert len(ends) == 1
    stranger = sign_in(account(world.reviewer))
    assert stranger.post(ends[0]).status_code == 404
    assert here.post(ends[0]).status_code == 302
    assert there.get("/work").status_code == 302
    assert here.get("/work").status_code == 200
    assert AuditEvent.objects.filter(action="结束会话", actor_id=world.verifier.person_id).count() == 1


def test_a_new_password_ends_the_other_sessions(world, account) -> None:
    user = account(world.verifier)
    here, there = sign_in(user), sign_in(user)
    given = {"oldpassword": PASSWORD, "password1": "quite-another-9", "password2": "quite-another-9"}
    assert "当前密码不对" in text_of(here.post("/account/password", given | {"oldpassword": "wrong"}))
    assert here.post("/account/password", given | {"password1": "12345678", "password2": "12345678"}).status_code == 200
    assert here.post("/account/password", given).status_code == 302
    assert here.get("/work").status_code == 200
    assert there.get("/work").status_code == 302
    assert sign_in(user, given="quite-another-9").last.status_code == 302
    assert AuditEvent.objects.filter(action="更改密码").count() == 1


def test_nobody_signs_up_and_no_page_of_the_library_is_left_open(world, account) -> None:
    client = sign_in(account(world.verifier))
    for address in ("signup", "email", "password/reset", "confirm-email", "sign-up", "accounts/login", "3rdparty"):
        assert client.get(f"/account/{address}").status_code == 404
        assert Client().get(f"/{address}/").status_code == 404


def test_every_page_is_chinese_and_without_inline_script(world, account) -> None:
    client = confirm(sign_in(account(world.verifier)))
    for address in ("/sign-in", *PAGES):
        answer = (Client() if address == "/sign-in" else client).get(address)
        assert answer.status_code == 200, address
        visible = re.sub(
            r"\b(JavaScript|Bearer|Authorization)\b|[a-z-]+:(read|write)|\([a-z-]+\)|（[a-z-]+）", "", text_of(answer)
        )
        found = [word for word in ENGLISH.findall(visible) if word not in {"Python", "user"}]
        secret = re.compile(r"[A-Z2-7]{4,}")
        assert [word for word in found if not secret.fullmatch(word)] == [], (address, visible)
        assert not re.search(r"<script(?![^>]*(src=|application/json))", answer.content.decode()), address
        assert "style=" not in answer.content.decode(), address


def test_sessions_of_nobody_are_not_kept(client, db: None) -> None:
    client.get("/sign-in")
    assert Session.objects.count() == 0
