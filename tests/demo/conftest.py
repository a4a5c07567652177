"""The fixtures of the demonstration, from a module that the tests can also import."""

from conftest_demo import tiny

__all__ = ["tiny"]
