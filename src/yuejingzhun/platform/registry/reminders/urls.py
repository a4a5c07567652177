"""Addresses of reminders."""

from django.urls import path

from yuejingzhun.platform.registry.reminders import pages

urlpatterns = [
    path("notices", pages.inbox_page, name="reminders-inbox"),
    path("notices/seen", pages.seen_page, name="reminders-seen"),
    path("notices/mail", pages.by_mail_page, name="reminders-by-mail"),
]
