"""Who calls the JSON interface: a session from the pages, or HTTP Basic over the same accounts and the same lock."""

from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBasicAuth
from ninja.utils import check_csrf

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SignedIn(HttpBasicAuth):
    """Basic where an Authorization header is sent, else the session, whose changes need its CSRF token."""

    def __call__(self, request: HttpRequest) -> Any | None:
        """The user, or None where nobody is signed in."""
        if "Authorization" in request.headers:
            return super().__call__(request)
        if not request.user.is_authenticated:
            return None
        if request.method not in SAFE_METHODS and check_csrf(request) is not None:
            raise HttpError(403, "缺少 CSRF 令牌，或令牌已过期：请带上 X-CSRFToken，或改用 HTTP Basic")
        return request.user

    def authenticate(self, request: HttpRequest, username: str, password: str) -> Any | None:
        """The account of that name and password; too many failures lock it, as on the page."""
        user = authenticate(request, username=username, password=password)
        if user is not None:
            request.user = user  # type: ignore[assignment]
        return user
