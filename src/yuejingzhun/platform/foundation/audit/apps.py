from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "yuejingzhun.platform.foundation.audit"
    label = "audit"
    verbose_name = "审计"
