"""Addresses of the catalogue."""

from django.urls import path

from yuejingzhun.platform.registry.catalogue import pages

urlpatterns = [
    path("catalogue", pages.catalogue_page, name="catalogue"),
    path("catalogue/<str:code>", pages.entry_page, name="catalogue-entry"),
]
