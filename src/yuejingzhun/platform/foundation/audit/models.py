"""The audit trail. A trigger of the database forbids to change or delete an event."""

from django.db import models


class AuditEvent(models.Model):
    """One change of state: who, when, what, before and after."""

    at = models.DateTimeField("时间")
    actor_id = models.BigIntegerField("人员编号")
    actor_name = models.CharField("姓名", max_length=80)
    action = models.CharField("动作", max_length=60)
    subject = models.CharField("对象", max_length=60)
    subject_id = models.BigIntegerField("对象编号")
    before = models.JSONField("之前", null=True)
    after = models.JSONField("之后", null=True)
    reason = models.TextField("原因", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计事件"
        # Read by the history of one subject.
        indexes = (models.Index(fields=["subject", "subject_id", "at"], name="audit_subject"),)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action}"
