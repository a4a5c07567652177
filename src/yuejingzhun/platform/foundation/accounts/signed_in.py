"""Who calls the JSON interface: a program with a token, a session from the pages, or HTTP Basic over the same accounts.

A token does what its person may do, within its scopes (`scopes.py`). A name and password alone are refused where the
account has a second factor or must have one: a program then needs a token.
"""

from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import HttpError
from ninja.security import HttpBasicAuth
from ninja.utils import check_csrf

from yuejingzhun.platform.foundation.accounts.queries import (
    has_second_factor,
    lacks_second_factor,
    must_use_second_factor,
    token_of,
)
from yuejingzhun.platform.foundation.accounts.scopes import SAFE_METHODS, scope_of
from yuejingzhun.platform.foundation.accounts.services import note_use


class SignedIn(HttpBasicAuth):
    """Bearer or Basic where an Authorization header is sent, else the session, whose changes need its CSRF token.

    `scope` is what a token must have; without one it follows from the operation's address and method.
    """

    def __init__(self, scope: str = "") -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Any | None:
        """The user, or None where nobody is signed in."""
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self._with_token(request, secret.strip())
        if kind:
            return super().__call__(request)
        if not request.user.is_authenticated:
            return None
        if lacks_second_factor(request):
            raise HttpError(403, "您的角色须先启用双重验证，并用它登录一次")
        if request.method not in SAFE_METHODS and check_csrf(request) is not None:
            raise HttpError(403, "缺少 CSRF 令牌，或令牌已过期：请带上 X-CSRFToken，或改用接口令牌")
        return request.user

    def authenticate(self, request: HttpRequest, username: str, password: str) -> Any | None:
        """The account of that name and password; too many failures lock it, as on the page."""
        user = authenticate(request, username=username, password=password)
        if user is None:
            return None
        if has_second_factor(user.pk) or must_use_second_factor(user.pk):
            raise HttpError(403, "这个账户使用双重验证，不能只凭密码调用接口：请在“接口令牌”页建立令牌（Bearer）")
        request.user = user  # type: ignore[assignment]
        return user

    def _with_token(self, request: HttpRequest, secret: str) -> Any:
        at = timezone.now()
        token, fault = token_of(secret, at)
        if token is None or fault:
            raise HttpError(401, fault)
        needed = self.scope or scope_of(request)
        if needed not in token.scopes:
            raise HttpError(403, f"令牌“{token.name}”没有范围 {needed}，只有 {'、'.join(token.scopes)}")
        note_use(token, at)
        request.user = token.user
        return token.user
