"""Writes of accounts: tokens made and revoked, sessions ended, and what an account's owner did with it."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q

from yuejingzhun.platform.foundation.accounts.errors import TokenError, UnknownTokenError
from yuejingzhun.platform.foundation.accounts.models import ApiToken, User
from yuejingzhun.platform.foundation.accounts.rules import (
    LONGEST_NAME,
    LONGEST_TOKEN_DAYS,
    TOKEN_PREFIX,
    scopes_problem,
    token_digest,
    token_end,
)
from yuejingzhun.platform.foundation.accounts.scopes import offered_scopes
from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import actor_of
from yuejingzhun.procedures.local_date import local_date

USED_EVERY = timedelta(minutes=1)
MOST_TOKENS = 50


@transaction.atomic
def make_token(user: User, name: str, scopes: Iterable[str], days: int, at: datetime) -> tuple[ApiToken, str]:
    """A new token and its secret, shown this once. It does what the person may do, and no more than its scopes.

    Raises TokenError for what can't be asked for, and NotPermittedError for an account without a person.
    """
    User.objects.select_for_update().get(pk=user.pk)
    name, scopes = name.strip(), sorted(set(scopes))
    expires_at = token_end(at, days)
    if not 0 < len(name) <= LONGEST_NAME:
        raise TokenError(f"用途应为 1 至 {LONGEST_NAME} 字，现为 {len(name)} 字")
    if expires_at is None:
        raise TokenError(f"有效期为 {days} 天，应为 1 至 {LONGEST_TOKEN_DAYS} 天")
    if problem := scopes_problem(scopes, (scope.name for scope in offered_scopes())):
        raise TokenError(problem)
    if ApiToken.objects.filter(user=user, revoked_at=None, expires_at__gt=at).count() >= MOST_TOKENS:
        raise TokenError(f"已有 {MOST_TOKENS} 个有效令牌，请先撤销不用的")
    actor = actor_of(user.pk, local_date(at))
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    made = ApiToken.objects.create(
        user=user,
        name=name,
        sha256=token_digest(secret),
        hint=secret[:8],
        scopes=scopes,
        created_at=at,
        expires_at=expires_at,
    )
    after = {"name": name, "scopes": scopes, "expires_at": expires_at.isoformat()}
    record_event(actor, "建立接口令牌", "token", made.pk, at, after=after)
    return made, secret


@transaction.atomic
def revoke_token(user: User, token_id: int, at: datetime) -> ApiToken:
    """End a token at once; one that was revoked stays so. Raises UnknownTokenError."""
    found = ApiToken.objects.select_for_update().filter(pk=token_id, user=user).first()
    if found is None:
        raise UnknownTokenError(f"您的账户没有编号为 {token_id} 的令牌")
    if found.revoked_at is None:
        found.revoked_at = at
        found.save(update_fields=["revoked_at"])
        record_event(actor_of(user.pk, local_date(at)), "撤销接口令牌", "token", found.pk, at)
    return found


def note_use(token: ApiToken, at: datetime) -> None:
    """Remember when a token was used, to the minute: a busy program must not write at every request."""
    stale = Q(last_used_at=None) | Q(last_used_at__lte=at - USED_EVERY)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=at)


@transaction.atomic
def end_session(user: User, session_id: int, at: datetime) -> None:
    """End one of the account's own sessions, wherever it is open. Raises UnknownTokenError."""
    found = UserSession.objects.filter(pk=session_id, user=user).first()
    if found is None:
        raise UnknownTokenError("这个会话已经结束，或不是您的")
    found.end()
    note_account_event(user, "结束会话", at)


@transaction.atomic
def note_account_event(user: User, action: str, at: datetime, reason: str = "") -> None:
    """Into the audit trail: what was done to an account; an account of nobody leaves no trace, it can't do anything."""
    try:
        actor = actor_of(user.pk, local_date(at))
    except NotPermittedError:
        return
    record_event(actor, action, "account", user.pk, at, reason=reason)


def clear_ended_sessions(at: datetime) -> int:
    """Take away the sessions that ended by time, with what was noted of their devices; how many those were.

    A session whose end has come opens nothing any more, with or without this: it only keeps the table small.
    """
    with transaction.atomic():
        count, _ = Session.objects.filter(expire_date__lt=at).delete()
        # Those ended in another way are gone from the table of sessions; the newest may not be in it yet.
        longest = timedelta(seconds=settings.SESSION_COOKIE_AGE)
        devices = UserSession.objects.filter(created_at__lt=at - longest)
        devices.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return count
