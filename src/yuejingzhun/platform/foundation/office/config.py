"""Django's admin with our own site in the place of its default one."""

from django.contrib.admin.apps import AdminConfig


class OfficeConfig(AdminConfig):
    """In INSTALLED_APPS instead of `django.contrib.admin`."""

    default_site = "yuejingzhun.platform.foundation.office.site.OfficeSite"
