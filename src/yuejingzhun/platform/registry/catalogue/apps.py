from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "yuejingzhun.platform.registry.catalogue"
    label = "catalogue"
    verbose_name = "强制管理目录"
