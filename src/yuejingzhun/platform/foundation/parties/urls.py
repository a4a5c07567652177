"""Addresses of organisations."""

from django.urls import path

from yuejingzhun.platform.foundation.parties import pages

urlpatterns = [
    path("organisations/suggestions", pages.suggest_page, name="parties-suggestions"),
]
