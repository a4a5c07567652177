"""Addresses of the evaluation of meters in service."""

from django.urls import path, re_path

from yuejingzhun.platform.operations.metering import evaluation_pages as evaluations
from yuejingzhun.platform.operations.metering import study_pages as studies
from yuejingzhun.platform.operations.metering import truth_pages as truths
from yuejingzhun.platform.operations.metering import work_pages as work

urlpatterns = [
    path("metering", evaluations.list_page, name="metering-list"),
    path("metering/new", evaluations.new_page, name="metering-new"),
    path("metering/<int:evaluation_id>", evaluations.evaluation_page, name="metering-evaluation"),
    path("metering/<int:evaluation_id>/districts", evaluations.districts_page, name="metering-districts"),
    path("metering/<int:evaluation_id>/districts/<path:district>", evaluations.district_page, name="metering-district"),
    path("metering/of/<int:holder_id>/find", evaluations.find_page, name="metering-find"),
    path("metering/of/<int:holder_id>/meters/<path:meter>", evaluations.meter_page, name="metering-meter"),
    path("metering/of/<int:holder_id>/work", work.work_page, name="metering-work"),
    path("metering/of/<int:holder_id>/work/decide", work.decide_page, name="metering-decide"),
    path("metering/of/<int:holder_id>/work/send", work.send_page, name="metering-send"),
    path("metering/of/<int:holder_id>/truths", truths.truths_page, name="metering-truths"),
    path("metering/of/<int:holder_id>/truths/table", truths.table_page, name="metering-table"),
    path("metering/of/<int:holder_id>/truths/bring", truths.bring_page, name="metering-bring"),
    path("metering/of/<int:holder_id>/truths/<int:truth_id>/withdraw", truths.withdraw_page, name="metering-withdraw"),
    path("metering/of/<int:holder_id>/record", truths.record_page, name="metering-record"),
    path("metering/of/<int:holder_id>/lists", studies.lists_page, name="metering-lists"),
    path("metering/<int:evaluation_id>/studies/<slug:kind>", studies.new_page, name="metering-new-study"),
    path("metering/studies/<int:analysis_id>", studies.study_page, name="metering-study"),
    re_path(
        r"^metering/studies/(?P<analysis_id>[0-9]{1,18})/table\.(?P<suffix>csv|xlsx)$",
        studies.study_file,
        name="metering-study-file",
    ),
]
