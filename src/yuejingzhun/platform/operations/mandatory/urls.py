"""Addresses of mandatory verification."""

from django.urls import path, re_path

from yuejingzhun.platform.operations.mandatory import (
    application_pages,
    batch_pages,
    calendar_pages,
    desk_pages,
    holder_pages,
    regulator_pages,
)

urlpatterns = [
    path("mandatory/apply", holder_pages.apply_page, name="mandatory-apply"),
    path("mandatory/applications", holder_pages.own_page, name="mandatory-own"),
    path("mandatory/desk", desk_pages.desk_page, name="mandatory-desk"),
    path("mandatory/find", desk_pages.find_page, name="mandatory-find"),
    path("mandatory/waiting", desk_pages.waiting_page, name="mandatory-waiting"),
    path(
        "mandatory/applications/<int:application_id>", application_pages.application_page, name="mandatory-application"
    ),
    path("mandatory/applications/<int:application_id>/labels", application_pages.labels_page, name="mandatory-labels"),
    path("mandatory/applications/<int:application_id>/<slug:act>", application_pages.act_page, name="mandatory-act"),
    path("mandatory/lines/<int:line_id>", application_pages.line_page, name="mandatory-line"),
    path("mandatory/lines/<int:line_id>/<slug:act>", application_pages.line_act_page, name="mandatory-line-act"),
    path("mandatory/batches", batch_pages.batches_page, name="mandatory-batches"),
    path("mandatory/batches/new/<int:job_id>", batch_pages.new_batch_page, name="mandatory-new-batch"),
    re_path(
        r"^mandatory/batches/new/(?P<job_id>[0-9]{1,18})/head\.(?P<suffix>csv|xlsx)$",
        batch_pages.table_head_file,
        name="mandatory-batch-head",
    ),
    path("mandatory/batches/<int:batch_id>", batch_pages.batch_page, name="mandatory-batch"),
    path("mandatory/batches/<int:batch_id>/review", batch_pages.review_batch, name="mandatory-batch-review"),
    path("mandatory/batches/<int:batch_id>/approve", batch_pages.approve_batch, name="mandatory-batch-approve"),
    path("mandatory/overdue", regulator_pages.overdue_page, name="mandatory-overdue"),
    path("mandatory/statistics", regulator_pages.statistics_page, name="mandatory-statistics"),
    re_path(
        r"^mandatory/statistics\.(?P<suffix>csv)$", regulator_pages.statistics_page, name="mandatory-statistics-file"
    ),
    path("mandatory/calendar", calendar_pages.calendar_page, name="mandatory-calendar"),
    path("mandatory/tariffs", regulator_pages.tariffs_page, name="mandatory-tariffs"),
]
