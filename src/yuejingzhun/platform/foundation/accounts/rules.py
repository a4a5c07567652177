"""Who needs a second factor, when a session ends, and what a token allows: pure decisions."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from yuejingzhun.platform.foundation.parties.rules import Actor, Role

SECOND_FACTOR_ROLES = frozenset({Role.SIGNATORY, Role.QUALITY_MANAGER, Role.REGULATOR})
TOKEN_PREFIX = "yjz_"  # noqa: S105 - by which scanners of leaked secrets find them
LONGEST_TOKEN_DAYS = 365
LONGEST_NAME = 60


def needs_second_factor(actor: Actor) -> bool:
    """Whether one of the actor's roles signs or supervises for others."""
    return any(grant.role in SECOND_FACTOR_ROLES for grant in actor.grants)


def session_is_over(began: float, seen: float, now: float, *, longest: float, idle: float) -> bool:
    """Whether a session ended: too long since the sign-in or since the last request; all in seconds since 1970."""
    return now - began >= longest or now - seen >= idle


def token_digest(secret: str) -> bytes:
    """What is stored of a token: SHA-256 is enough, since a token is 256 random bits and no password."""
    return hashlib.sha256(secret.encode()).digest()


def token_fault(expires_at: datetime, revoked_at: datetime | None, at: datetime) -> str:
    """Why a token doesn't hold any more, in Chinese; empty where it does."""
    if revoked_at is not None:
        return "令牌已撤销"
    return "" if at < expires_at else "令牌已过期"


def scopes_problem(asked: Iterable[str], offered: Iterable[str]) -> str:
    """Why these scopes can't be given, in Chinese; empty where they can."""
    asked, known = list(asked), set(offered)
    if not asked:
        return "至少要选一个范围"
    unknown = sorted(set(asked) - known)
    return f"没有这样的范围：{'、'.join(unknown)[:200]}" if unknown else ""


def token_end(at: datetime, days: int) -> datetime | None:
    """When a token of so many days ends; None for a term that isn't given."""
    return at + timedelta(days=days) if 1 <= days <= LONGEST_TOKEN_DAYS else None
