"""People with accounts, and the one-time passwords that their phones would show."""

import hashlib
import hmac
import re
import struct
import time
from base64 import b32decode
from collections.abc import Callable

import pytest
from django.test import Client

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.models import Person
from yuejingzhun.platform.foundation.parties.rules import Actor

PASSWORD = "one-two-three-four"  # noqa: S105


def one_time_password(secret: str, at: float, digits: int = 6) -> str:
    """RFC 6238 with 30 s steps and HMAC-SHA-1, written from the standard."""
    digest = hmac.new(b32decode(secret), struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    value = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(value % 10**digits).zfill(digits)


class Clock:
    """The time that Python tells, put forward at will."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead, real = 0.0, time.time
        monkeypatch.setattr(time, "time", lambda: real() + self.ahead)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def account() -> Callable[[Actor], User]:
    def make(actor: Actor) -> User:
        user = User.objects.create_user(f"user{actor.person_id}", password=PASSWORD)
        Person.objects.filter(pk=actor.person_id).update(user=user)
        return user

    return make


def sign_in(user: User, client: Client | None = None, given: str = PASSWORD, **extra: str) -> Client:
    client = client or Client()
    client.last = client.post("/sign-in", {"login": user.username, "password": given}, **extra)
    return client


def confirm(client: Client) -> Client:
    """Say once more that it is oneself, as before anything that the account's security hangs on."""
    assert client.post("/account/confirm", {"password": PASSWORD}).status_code == 302
    return client


def set_up_totp(client: Client) -> str:
    """Activate the app for who is signed in; its secret."""
    confirm(client)
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", client.get("/account/second/app").content.decode()).group(1)
    answer = client.post("/account/second/app", {"code": one_time_password(secret, time.time())})
    assert answer.status_code == 302, answer.content.decode()
    return secret


def text_of(answer) -> str:
    """What a reader sees of a page."""
    html = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())
