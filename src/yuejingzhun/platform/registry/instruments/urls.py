"""Addresses of instruments."""

from django.urls import path

from yuejingzhun.platform.registry.instruments import list_pages, pages

urlpatterns = [
    path("instruments", list_pages.own_page, name="instruments-own"),
    path("instruments/search", list_pages.search_page, name="instruments-search"),
    path("instruments/due", list_pages.due_page, name="instruments-due"),
    path("instruments/file", pages.file_page, name="instruments-file"),
    path("instruments/labels", pages.labels_page, name="instruments-labels"),
    path("instruments/<int:instrument_id>/place", pages.relocate_page, name="instruments-relocate"),
    path("instruments/<int:instrument_id>/use", pages.in_use_page, name="instruments-in-use"),
    path("instruments/<int:instrument_id>/holder", pages.hand_over_page, name="instruments-hand-over"),
]
