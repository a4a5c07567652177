from django.apps import AppConfig


class QualificationsConfig(AppConfig):
    name = "yuejingzhun.platform.registry.qualifications"
    label = "qualifications"
    verbose_name = "资质"
