from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "yuejingzhun.platform.foundation.accounts"
    label = "accounts"
    verbose_name = "账户"
