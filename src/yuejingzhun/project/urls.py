"""All addresses."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path, re_path

from yuejingzhun.platform.operations.certificates import pages as certificates
from yuejingzhun.platform.operations.verification import pages as verification
from yuejingzhun.portals.citizen import log_pages as log
from yuejingzhun.portals.citizen import pages as citizen
from yuejingzhun.portals.laboratory import pages as laboratory
from yuejingzhun.project.api import api

urlpatterns = [
    path("api/v1/", api.urls),
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
    path("c/<str:number>", citizen.certificate_page, name="certificate"),
    re_path(r"^c/(?P<number>[^/]+)/certificate\.(?P<suffix>yjz|pdf|xml)$", citizen.certificate_file, name="file"),
    path("c/<str:number>/revoke", certificates.revoke_certificate, name="revoke"),
    path("sign-in", LoginView.as_view(template_name="sign_in.html", redirect_authenticated_user=True), name="sign-in"),
    path("sign-out", LogoutView.as_view(), name="sign-out"),
    path("work", laboratory.my_work, name="my-work"),
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
]
handler404 = "yuejingzhun.project.errors.not_found"
handler403 = "yuejingzhun.project.errors.forbidden"
handler500 = "yuejingzhun.project.errors.broken"
