"""As in use; only the addresses differ by one."""

from yuejingzhun.project.settings import *  # noqa: F403

ROOT_URLCONF = "lookup_site.urls"
