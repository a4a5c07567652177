"""Addresses of authorised institutes and registered metrologists."""

from django.urls import path, re_path

from yuejingzhun.platform.registry.qualifications import metrologist_pages, pages, public_pages

INSTITUTE = "qualifications/institutes/<int:institute_id>"
METROLOGIST = "qualifications/metrologists/<int:person_id>"
FOLLOW = r"^qualifications/metrologists/(?P<person_id>\d{1,9})/(?P<registration_id>\d{1,9})/(?P<act>change|extend)$"

urlpatterns = [
    path("authorised", public_pages.authorised_page, name="qualifications-authorised"),
    path("coverage", public_pages.coverage_page, name="qualifications-coverage"),
    path("qualifications", pages.institutes_page, name="qualifications"),
    path(INSTITUTE, pages.institute_page, name="qualifications-institute"),
    path(f"{INSTITUTE}/grant", pages.grant, name="qualifications-grant"),
    path(f"{INSTITUTE}/<int:authorisation_id>/change", pages.change, name="qualifications-change"),
    path(f"{INSTITUTE}/<int:authorisation_id>/withdraw", pages.withdraw, name="qualifications-withdraw"),
    path(f"{INSTITUTE}/register", metrologist_pages.register, name="qualifications-register"),
    path(METROLOGIST, metrologist_pages.metrologist_page, name="qualifications-metrologist"),
    re_path(FOLLOW, metrologist_pages.follow, name="qualifications-follow"),
    path(f"{METROLOGIST}/<int:registration_id>/cancel", metrologist_pages.cancel, name="qualifications-cancel"),
    path(f"{METROLOGIST}/training", metrologist_pages.training, name="qualifications-training"),
    path(f"{METROLOGIST}/peer-review", metrologist_pages.peer_review, name="qualifications-peer-review"),
]
