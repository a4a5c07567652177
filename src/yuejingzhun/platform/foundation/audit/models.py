"""The audit trail and its heads in the log. Triggers of the database forbid to change or delete either."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class AuditEvent(models.Model):
    """One change of state: who, for whom, when, what, before and after."""

    at = models.DateTimeField("时间")
    actor_id = models.BigIntegerField("人员编号")
    actor_name = models.CharField("姓名", max_length=80)
    organisation_id = models.BigIntegerField("单位编号", null=True)
    region = models.CharField("行政区划", max_length=6, blank=True, default="", db_default="")
    action = models.CharField("动作", max_length=60)
    subject = models.CharField("对象", max_length=60)
    subject_id = models.BigIntegerField("对象编号")
    before = models.JSONField("之前", null=True)
    after = models.JSONField("之后", null=True)
    reason = models.TextField("原因", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计事件"
        # Read by the history of one subject, by what one person did, by an organisation's quality manager, by a
        # region's regulator, and by who looks for a day. The events lie in the order of their time: a BRIN is enough.
        indexes = (
            models.Index(fields=["subject", "subject_id", "at"], name="audit_subject"),
            models.Index(fields=["actor_id", "id"], name="audit_person"),
            models.Index(fields=["organisation_id", "id"], name="audit_organisation"),
            models.Index(fields=["region", "id"], name="audit_region"),
            BrinIndex(fields=["at"], name="audit_day", autosummarize=True),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action}"


class LoggedHead(models.Model):
    """Which events a head in the log covers, with the hash of each: so that the one that differs can be named."""

    last = models.BigIntegerField("末条编号", primary_key=True)
    first = models.BigIntegerField("首条编号", unique=True)
    events = ArrayField(models.BigIntegerField(), verbose_name="事件")
    leaves = models.BinaryField("哈希")
    root = models.BinaryField("根")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "审计线索的头"

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"
