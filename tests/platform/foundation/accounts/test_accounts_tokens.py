"""Tokens for programs: scopes, ends, and no more than the person may do."""

import re
from datetime import timedelta

import pytest
from conftest_accounts import confirm, sign_in, text_of
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from yuejingzhun.platform.foundation.accounts.errors import TokenError, UnknownTokenError
from yuejingzhun.platform.foundation.accounts.models import ApiToken, User
from yuejingzhun.platform.foundation.accounts.rules import token_digest
from yuejingzhun.platform.foundation.accounts.scopes import derived_scope, offered_scopes
from yuejingzhun.platform.foundation.accounts.services import make_token, revoke_token
from yuejingzhun.platform.foundation.accounts.signed_in import SignedIn
from yuejingzhun.platform.foundation.audit.models import AuditEvent
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.operations.certificates.api import PaperKey
from yuejingzhun.platform.registry.traceability.api import anyone
from yuejingzhun.project.api import api


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def test_a_token_is_made_on_the_page_shown_once_used_and_revoked(world, account) -> None:
    client = confirm(sign_in(account(world.verifier)))
    made = client.post("/account/tokens", {"name": "检定台", "days": "30", "scopes": ["records:read"]})
    secret = re.search(r'id="secret">(yjz_[\w-]+)<', made.content.decode()).group(1)
    stored = ApiToken.objects.get()
    assert bytes(stored.sha256) == token_digest(secret)
    assert secret not in client.get("/account/tokens").content.decode()
    assert Client().get("/api/v1/jobs", headers=bearer(secret)).status_code == 200
    stored.refresh_from_db()
    assert stored.last_used_at is not None
    assert client.post(f"/account/tokens/{stored.pk}/revoke").status_code == 302
    refused = Client().get("/api/v1/jobs", headers=bearer(secret))
    assert (refused.status_code, refused.json()["message"]) == (401, "令牌已撤销")
    assert "令牌已撤销" in text_of(client.get("/account/tokens"))
    actions = list(AuditEvent.objects.filter(subject="token").order_by("pk").values_list("action", flat=True))
    assert actions == ["建立接口令牌", "撤销接口令牌"]
    assert secret not in str(list(AuditEvent.objects.values_list("after", flat=True)))


def test_making_one_asks_who_it_is_once_more(world, account) -> None:
    client = sign_in(account(world.verifier))
    assert client.get("/account/tokens")["Location"].startswith("/account/confirm")
    assert client.post("/account/tokens", {"name": "x", "days": "3", "scopes": ["records:read"]}).status_code == 302
    assert ApiToken.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "scopes", "days", "problem"),
    [
        ("", ["records:read"], 30, "用途"),
        ("x" * 61, ["records:read"], 30, "用途"),
        ("x", [], 30, "至少要选一个范围"),
        ("x", ["records:read", "all"], 30, "没有这样的范围：all"),
        ("x", ["records:read"], 0, "有效期"),
        ("x", ["records:read"], 366, "有效期"),
    ],
)
def test_what_cannot_be_asked_for(world, account, name, scopes, days, problem) -> None:
    user = account(world.verifier)
    with pytest.raises(TokenError, match=problem):
        make_token(user, name, scopes, days, timezone.now())
    client = confirm(sign_in(user))
    answer = client.post("/account/tokens", {"name": name, "days": str(days), "scopes": scopes})
    assert answer.status_code == 422
    assert ApiToken.objects.count() == 0


def test_an_account_of_nobody_gets_none(db: None) -> None:
    with pytest.raises(NotPermittedError):
        make_token(User.objects.create_user("nobody"), "x", ["records:read"], 3, timezone.now())


def test_a_token_keeps_to_its_scopes(world, account) -> None:
    user = account(world.everything)
    _, secret = make_token(user, "只读", ["records:read"], 3, timezone.now())
    assert Client().get("/api/v1/jobs", headers=bearer(secret)).status_code == 200
    answer = Client().post("/api/v1/jobs/1/review", headers=bearer(secret))
    assert answer.status_code == 403
    assert "没有范围 records:write" in answer.json()["message"]
    assert Client().get("/api/v1/instruments/1", headers=bearer(secret)).status_code == 403


def test_a_token_does_no_more_than_its_person(world, account) -> None:
    scopes = [scope.name for scope in offered_scopes()]
    _, secret = make_token(account(world.stranger), "全部", scopes, 3, timezone.now())
    answer = Client().post("/api/v1/jobs/999/review", headers=bearer(secret))
    assert answer.status_code in {403, 404}
    assert Client().get("/work", headers=bearer(secret)).status_code == 302  # of the pages it opens none


def test_a_token_ends_and_goes_with_its_account(world, account) -> None:
    user, at = account(world.verifier), timezone.now()
    _, old = make_token(user, "旧", ["records:read"], 3, at - timedelta(days=4))
    assert "已过期" in Client().get("/api/v1/jobs", headers=bearer(old)).json()["message"]
    _, new = make_token(user, "新", ["records:read"], 3, at)
    assert Client().get("/api/v1/jobs", headers=bearer(new)).status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert Client().get("/api/v1/jobs", headers=bearer(new)).status_code == 401


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer yjz_x", "bearer \x00", "Bearer " + "x" * 9000, "Basic x"]
)
def test_what_is_no_token_is_refused(header: str, db: None) -> None:
    assert Client().get("/api/v1/jobs", headers={"authorization": header}).status_code == 401


def test_a_token_works_where_a_second_factor_is_required(world, account, settings) -> None:
    settings.MFA_REQUIRED = True
    _, secret = make_token(account(world.signatory), "签发台", ["records:read"], 3, timezone.now())
    assert Client().get("/api/v1/jobs", headers=bearer(secret)).status_code == 200


def test_nobody_revokes_anothers_token(world, account) -> None:
    made, _ = make_token(account(world.verifier), "x", ["records:read"], 3, timezone.now())
    with pytest.raises(UnknownTokenError):
        revoke_token(account(world.reviewer), made.pk, timezone.now())
    assert (
        sign_in(User.objects.get(username=f"user{world.reviewer.person_id}"))
        .post(f"/account/tokens/{made.pk}/revoke")
        .status_code
        == 404
    )


def test_the_database_itself_refuses_a_token_without_end_or_scope(world, account) -> None:
    user, at = account(world.verifier), timezone.now()
    given = {"user": user, "name": "x", "sha256": b"1" * 32, "hint": "yjz_", "created_at": at}
    for wrong in ({"expires_at": at, "scopes": ["a"]}, {"expires_at": at + timedelta(days=1), "scopes": []}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ApiToken.objects.create(**given, **wrong)


def test_every_operation_that_asks_for_a_sign_in_has_a_scope_that_is_offered() -> None:
    offered = {scope.name for scope in offered_scopes()}
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for asked in operation.auth_callbacks:
                    if asked is anyone or isinstance(asked, PaperKey):  # beside a sign-in, never instead of the scope
                        assert any(isinstance(other, SignedIn) for other in operation.auth_callbacks)
                        continue
                    assert isinstance(asked, SignedIn)
                    for method in operation.methods:
                        assert (asked.scope or derived_scope(f"{prefix}{path}", method)) in offered
    assert offered >= {"records:read", "records:write", "instruments:read", "certificates:write"}
    assert all(any("一" <= character <= "鿿" for character in scope.label) for scope in offered_scopes())


def test_the_scope_of_an_operation_that_names_none() -> None:
    assert derived_scope("/jobs/5", "GET") == "jobs:read"
    assert derived_scope("/jobs/5/review", "POST") == "jobs:write"
    assert derived_scope("standards", "DELETE") == "standards:write"
