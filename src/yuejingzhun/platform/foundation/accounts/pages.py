"""The pages of one's own account: its security, its tokens, its sessions."""

from allauth.account.decorators import reauthentication_required
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import remove_webauthn
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.platform.foundation.accounts.errors import TokenError, UnknownTokenError
from yuejingzhun.platform.foundation.accounts.forms import TokenForm
from yuejingzhun.platform.foundation.accounts.queries import (
    has_second_factor,
    must_use_second_factor,
    sessions_of,
    tokens_of,
)
from yuejingzhun.platform.foundation.accounts.rules import token_fault
from yuejingzhun.platform.foundation.accounts.services import end_session, make_token, revoke_token
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError


@login_required
@require_GET
def account_page(request: HttpRequest) -> HttpResponse:
    """What secures the account, in one look."""
    context = {
        "secured": has_second_factor(request.user.pk),
        "required": must_use_second_factor(request.user.pk),
        "oidc": bool(settings.OIDC_ISSUER),
    }
    return render(request, "accounts/account.html", context)


@login_required
@never_cache
@reauthentication_required
def tokens_page(request: HttpRequest) -> HttpResponse:
    """The account's tokens; a new one's secret is shown on the answer to its making, and never again."""
    form, at, secret = TokenForm(request.POST or None), timezone.now(), ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            _, secret = make_token(request.user, given["name"], given["scopes"], given["days"], at)
            form = TokenForm()
        except (TokenError, NotPermittedError) as error:
            form.add_error(None, str(error))
    tokens = [(token, token_fault(token.expires_at, token.revoked_at, at)) for token in tokens_of(request.user.pk)]
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "accounts/tokens.html", {"form": form, "secret": secret, "tokens": tokens}, status=status)


@login_required
@require_POST
def revoke_token_page(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a token."""
    try:
        token = revoke_token(request.user, token_id, timezone.now())
    except UnknownTokenError as error:
        raise Http404(str(error)) from error
    messages.success(request, f"令牌“{token.name}”已撤销")
    return redirect("account-tokens")


@login_required
@require_GET
def sessions_page(request: HttpRequest) -> HttpResponse:
    """Where one is signed in."""
    return render(request, "accounts/sessions.html", {"sessions": sessions_of(request.user)})


@login_required
@require_POST
def end_session_page(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign out somewhere else."""
    try:
        end_session(request.user, session_id, timezone.now())
    except UnknownTokenError as error:
        raise Http404(str(error)) from error
    messages.success(request, "会话已结束")
    return redirect("account-sessions")


@login_required
def remove_key_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a key, unless it is the last second factor of who must have one."""
    found = Authenticator.objects.filter(pk=pk, user=request.user, type=Authenticator.Type.WEBAUTHN).first()
    if found is not None and not get_adapter().can_delete_authenticator(found):
        messages.error(request, str(get_adapter().error_messages["cannot_delete_authenticator"]))
        return redirect("mfa_index")
    return remove_webauthn(request, pk=pk)
