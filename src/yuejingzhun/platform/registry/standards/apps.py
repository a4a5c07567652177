from django.apps import AppConfig


class StandardsConfig(AppConfig):
    name = "yuejingzhun.platform.registry.standards"
    label = "standards"
    verbose_name = "计量标准"
