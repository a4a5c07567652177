"""The register of measurement standards in the back office, to be read."""

from django.contrib import admin

from yuejingzhun.platform.foundation.office.tables import OfficeTable
from yuejingzhun.platform.registry.standards.models import MeasurementStandard


@admin.register(MeasurementStandard)
class MeasurementStandardTable(OfficeTable):
    subject = "standard"
    list_display = ("number", "name", "level", "owner", "valid_until")
    list_filter = ("level",)
    search_fields = ("=number", "name", "owner__name")
