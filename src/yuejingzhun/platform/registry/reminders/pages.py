"""Pages of the inbox."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.registry.reminders.queries import PAGE, inbox, inbox_of
from yuejingzhun.platform.registry.reminders.services import mark_seen, set_by_mail


@login_required
@require_GET
def inbox_page(request: HttpRequest) -> HttpResponse:
    """What one's organisations were told, the newest first."""
    actor = current_actor(request)
    found = inbox(actor, _number(request.GET.get("before", "")))
    context = {
        "notices": found,
        "newest": max((notice.id for notice in found if notice.unread), default=None),
        "older": found[-1].id if len(found) == PAGE else None,
        "by_mail": inbox_of(actor.person_id).by_mail,
        "address": request.user.email,
    }
    return render(request, "reminders/inbox.html", context)


@login_required
@require_POST
def seen_page(request: HttpRequest) -> HttpResponse:
    """Mark everything up to a notice as read."""
    newest = _number(request.POST.get("newest", ""))
    if newest is not None:
        mark_seen(current_actor(request), newest)
    return redirect("reminders-inbox")


@login_required
@require_POST
def by_mail_page(request: HttpRequest) -> HttpResponse:
    """Switch the mails on or off."""
    by_mail = request.POST.get("by_mail") == "1"
    set_by_mail(current_actor(request), by_mail, timezone.now())
    messages.success(request, "今后同时发邮件" if by_mail else "今后不再发邮件，提醒仍在这里")
    return redirect("reminders-inbox")


def _number(text: str) -> int | None:
    return min(int(text), 2**63 - 1) if text.isascii() and text.isdecimal() else None
