"""Notices of a day, who has read them and wants them by mail, and how far a day's round has come."""

from django.db import models
from django.db.models import Q

from yuejingzhun.platform.registry.reminders.rules import Kind


class Notice(models.Model):
    """What an organisation is told on a day; of an instrument it says nothing but that it is counted."""

    organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+", verbose_name="单位", db_index=False
    )
    kind = models.CharField("事由", max_length=12, choices=[(kind.name, kind.value) for kind in Kind])
    day = models.DateField("日期")
    number = models.PositiveBigIntegerField("台件")
    first_due = models.DateField("最早到期日", null=True)
    last_due = models.DateField("最晚到期日", null=True)
    parts = models.JSONField("各项目或各地的台件")  # {code of the catalogue, or of the division: number}

    class Meta:
        verbose_name = verbose_name_plural = "提醒"
        constraints = (
            models.UniqueConstraint(fields=["organisation", "day", "kind"], name="one_notice_a_day_and_kind"),
            models.CheckConstraint(name="a_notice_counts_something", condition=Q(number__gt=0)),
        )
        indexes = (
            models.Index(fields=["organisation", "-id"], name="notice_inbox"),  # read by the inbox and its count
            models.Index(fields=["day", "organisation"], name="notice_of_day"),  # read by the round's mails
        )

    def __str__(self) -> str:
        return f"{self.day} {self.get_kind_display()}"


class Inbox(models.Model):
    """How far a person has read, and whether notices come by mail as well."""

    person = models.OneToOneField("parties.Person", models.PROTECT, related_name="+", verbose_name="人员")
    seen_to = models.BigIntegerField("已读到", default=0)
    by_mail = models.BooleanField("同时发邮件", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "收件箱"

    def __str__(self) -> str:
        return str(self.person_id)


class Round(models.Model):
    """A day's round: `after` and `mailed_after` are the organisations up to which it is done."""

    day = models.DateField("日期", unique=True)
    after = models.BigIntegerField("做到", default=0)
    made_at = models.DateTimeField("做完", null=True)
    mailed_after = models.BigIntegerField("邮件发到", default=0)
    mailed_at = models.DateTimeField("邮件发完", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "提醒的一轮"
        indexes = (models.Index(fields=["day"], name="round_unfinished", condition=Q(made_at=None)),)

    def __str__(self) -> str:
        return str(self.day)


class Mailing(models.Model):
    """That a person's mail of a day was taken in hand, written before it is sent: none goes out twice."""

    person = models.ForeignKey("parties.Person", models.PROTECT, related_name="+", verbose_name="人员", db_index=False)
    day = models.DateField("日期")
    sent_at = models.DateTimeField("发出", null=True)
    problem = models.TextField("没有发出的原因", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "提醒邮件"
        constraints = (models.UniqueConstraint(fields=["person", "day"], name="one_mail_a_day"),)

    def __str__(self) -> str:
        return f"{self.day} {self.person_id}"
