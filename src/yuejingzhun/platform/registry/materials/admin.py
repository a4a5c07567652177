"""Reference materials and their batches in the back office, to be read."""

from django.contrib import admin

from yuejingzhun.platform.foundation.office.tables import OfficeTable
from yuejingzhun.platform.registry.materials.models import Batch, ReferenceMaterial


@admin.register(ReferenceMaterial)
class ReferenceMaterialTable(OfficeTable):
    subject = "material"
    list_display = ("number", "name", "grade", "producer")
    list_filter = ("grade",)
    search_fields = ("=number", "name")


@admin.register(Batch)
class BatchTable(OfficeTable):
    subject = "batch"
    list_display = ("number", "material", "owner", "expires_on", "withdrawn_on")
    search_fields = ("=number", "=material__number")
