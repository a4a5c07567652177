"""Addresses of type approvals and software filings."""

from django.urls import path, re_path

from yuejingzhun.platform.registry.approvals import application_pages as applications
from yuejingzhun.platform.registry.approvals import pages, software_pages

APPLICATION = "approvals/applications/<int:application_id>"
TYPE = "types/<str:number>"
FILE = r"(?P<suffix>json|sig|der|tlog-proof)$"
SOFTWARE_FILE = rf"^types/software/(?P<number>[\w-]{{1,30}})/(?P<event>filed|accepted|blocked)\.{FILE}"
EDITION_FILE = (
    r"^types/(?P<number>[\w-]{1,20})/certificates/(?P<edition>\d{1,5})/"
    r"(?P<suffix>certificate\.json|json|sig|der|tlog-proof)$"
)
WITHDRAWAL_FILE = rf"^types/(?P<number>[\w-]{{1,20}})/withdrawn\.{FILE}"

urlpatterns = [
    path("approvals", pages.desk, name="approvals"),
    path("approvals/own", pages.own_page, name="approvals-own"),
    path("approvals/work", pages.work_page, name="approvals-work"),
    path("approvals/evaluations", pages.evaluations_page, name="approvals-evaluations"),
    path("approvals/apply", applications.apply_page, name="approvals-apply"),
    path(APPLICATION, applications.application_page, name="approvals-application"),
    path(f"{APPLICATION}/papers/<int:document_id>", applications.document_file, name="approvals-document"),
    path(f"{APPLICATION}/<str:act>", applications.act_on_application, name="approvals-act"),
    path("approvals/software/<str:number>/<str:act>", software_pages.act_on_software, name="approvals-software-act"),
    path("approvals/devices/<str:tag>", software_pages.device_page, name="approvals-device"),
    re_path(SOFTWARE_FILE, software_pages.statement_file, name="approvals-statement"),
    re_path(EDITION_FILE, pages.edition_file, name="approvals-edition-file"),
    re_path(WITHDRAWAL_FILE, pages.withdrawal_file, name="approvals-withdrawal-file"),
    path("types", pages.types_page, name="approvals-types"),
    path(TYPE, pages.type_page, name="approvals-type"),
    path(f"{TYPE}/change", applications.change_page, name="approvals-change"),
    path(f"{TYPE}/withdraw", pages.withdraw_type, name="approvals-withdraw"),
    path(f"{TYPE}/software", software_pages.file_page, name="approvals-file-software"),
    path(f"{TYPE}/astray", software_pages.astray_page, name="approvals-astray"),
    path(f"{TYPE}/compare", software_pages.compare_page, name="approvals-compare"),
]
