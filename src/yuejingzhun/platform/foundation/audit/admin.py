"""The trail in the back office, to be read."""

from django.contrib import admin

from yuejingzhun.platform.foundation.audit.models import AuditEvent
from yuejingzhun.platform.foundation.office.tables import OfficeTable


@admin.register(AuditEvent)
class AuditEventTable(OfficeTable):
    subject = "event"
    list_display = ("at", "actor_name", "action", "subject", "subject_id", "region")
    search_fields = ("subject_id__exact", "actor_id__exact")
