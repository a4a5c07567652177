from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "yuejingzhun.platform.foundation.parties"
    label = "parties"
    verbose_name = "组织与人员"
