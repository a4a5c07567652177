"""Middleware: sessions that end, and a second factor before anything else where it is required."""

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from yuejingzhun.platform.foundation.accounts.queries import confirmation_of, has_second_factor, lacks_second_factor
from yuejingzhun.platform.foundation.accounts.rules import session_is_over

Respond = Callable[[HttpRequest], HttpResponse]
SEEN_EVERY = 60  # s; a session is not written at every request
BEGAN, SEEN = "began", "seen"
# What one may do before the second factor: set it up, confirm it, leave, and look at what is public.
OPEN = ("/account/", "/sign-in", "/sign-out", "/static/", "/api/")


def end_sessions(respond: Respond) -> Respond:
    """A session ends 12 hours after the sign-in, and after 30 minutes without a request."""

    def guarded(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now, session = time.time(), request.session
            began, seen = session.get(BEGAN, now), session.get(SEEN, now)
            longest, idle = settings.SESSION_COOKIE_AGE, settings.SESSION_IDLE_AGE
            if session_is_over(began, seen, now, longest=longest, idle=idle):
                logout(request)
                messages.warning(request, "登录已到期，请重新登录")
            elif SEEN not in session or now - seen >= SEEN_EVERY:
                session[BEGAN], session[SEEN] = began, now
                UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=timezone.now())
        return respond(request)

    return guarded


def ask_second_factor(respond: Respond) -> Respond:
    """Whoever has to use a second factor is led to it; the JSON interface asks by itself (`SignedIn`)."""

    def guarded(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or request.path.startswith(OPEN) or not lacks_second_factor(request):
            return respond(request)
        if has_second_factor(request.user.pk):
            messages.info(request, "请用双重验证确认身份")
            back = urlencode({"next": request.get_full_path() if request.method == "GET" else reverse("my-work")})
            return redirect(f"{reverse(confirmation_of(request.user.pk))}?{back}")
        messages.warning(request, "您的角色须启用双重验证后才能办理业务，请选择一种方式启用")
        return redirect("mfa_index")

    return guarded
