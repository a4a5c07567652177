from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "yuejingzhun.platform.supervision.indicators"
    label = "indicators"
    verbose_name = "计量发展指标"
