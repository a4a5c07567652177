"""Authorisations and registrations in the back office, to be read."""

from django.contrib import admin

from yuejingzhun.platform.foundation.office.tables import OfficeTable
from yuejingzhun.platform.registry.qualifications.models import Authorisation, Registration


@admin.register(Authorisation)
class AuthorisationTable(OfficeTable):
    subject = "authorisation"
    list_display = ("number", "institute", "kind", "level", "valid_from", "valid_until")
    list_filter = ("kind", "level")
    search_fields = ("=number", "institute__name")


@admin.register(Registration)
class RegistrationTable(OfficeTable):
    subject = "registration"
    list_display = ("number", "person", "institute", "level", "valid_from", "valid_until")
    list_filter = ("level",)
    search_fields = ("=number", "person__name", "institute__name")
