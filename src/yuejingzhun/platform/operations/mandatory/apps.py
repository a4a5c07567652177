from django.apps import AppConfig


class MandatoryConfig(AppConfig):
    name = "yuejingzhun.platform.operations.mandatory"
    label = "mandatory"
    verbose_name = "强制检定"
