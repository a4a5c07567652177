from django.apps import AppConfig


class MeteringConfig(AppConfig):
    name = "yuejingzhun.platform.operations.metering"
    label = "metering"
    verbose_name = "在用计量器具状态评价"
