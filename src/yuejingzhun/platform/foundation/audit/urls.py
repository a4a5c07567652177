"""The addresses of the audit trail."""

from django.urls import path

from yuejingzhun.platform.foundation.audit import pages

urlpatterns = [
    path("audit", pages.trail_page, name="audit"),
    path("audit.csv", pages.trail_file, name="audit-file"),
]
