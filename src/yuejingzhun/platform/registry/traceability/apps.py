from django.apps import AppConfig


class TraceabilityConfig(AppConfig):
    name = "yuejingzhun.platform.registry.traceability"
    label = "traceability"
    verbose_name = "溯源"
