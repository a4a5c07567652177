"""The fixtures of accounts, from a module that the tests can also import."""

from conftest_accounts import account, clock

__all__ = ["account", "clock"]
