"""Prices and applications in the back office, to be read; a price is set by the province's regulator."""

from django.contrib import admin

from yuejingzhun.platform.foundation.office.tables import OfficeTable
from yuejingzhun.platform.operations.mandatory.models import Application, Tariff


@admin.register(Tariff)
class TariffTable(OfficeTable):
    subject = "tariff"
    list_display = ("item", "amount", "valid_from", "source")
    search_fields = ("=item",)


@admin.register(Application)
class ApplicationTable(OfficeTable):
    subject = "application"
    list_display = ("number", "holder", "institute", "item", "state", "applied_at", "due_on")
    search_fields = ("number__exact",)
