from django.apps import AppConfig


class CreditConfig(AppConfig):
    name = "yuejingzhun.platform.supervision.credit"
    label = "credit"
    verbose_name = "计量信用"

    def ready(self) -> None:
        """Hear of what happens below."""
        from yuejingzhun.platform.foundation.events.registry import subscribe
        from yuejingzhun.platform.supervision.credit import hearing

        subscribe("credit", hearing.KINDS, hearing.take)
