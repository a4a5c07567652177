from django.apps import AppConfig


class InstrumentsConfig(AppConfig):
    name = "yuejingzhun.platform.registry.instruments"
    label = "instruments"
    verbose_name = "计量器具"
