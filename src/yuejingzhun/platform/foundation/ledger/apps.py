from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "yuejingzhun.platform.foundation.ledger"
    label = "ledger"
    verbose_name = "存证"
