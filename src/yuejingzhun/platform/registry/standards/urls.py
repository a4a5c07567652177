"""Addresses of measurement standards."""

from django.urls import path

from yuejingzhun.platform.registry.standards import application_pages as applications
from yuejingzhun.platform.registry.standards import pages, standard_acts

urlpatterns = [
    path("published/standards", pages.published_list, name="standards-published-list"),
    path("published/standards/<int:standard_id>", pages.published_page, name="standards-published"),
    path("standards", pages.standard_list, name="standards-list"),
    path("standards/work", applications.work_list, name="standards-work"),
    path("standards/apply", applications.apply_page, name="standards-apply"),
    path("standards/declare", applications.declare_page, name="standards-declare"),
    path("standards/applications/<int:application_id>", applications.application_page, name="standards-application"),
    path(
        "standards/applications/<int:application_id>/<str:act>",
        applications.act_on_application,
        name="standards-application-act",
    ),
    path("standards/<int:standard_id>", pages.standard_page, name="standards-page"),
    path(
        "standards/<int:standard_id>/equipment/<int:equipment_id>",
        standard_acts.renew_certificate,
        name="standards-equipment",
    ),
    path(
        "standards/<int:standard_id>/declarations/<int:declaration_id>/<str:act>",
        standard_acts.act_on_declaration,
        name="standards-declaration-act",
    ),
    path("standards/<int:standard_id>/<str:act>", standard_acts.act_on_standard, name="standards-act"),
]
