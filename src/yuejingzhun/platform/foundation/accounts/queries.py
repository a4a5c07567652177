"""Reads of accounts: the second factor, tokens and sessions."""

from datetime import datetime

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from yuejingzhun.platform.foundation.accounts.models import ApiToken, User
from yuejingzhun.platform.foundation.accounts.rules import needs_second_factor, token_digest, token_fault
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import actor_of

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(user_id: int) -> bool:
    """Whether the account has an authenticator app or a key."""
    return Authenticator.objects.filter(user_id=user_id, type__in=SECOND_FACTORS).exists()


def confirmation_of(user_id: int) -> str:
    """The name of the page on which the account gives its second factor: a code first, where it has both."""
    codes = Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.TOTP).exists()
    return "mfa_reauthenticate" if codes else "mfa_reauthenticate_webauthn"


def used_second_factor(request: HttpRequest) -> bool:
    """Whether the session was opened, or confirmed since, with one."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def must_use_second_factor(user_id: int) -> bool:
    """Whether this installation asks the person of the account for a second factor."""
    if not settings.MFA_REQUIRED:
        return False
    if User.objects.filter(pk=user_id, is_staff=True).exists():
        return True  # the back office grants roles
    try:
        return needs_second_factor(actor_of(user_id, timezone.localdate()))
    except NotPermittedError:
        return False  # nobody's account can do nothing


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether the signed-in person has to give a second factor before doing anything."""
    if not settings.MFA_REQUIRED or used_second_factor(request):
        return False
    return must_use_second_factor(request.user.pk)


def token_of(secret: str, at: datetime) -> tuple[ApiToken | None, str]:
    """The token with this secret and why it doesn't hold; empty where it does."""
    found = ApiToken.objects.select_related("user").filter(sha256=token_digest(secret)).first()
    if found is None:
        return None, "没有这个令牌"
    fault = token_fault(found.expires_at, found.revoked_at, at)
    return found, fault or ("" if found.user.is_active else "账户已停用")


def tokens_of(user_id: int) -> list[ApiToken]:
    """The account's tokens, the newest first; ended ones among them."""
    return list(ApiToken.objects.filter(user_id=user_id).order_by("-pk")[:200])


def sessions_of(user: User) -> list[UserSession]:
    """The account's sessions that are open, the newest first."""
    return sorted(UserSession.objects.purge_and_list(user), key=lambda found: found.created_at, reverse=True)
