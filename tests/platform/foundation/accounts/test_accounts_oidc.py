"""Signing in with a provider of OpenID Connect, against one that listens on the loopback."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from conftest_accounts import sign_in, text_of
from django.test import Client

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.audit.models import AuditEvent

SECRET = "a-secret-of-the-client-that-is-long-enough"  # noqa: S105


class Provider(ThreadingHTTPServer):
    """Says of everyone who comes what `claims` holds, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.claims: dict[str, object] = {}
        self.asked: dict[str, list[str]] = {}

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        issuer = self.server.issuer
        endpoints = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }
        self._answer(self.server.claims if self.path == "/userinfo" else endpoints)

    def do_POST(self) -> None:
        self.server.asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        now = int(time.time())
        said = self.server.claims | {"iss": self.server.issuer, "aud": "us", "iat": now, "exp": now + 60}
        token = jwt.encode(said, SECRET, algorithm="HS256")
        self._answer({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def _answer(self, content: object) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *_: object) -> None:
        """Nothing into the tests' output."""


@pytest.fixture
def provider(settings) -> Iterator[Provider]:
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        app = {
            "provider_id": "oidc",
            "name": "演示身份",
            "client_id": "us",
            "secret": SECRET,
            "settings": {"server_url": server.issuer, "oauth_pkce_enabled": True},
        }
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        settings.OIDC_ISSUER = server.issuer
        yield server
        server.shutdown()
        thread.join()


def come_with(client: Client, process: str = "login") -> object:
    """Go to the provider and come back, as a browser does."""
    away = client.post(f"/sign-in/with/oidc?process={process}")
    assert away.status_code == 302, away.content.decode()
    asked = parse_qs(urlsplit(away["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    return client.get("/sign-in/with/oidc/callback", {"code": "c", "state": asked["state"][0]})


def person(account, actor, email: str) -> User:
    user = account(actor)
    User.objects.filter(pk=user.pk).update(email=email)
    return user


def test_off_by_default_there_is_no_such_way(db: None) -> None:
    assert "演示身份" not in text_of(Client().get("/sign-in"))
    assert Client().post("/sign-in/with/oidc").status_code == 404


def test_a_verified_address_binds_once_and_the_subject_from_then_on(world, account, provider: Provider) -> None:
    user = person(account, world.verifier, "Jia@example.org")
    assert "演示身份" in text_of(Client().get("/sign-in"))
    provider.claims = {"sub": "s-1", "email": "jia@example.org", "email_verified": True}
    client = Client()
    assert come_with(client)["Location"] == "/work"
    assert provider.asked["code_verifier"]
    assert client.get("/work").status_code == 200
    assert SocialAccount.objects.get().user_id == user.pk
    assert AuditEvent.objects.filter(action="绑定外部身份", actor_id=world.verifier.person_id).count() == 1
    provider.claims = {"sub": "s-1", "email": "another@example.org", "email_verified": False}
    again = Client()
    assert come_with(again)["Location"] == "/work"
    assert int(again.session["_auth_user_id"]) == user.pk


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "jia@example.org", "email_verified": False},
        {"email": "jia@example.org"},
        {"email": "jia@example.org", "email_verified": "true"},
        {"email": "nobody@example.org", "email_verified": True},
        {"email": "", "email_verified": True},
        {"email": "two@example.org", "email_verified": True},
        {"preferred_username": "the-same-name"},
    ],
)
def test_no_other_claim_opens_an_account_or_makes_one(world, account, provider: Provider, claims) -> None:
    person(account, world.verifier, "jia@example.org")
    person(account, world.reviewer, "two@example.org")
    named = person(account, world.signatory, "two@example.org")
    User.objects.filter(pk=named.pk).update(username="the-same-name")
    provider.claims = {"sub": "s-2"} | claims
    people, client = User.objects.count(), Client()
    assert come_with(client)["Location"] == "/sign-in"
    assert "没有对应的账户" in text_of(client.get("/sign-in"))
    assert client.get("/work").status_code == 302
    assert (User.objects.count(), SocialAccount.objects.count()) == (people, 0)


def test_whoever_is_signed_in_binds_by_themselves(world, account, provider: Provider) -> None:
    client = sign_in(account(world.verifier))
    client.post("/account/confirm", {"password": "one-two-three-four"})
    provider.claims = {"sub": "s-3"}
    assert come_with(client, "connect").status_code == 302
    assert "s-3" in text_of(client.get("/account/identities"))
    bound = SocialAccount.objects.get()
    client.post("/account/identities", {"account": bound.pk})
    assert not SocialAccount.objects.exists()


def test_an_answer_that_nobody_asked_for_is_refused(provider: Provider, db: None) -> None:
    answer = Client().get("/sign-in/with/oidc/callback", {"code": "c", "state": "made-up"})
    assert answer.status_code == 401
    assert "外部身份登录失败" in text_of(answer)


def test_a_second_factor_is_asked_for_all_the_same(world, account, provider: Provider) -> None:
    from conftest_accounts import set_up_totp

    user = person(account, world.verifier, "jia@example.org")
    set_up_totp(sign_in(user))
    provider.claims = {"sub": "s-4", "email": "jia@example.org", "email_verified": True}
    client = Client()
    assert come_with(client)["Location"] == "/sign-in/second"
    assert client.get("/work").status_code == 302
