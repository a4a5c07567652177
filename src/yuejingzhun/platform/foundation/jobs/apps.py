from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "yuejingzhun.platform.foundation.jobs"
    label = "jobs"
    verbose_name = "长任务"
