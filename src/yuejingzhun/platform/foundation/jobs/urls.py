"""Addresses of long tasks."""

from django.urls import path, re_path

from yuejingzhun.platform.foundation.jobs import pages

urlpatterns = [
    path("tasks", pages.task_list, name="tasks-list"),
    path("tasks/<int:task_id>", pages.task_page, name="tasks-task"),
    path("tasks/<int:task_id>/stop", pages.stop_task, name="tasks-stop"),
    path("tasks/<int:task_id>/restart", pages.restart_task, name="tasks-restart"),
    re_path(
        r"^tasks/(?P<task_id>[0-9]{1,18})/problems\.(?P<suffix>csv|xlsx)$", pages.problems_file, name="tasks-problems"
    ),
]
