from django.apps import AppConfig


class MaterialsConfig(AppConfig):
    name = "yuejingzhun.platform.registry.materials"
    label = "materials"
    verbose_name = "标准物质"
