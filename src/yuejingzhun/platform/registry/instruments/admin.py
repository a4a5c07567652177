"""Instruments in the back office, to be read: by number or label, since there are millions."""

from django.contrib import admin

from yuejingzhun.platform.foundation.office.tables import OfficeTable
from yuejingzhun.platform.registry.instruments.models import Instrument


@admin.register(Instrument)
class InstrumentTable(OfficeTable):
    subject = "instrument"
    list_display = ("serial", "name", "model", "maker", "holder", "region", "in_use", "valid_until")
    search_fields = ("serial__exact", "tag__exact")
