from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "yuejingzhun.platform.registry.approvals"
    label = "approvals"
    verbose_name = "型式批准"
