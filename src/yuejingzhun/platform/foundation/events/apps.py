from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "yuejingzhun.platform.foundation.events"
    label = "events"
    verbose_name = "事件"
