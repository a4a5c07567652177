from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "yuejingzhun.platform.operations.verification"
    label = "verification"
    verbose_name = "检定"
