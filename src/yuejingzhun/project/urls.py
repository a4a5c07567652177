"""All addresses."""

from django.contrib import admin
from django.urls import include, path, re_path

from yuejingzhun.platform.operations.certificates import pages as certificates
from yuejingzhun.platform.operations.verification import pages as verification
from yuejingzhun.portals.citizen import label_pages as labels
from yuejingzhun.portals.citizen import log_pages as log
from yuejingzhun.portals.citizen import pages as citizen
from yuejingzhun.portals.laboratory import pages as laboratory
from yuejingzhun.portals.maker import pages as maker
from yuejingzhun.portals.regulator import holder_pages as holders
from yuejingzhun.portals.regulator import pages as regulator
from yuejingzhun.portals.screen import pages as screen
from yuejingzhun.project.api import api

urlpatterns = [
    path("api/v1/", api.urls),
    path("office/", admin.site.urls),
    path("", citizen.front, name="front"),
    path("regulations", citizen.regulations_page, name="regulations"),
    path("regulations/<str:code>", citizen.regulation_page, name="regulation"),
    path("check", citizen.check_file, name="check"),
    path("check/offline", log.offline_check, name="offline-check"),
    path("log", log.log_page, name="log"),
    path("log/trust.txt", log.trust_file, name="log-trust"),
    path("log/root.pem", log.root_file, name="log-root"),
    path("log/checkpoint", log.checkpoint_file, name="log-checkpoint"),
    path("log/standing", log.standing_file, name="log-standing"),
    re_path(r"^log/(?P<path>tile/.+)$", log.tile_file, name="log-tile"),
    path("tsa", log.timestamp, name="tsa"),
    path("i/<str:tag>", labels.label_page, name="instruments-label"),
    path("c/<str:number>", citizen.certificate_page, name="certificate"),
    re_path(r"^c/(?P<number>[^/]+)/certificate\.(?P<suffix>yjz|pdf|xml)$", citizen.certificate_file, name="file"),
    path("c/<str:number>/revoke", certificates.revoke_certificate, name="revoke"),
    path("", include("yuejingzhun.platform.foundation.accounts.urls")),
    path("", include("yuejingzhun.platform.foundation.parties.urls")),
    path("", include("yuejingzhun.platform.foundation.audit.urls")),
    path("", include("yuejingzhun.platform.registry.instruments.transfer_urls")),
    path("", include("yuejingzhun.platform.registry.instruments.urls")),
    path("", include("yuejingzhun.platform.registry.reminders.urls")),
    path("", include("yuejingzhun.platform.foundation.jobs.urls")),
    path("", include("yuejingzhun.platform.registry.traceability.urls")),
    path("", include("yuejingzhun.platform.registry.catalogue.urls")),
    path("", include("yuejingzhun.platform.registry.qualifications.urls")),
    path("", include("yuejingzhun.platform.registry.approvals.urls")),
    path("work", laboratory.my_work, name="my-work"),
    path("institute", laboratory.institute_desk, name="institute-desk"),
    path("products", maker.products_page, name="maker-products"),
    path("region", regulator.desk_page, name="regulator-desk"),
    path("screen", screen.wall_page, name="screen"),
    path("holders", holders.holders_page, name="regulator-holders"),
    path("holders/<int:holder_id>", holders.holder_page, name="regulator-holder"),
    path("instruments/<int:instrument_id>", laboratory.instrument_page, name="instrument"),
    path("records/new", verification.choose_regulation, name="choose"),
    path("records/upload", verification.upload_workbook, name="upload"),
    path("records/new/<str:code>/template.xlsx", verification.template, name="template"),
    path("records/new/<str:code>", verification.new_record, name="new-record"),
    path("records/new/<str:code>/preview", verification.preview_record, name="preview"),
    path("records/new/<str:code>/readings", verification.readings_of, name="readings"),
    path("jobs/<int:job_id>", verification.job_page, name="job"),
    path("jobs/<int:job_id>/review", verification.review_job, name="review"),
    path("jobs/<int:job_id>/return", verification.return_job, name="return"),
    path("jobs/<int:job_id>/approve", certificates.approve_job, name="approve"),
    path("", include("yuejingzhun.platform.registry.standards.urls")),
    path("", include("yuejingzhun.platform.registry.materials.urls")),
    path("", include("yuejingzhun.platform.operations.mandatory.urls")),
    path("", include("yuejingzhun.platform.operations.metering.urls")),
    path("", include("yuejingzhun.platform.supervision.credit.urls")),
    path("", include("yuejingzhun.platform.supervision.indicators.urls")),
]
handler404 = "yuejingzhun.project.errors.not_found"
handler403 = "yuejingzhun.project.errors.forbidden"
handler500 = "yuejingzhun.project.errors.broken"
