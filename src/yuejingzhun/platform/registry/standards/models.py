"""Measurement standards 计量标准: what they are, what makes them up, what shows that they hold, and their assessment.

JJF 1033-2023. Whether a standard may be used is computed: see queries.validity.
"""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from yuejingzhun.platform.registry.standards.rules import OPEN, Kind, Level, State


def person(verb: str, **more: object) -> models.ForeignKey:  # type: ignore[type-arg]
    """A person who did something; no name back, since none is read that way."""
    return models.ForeignKey("parties.Person", models.PROTECT, related_name="+", verbose_name=verb, **more)  # type: ignore[arg-type]


def plain(value: Decimal) -> str:
    """A decimal without the zeros that its column pads it with, and without an exponent."""
    return format(value.normalize(), "f")


class MeasurementStandard(models.Model):
    """A standard that passed its assessment; its U is in the unit that the regulation asks for.

    `valid_until` ends the term now in force; the terms themselves are in AssessmentCertificate and Declaration, and
    standards older than these tables have none.
    """

    owner = models.ForeignKey("parties.Organisation", models.PROTECT, verbose_name="建标单位")
    name = models.CharField("计量标准名称", max_length=120)
    number = models.CharField("计量标准考核证书号", max_length=80, unique=True)
    regulations = ArrayField(models.CharField(max_length=40), verbose_name="可开展的检定项目")
    expanded_uncertainty = models.DecimalField("扩展不确定度 U", max_digits=24, decimal_places=12)
    unit = models.CharField("U 的单位", max_length=20)
    coverage_factor = models.DecimalField("包含因子 k", max_digits=6, decimal_places=3, default=2)
    certificate = models.CharField("检定或校准证书号", max_length=80)
    valid_until = models.DateField("有效期至")
    traceable_to = models.CharField("溯源至", max_length=120)
    level = models.CharField(
        "级别", max_length=20, choices=[(level.name, level.value) for level in Level], default=Level.PUBLIC_OTHER.name
    )
    items = ArrayField(models.CharField(max_length=12), default=list, blank=True, verbose_name="强制管理目录项目")
    measuring_range = models.CharField("测量范围", max_length=120, blank=True, default="")
    accuracy = models.CharField("准确度等级或最大允许误差", max_length=120, blank=True, default="")
    reported_s = models.FloatField("技术报告的重复性 s", null=True, blank=True)
    allowed_change = models.DecimalField(
        "稳定性允许变化", max_digits=24, decimal_places=12, null=True, blank=True
    )  # |MPE| where used by nominal value, U where by corrected one; null: U
    stability_exemption = models.CharField("不做稳定性考核的理由", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "计量标准"
        indexes = (models.Index(fields=["valid_until", "id"], name="standards_by_term"),)  # read by the list
        constraints = (
            models.CheckConstraint(name="standard_u_is_positive", condition=Q(expanded_uncertainty__gt=0)),
            models.CheckConstraint(name="standard_k_is_positive", condition=Q(coverage_factor__gt=0)),
            models.CheckConstraint(name="standard_s_not_negative", condition=Q(reported_s__gte=0)),
            models.CheckConstraint(name="standard_change_is_positive", condition=Q(allowed_change__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.number}"

    @property
    def shown_uncertainty(self) -> str:
        """U and k as written: the columns pad with zeros."""
        return f"U = {plain(self.expanded_uncertainty)} {self.unit}（k = {plain(self.coverage_factor)}）"

    @property
    def shown_change(self) -> str:
        """The change of the check standard that is allowed."""
        return f"{plain(self.allowed_change or self.expanded_uncertainty)} {self.unit}"


class Equipment(models.Model):
    """An instrument of a standard; one that was replaced stays with the day on which it left."""

    standard = models.ForeignKey(MeasurementStandard, models.PROTECT, related_name="equipment", verbose_name="计量标准")
    is_main = models.BooleanField("计量标准器")
    name = models.CharField("名称", max_length=120)
    model = models.CharField("型号", max_length=120)
    serial = models.CharField("出厂编号", max_length=120)
    certificate = models.CharField("检定或校准证书号", max_length=80)
    valid_until = models.DateField("有效期至")
    added_on = models.DateField("启用日期")
    removed_on = models.DateField("停用日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "标准器与配套设备"
        constraints = (models.CheckConstraint(name="removed_after_added", condition=Q(removed_on__gte=F("added_on"))),)

    def __str__(self) -> str:
        return f"{self.name} {self.model} {self.serial}"


class StandardMaterial(models.Model):
    """A reference material that is part of a standard, by its number; the batch in date is asked of `materials`."""

    standard = models.ForeignKey(MeasurementStandard, models.PROTECT, related_name="materials", verbose_name="计量标准")
    number = models.CharField("标准物质编号", max_length=20)

    class Meta:
        verbose_name = verbose_name_plural = "所用标准物质"
        constraints = (models.UniqueConstraint(fields=["standard", "number"], name="one_row_a_material"),)

    def __str__(self) -> str:
        return self.number


class RepeatabilityRecord(models.Model):
    """Ten or more readings under repeatability conditions against the s of the technical report; append-only."""

    standard = models.ForeignKey(MeasurementStandard, models.PROTECT, related_name="+", db_index=False)
    measured_on = models.DateField("试验日期")
    readings = ArrayField(models.DecimalField(max_digits=24, decimal_places=12), verbose_name="读数")
    s = models.FloatField("实验标准偏差 s")
    limit = models.FloatField("技术报告的 s")
    passed = models.BooleanField("合格")
    recorded_by = person("记录人")
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "重复性试验记录"
        constraints = (
            models.UniqueConstraint(fields=["standard", "measured_on"], name="repeatability_once_a_day"),
            models.CheckConstraint(name="ten_readings_or_more", condition=Q(readings__len__gte=10)),
        )

    def __str__(self) -> str:
        return f"{self.measured_on} s = {self.s:.3g}"


class StabilityRecord(models.Model):
    """A group of readings of the check standard, and the change of its mean since the group before; append-only."""

    standard = models.ForeignKey(MeasurementStandard, models.PROTECT, related_name="+", db_index=False)
    measured_on = models.DateField("考核日期")
    readings = ArrayField(models.DecimalField(max_digits=24, decimal_places=12), verbose_name="读数")
    mean = models.FloatField("平均值")
    change = models.FloatField("与上一组之差", null=True)
    limit = models.DecimalField("允许变化", max_digits=24, decimal_places=12)
    passed = models.BooleanField("合格", null=True)
    recorded_by = person("记录人")
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "稳定性考核记录"
        constraints = (
            models.UniqueConstraint(fields=["standard", "measured_on"], name="stability_once_a_day"),
            models.CheckConstraint(name="group_has_ten_readings", condition=Q(readings__len__gte=10)),
            models.CheckConstraint(
                name="verdict_needs_a_change",
                condition=Q(change=None, passed=None) | Q(change__isnull=False, passed__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.measured_on} {self.mean:.6g}"

    @property
    def shown_limit(self) -> str:
        """The change that was allowed."""
        return plain(self.limit)


class Application(models.Model):
    """An application for assessment. What was handed in is never edited: a returned one is made again."""

    kind = models.CharField("类别", max_length=10, choices=[(kind.name, kind.value) for kind in Kind])
    applicant = models.ForeignKey("parties.Organisation", models.PROTECT, related_name="+", verbose_name="申请单位")
    standard = models.ForeignKey(MeasurementStandard, models.PROTECT, null=True, related_name="+")
    presiding = models.CharField("主持考核部门所在行政区划", max_length=6)
    name = models.CharField("计量标准名称", max_length=120)
    content = models.JSONField("申请内容")
    figures_hold = models.BooleanField("技术报告的数据符合要求")
    state = models.CharField("状态", max_length=12, choices=[(state.name, state.value) for state in State])
    applied_by = person("申请人")
    applied_at = models.DateTimeField("申请时间")
    note = models.TextField("最近一步的意见", blank=True)
    correct_by = models.DateField("整改期限", null=True)
    decided_by = person("审批人", null=True)
    decided_at = models.DateTimeField("审批时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "计量标准考核申请"
        indexes = (
            models.Index(fields=["presiding", "state", "id"], name="application_presiding"),  # a regulator's work
            models.Index(fields=["applicant", "id"], name="application_applicant"),  # the applicant's list
        )
        constraints = (
            models.UniqueConstraint(
                fields=["standard"],
                condition=Q(state__in=[state.name for state in OPEN]),
                name="one_open_application",
            ),
            models.UniqueConstraint(  # what a form sent twice would break
                fields=["applicant", "name"],
                condition=Q(state__in=[state.name for state in OPEN]),
                name="one_open_application_of_a_name",
            ),
            models.CheckConstraint(
                name="decided_when_it_says_so",
                condition=Q(state__in=["APPROVED", "REFUSED"], decided_by__isnull=False, decided_at__isnull=False)
                | (~Q(state__in=["APPROVED", "REFUSED"]) & Q(decided_by=None, decided_at=None)),
            ),
            models.CheckConstraint(
                name="correcting_has_a_term", condition=~Q(state="CORRECTING") | Q(correct_by__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.get_kind_display()}"


class Assignment(models.Model):
    """An assessor 考评员 appointed for an application; a trigger refuses one of the applicant's own people."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="assignments", verbose_name="申请")
    assessor = person("考评员")

    class Meta:
        verbose_name = verbose_name_plural = "考评任务"
        constraints = (models.UniqueConstraint(fields=["application", "assessor"], name="appointed_once"),)

    def __str__(self) -> str:
        return f"{self.application_id} {self.assessor_id}"


class AssessmentCertificate(models.Model):
    """计量标准考核证书, immutable but for the day, set once, from which it holds no more before its end."""

    standard = models.ForeignKey(MeasurementStandard, models.PROTECT, related_name="certificates")
    application = models.OneToOneField(Application, models.PROTECT, related_name="certificate", verbose_name="申请")
    number = models.CharField("证书号", max_length=80)
    content = models.JSONField("证书内容")
    starts_on = models.DateField("生效日期")
    ends_on = models.DateField("有效期至")
    previous_until = models.DateField("原有效期至", null=True)  # of a term that has no row here
    ended_on = models.DateField("提前失效日期", null=True)
    issued_by = person("签发人")
    issued_at = models.DateTimeField("签发时间")

    class Meta:
        verbose_name = verbose_name_plural = "计量标准考核证书"
        constraints = (
            models.CheckConstraint(name="term_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(
                name="ended_within_term", condition=Q(ended_on__gte=F("starts_on"), ended_on__lte=F("ends_on"))
            ),
        )

    def __str__(self) -> str:
        return self.number


class Declaration(models.Model):
    """An enterprise's self-declaration 最高计量标准自我声明; what was declared is never edited."""

    class State(models.TextChoices):
        PUBLISHED = "published", "已公开"
        CONTESTED = "contested", "有异议"
        WITHDRAWN = "withdrawn", "已撤回"
        ANNULLED = "annulled", "异议成立，已失效"

    standard = models.ForeignKey(MeasurementStandard, models.PROTECT, related_name="declarations")
    content = models.JSONField("声明内容")
    starts_on = models.DateField("声明日期")
    ends_on = models.DateField("声明有效期至")
    ended_on = models.DateField("失效日期", null=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PUBLISHED)
    reason = models.TextField("异议、撤回或处理的理由", blank=True)
    declared_by = person("声明人")
    declared_at = models.DateTimeField("声明时间")

    class Meta:
        verbose_name = verbose_name_plural = "最高计量标准自我声明"
        constraints = (
            models.UniqueConstraint(fields=["standard"], condition=Q(ended_on=None), name="one_declaration_at_a_time"),
            models.CheckConstraint(name="declared_term", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(
                name="ended_when_it_says_so",
                condition=Q(state__in=["withdrawn", "annulled"], ended_on__isnull=False)
                | Q(state__in=["published", "contested"], ended_on=None),
            ),
        )

    def __str__(self) -> str:
        return f"{self.standard_id} {self.starts_on}"


class Interruption(models.Model):
    """A time in which a standard may not be used: suspension 封存或暂停使用, or cancellation 撤销 that has no end."""

    standard = models.ForeignKey(MeasurementStandard, models.PROTECT, related_name="+", verbose_name="计量标准")
    is_final = models.BooleanField("撤销")
    by_authority = models.BooleanField("监管部门决定")
    reason = models.TextField("原因")
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("恢复使用日期", null=True)
    begun_by = person("决定人")
    ended_by = person("恢复人", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "封存、暂停与撤销"
        constraints = (
            models.UniqueConstraint(fields=["standard"], condition=Q(ends_on=None), name="one_interruption_at_a_time"),
            models.CheckConstraint(name="resumed_after_start", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(name="cancelled_for_good", condition=Q(is_final=False) | Q(ends_on=None)),
            models.CheckConstraint(name="interrupted_with_a_reason", condition=~Q(reason="")),
        )

    def __str__(self) -> str:
        return f"{self.standard_id} {self.starts_on}"


class NumberSeries(models.Model):
    """The last number given in a series; its row is locked while the next is taken."""

    prefix = models.CharField("字头", max_length=60, unique=True)
    last = models.PositiveIntegerField("最近一个序号", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编号"

    def __str__(self) -> str:
        return f"{self.prefix} {self.last}"
