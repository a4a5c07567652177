"""Addresses of import and export."""

from django.urls import path, re_path

from yuejingzhun.platform.registry.instruments import transfer_pages as pages

urlpatterns = [
    path("instruments/import", pages.import_page, name="instruments-import"),
    path("instruments/import/preview", pages.preview_page, name="instruments-import-preview"),
    path("instruments/import/start", pages.start_import, name="instruments-import-start"),
    re_path(r"^instruments/export\.(?P<suffix>csv|xlsx|parquet)$", pages.export_page, name="instruments-export"),
]
