from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "yuejingzhun.platform.registry.reminders"
    label = "reminders"
    verbose_name = "到期提醒"
