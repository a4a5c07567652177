"""Authorised institutes and registered metrologists: rows with dates that are superseded or ended, never edited."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


def link(to: str, label: str, **more: object) -> models.ForeignKey:  # type: ignore[type-arg]
    """A row that stays as long as what points at it; no name back, since none is read that way."""
    return models.ForeignKey(to, models.PROTECT, related_name="+", verbose_name=label, **more)  # type: ignore[arg-type]


class Authorisation(models.Model):
    """A certificate by which an institute may verify: as a legal institute or authorised for some items."""

    class Kind(models.TextChoices):
        LEGAL = "legal", "法定计量检定机构"
        AUTHORISED = "authorised", "授权的计量技术机构"

    class Level(models.TextChoices):
        PROVINCE = "province", "省级"
        CITY = "city", "市级"
        COUNTY = "county", "县级"

    institute = models.ForeignKey(
        "parties.Organisation", models.PROTECT, db_index=False, related_name="authorisations", verbose_name="机构"
    )
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    level = models.CharField("级别", max_length=10, choices=Level.choices)
    number = models.CharField("授权证书号", max_length=80)
    valid_from = models.DateField("生效日期")
    valid_until = models.DateField("截止日期")
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by", verbose_name="换自"
    )
    granted_by = link("parties.Person", "办理人")
    granted_at = models.DateTimeField("办理时间")

    class Meta:
        verbose_name = verbose_name_plural = "机构授权"
        indexes = (
            # Read by the institute's page, and by whether it may verify.
            models.Index(fields=["institute", "valid_from"], name="authorisation_of_institute"),
            # Read by the regulator's list of what ends soon.
            models.Index(fields=["valid_until", "id"], name="authorisation_by_end"),
        )
        constraints = (
            models.CheckConstraint(name="authorisation_term", condition=Q(valid_until__gte=F("valid_from"))),
            models.CheckConstraint(name="authorisation_kind", condition=Q(kind__in=["legal", "authorised"])),
            models.CheckConstraint(name="authorisation_level", condition=Q(level__in=["province", "city", "county"])),
        )

    def __str__(self) -> str:
        return self.number


class AuthorisedItem(models.Model):
    """One line of an authorisation: an entry of the catalogue, a regulation or both, where and how far."""

    authorisation = models.ForeignKey(Authorisation, models.PROTECT, related_name="items", verbose_name="授权")
    item = models.CharField("强制管理目录项目", max_length=12, blank=True, default="")
    regulation = models.CharField("检定规程", max_length=40, blank=True, default="")
    series = models.CharField("规程号（不含年份）", max_length=40, blank=True, default="")
    measuring_range = models.CharField("测量范围", max_length=200, blank=True, default="")
    accuracy = models.CharField("准确度等级或最大允许误差", max_length=120, blank=True, default="")
    region = models.CharField("授权区域", max_length=6)

    class Meta:
        verbose_name = verbose_name_plural = "授权项目"
        indexes = (
            # Read by the look-up of who may verify an item, and what, by which regulation, in a region.
            models.Index(fields=["item", "region"], name="authorised_item_reach"),
            models.Index(fields=["series", "region"], name="authorised_series_reach"),
        )
        constraints = (
            models.CheckConstraint(name="authorised_for_something", condition=~Q(item="") | ~Q(regulation="")),
            models.CheckConstraint(name="authorised_region", condition=Q(region__regex=r"^44[0-9]{4}$")),
        )

    def __str__(self) -> str:
        return self.item or self.regulation


class Withdrawal(models.Model):
    """The end of an authorisation before its term."""

    authorisation = models.OneToOneField(
        Authorisation, models.PROTECT, related_name="withdrawal", verbose_name="机构授权"
    )
    effective_from = models.DateField("自何日起失效")
    reason = models.CharField("原因", max_length=500)
    withdrawn_by = link("parties.Person", "办理人")
    withdrawn_at = models.DateTimeField("办理时间")

    class Meta:
        verbose_name = verbose_name_plural = "授权撤销"

    def __str__(self) -> str:
        return f"{self.authorisation_id} {self.effective_from}"


class Registration(models.Model):
    """A registered metrologist's term in one institute, for the regulations listed."""

    class Level(models.TextChoices):
        FIRST = "first", "一级注册计量师"
        SECOND = "second", "二级注册计量师"

    class Act(models.TextChoices):
        REGISTRATION = "registration", "初始注册"
        CHANGE = "change", "变更注册"
        EXTENSION = "extension", "延续注册"

    person = models.ForeignKey("parties.Person", models.PROTECT, db_index=False, verbose_name="注册计量师")
    institute = models.ForeignKey("parties.Organisation", models.PROTECT, verbose_name="执业单位")
    level = models.CharField("级别", max_length=8, choices=Level.choices)
    number = models.CharField("注册证编号", max_length=80)
    regulations = ArrayField(models.CharField(max_length=40), verbose_name="注册项目")
    act = models.CharField("办理事项", max_length=14, choices=Act.choices)
    valid_from = models.DateField("生效日期")
    valid_until = models.DateField("截止日期")
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by", verbose_name="换自"
    )
    granted_by = link("parties.Person", "办理人")
    granted_at = models.DateTimeField("办理时间")

    class Meta:
        verbose_name = verbose_name_plural = "计量师注册"
        indexes = (
            # Read by the metrologist's page, and by whether a person may test.
            models.Index(fields=["person", "valid_from"], name="registration_of_person"),
        )
        constraints = (
            models.CheckConstraint(name="registration_term", condition=Q(valid_until__gte=F("valid_from"))),
            models.CheckConstraint(name="registration_level", condition=Q(level__in=["first", "second"])),
            models.CheckConstraint(
                name="registration_act",
                condition=Q(act="registration", supersedes=None)
                | Q(act__in=["change", "extension"], supersedes__isnull=False),
            ),
            models.CheckConstraint(name="registered_for_something", condition=Q(regulations__len__gt=0)),
        )

    def __str__(self) -> str:
        return self.number


class Cancellation(models.Model):
    """The end of a registration before its term."""

    registration = models.OneToOneField(
        Registration, models.PROTECT, related_name="cancellation", verbose_name="计量师注册"
    )
    effective_from = models.DateField("自何日起失效")
    reason = models.CharField("原因", max_length=500)
    cancelled_by = link("parties.Person", "办理人")
    cancelled_at = models.DateTimeField("办理时间")

    class Meta:
        verbose_name = verbose_name_plural = "注册注销"

    def __str__(self) -> str:
        return f"{self.registration_id} {self.effective_from}"


class Training(models.Model):
    """A course that a person completed."""

    person = models.ForeignKey("parties.Person", models.PROTECT, related_name="+", verbose_name="人员")
    institute = link("parties.Organisation", "记录单位")
    title = models.CharField("培训内容", max_length=200)
    organiser = models.CharField("举办单位", max_length=200)
    hours = models.PositiveSmallIntegerField("学时")
    completed_on = models.DateField("完成日期")
    passed = models.BooleanField("考核合格")
    recorded_by = link("parties.Person", "记录人")
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "培训记录"

    def __str__(self) -> str:
        return self.title


class PeerReview(models.Model):
    """A confirmation of a person's competence for a regulation 能力确认 by a peer 同行评审."""

    person = models.ForeignKey("parties.Person", models.PROTECT, related_name="+", verbose_name="人员")
    institute = link("parties.Organisation", "记录单位")
    regulation = models.CharField("检定规程", max_length=40)
    method = models.CharField("确认方式", max_length=200)
    confirmed = models.BooleanField("能力得到确认")
    remarks = models.TextField("意见", blank=True)
    reviewed_on = models.DateField("评审日期")
    reviewer = link("parties.Person", "评审人")
    recorded_by = link("parties.Person", "记录人")
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "同行评审"
        constraints = (models.CheckConstraint(name="reviewed_by_another", condition=~Q(reviewer=F("person"))),)

    def __str__(self) -> str:
        return f"{self.regulation} {self.reviewed_on}"
