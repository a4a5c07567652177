"""Addresses of the indicators and the plan's tasks."""

from django.urls import path, re_path

from yuejingzhun.platform.supervision.indicators import pages, plan_pages

urlpatterns = [
    path("indicators", pages.list_page, name="indicators"),
    path("indicators/tasks", plan_pages.tasks_page, name="indicators-tasks"),
    path("indicators/tasks/<str:code>/milestones/new", plan_pages.new_milestone_page, name="indicators-new-milestone"),
    path("indicators/milestones/<int:milestone_id>", plan_pages.milestone_page, name="indicators-milestone"),
    re_path(r"^indicators/notice\.(?P<suffix>pdf|docx)$", plan_pages.notice_file, name="indicators-notice"),
    path("indicators/items/<int:item_id>", pages.item_page, name="indicators-item"),
    path("indicators/<str:code>", pages.indicator_page, name="indicators-one"),
    path("indicators/<str:code>/items/new", pages.record_page, name="indicators-record"),
    path("indicators/<str:code>/targets/new", pages.target_page, name="indicators-target"),
]
