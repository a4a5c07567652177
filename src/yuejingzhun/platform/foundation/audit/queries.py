"""Reads of the audit trail."""

from yuejingzhun.platform.foundation.audit.models import AuditEvent


def history(subject: str, subject_id: int) -> list[AuditEvent]:
    """All events of one subject, oldest first."""
    return list(AuditEvent.objects.filter(subject=subject, subject_id=subject_id).order_by("at", "pk"))
