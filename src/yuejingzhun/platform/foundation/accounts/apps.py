from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "yuejingzhun.platform.foundation.accounts"
    label = "accounts"
    verbose_name = "账户"

    def ready(self) -> None:
        import yuejingzhun.platform.foundation.accounts.receivers  # noqa: F401 - connects what it declares
