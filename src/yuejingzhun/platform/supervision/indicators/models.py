"""Items that count for an indicator, targets, monthly values, and milestones of the plan's tasks with what is reported.

All are only added to: a later row supersedes, withdraws or follows an earlier one. Triggers see to it (migration 0002).
"""

from django.db import models
from django.db.models import F, Q

from yuejingzhun.platform.supervision.indicators.rules import FIRST_YEAR, LAST_YEAR, Progress, indicators

CODES = [(one.code, one.name) for one in indicators().values()]


def link(to: str, label: str, **more: object) -> models.ForeignKey:  # type: ignore[type-arg]
    """A row that stays as long as what points at it."""
    more.setdefault("related_name", "+")
    return models.ForeignKey(to, models.PROTECT, verbose_name=label, **more)  # type: ignore[arg-type]


class Item(models.Model):
    """One thing that counts from a day on, by a document; `ends_on` the first day on which it counts no more."""

    indicator = models.CharField("指标", max_length=20, choices=CODES)
    name = models.CharField("名称", max_length=200)
    holder = models.CharField("单位", max_length=200)
    region = models.CharField("行政区划", max_length=6)
    document = models.CharField("依据的文件或编号", max_length=120)
    counts_from = models.DateField("计入日期")
    ends_on = models.DateField("不再计入日期", null=True)
    recorded_by = link("parties.Person", "登记人", db_index=False)
    recorded_at = models.DateTimeField("登记时间")
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by", verbose_name="更正的登记"
    )
    withdrawn = models.BooleanField("撤销", default=False)
    reason = models.CharField("更正或撤销的理由", max_length=500, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "计入指标的项目"
        constraints = (
            models.UniqueConstraint(
                fields=["indicator", "document", "name"], name="one_item_of_a_document", condition=Q(supersedes=None)
            ),
            models.CheckConstraint(
                name="item_ends_after_it_counts", condition=Q(ends_on=None) | Q(ends_on__gt=F("counts_from"))
            ),
            models.CheckConstraint(name="item_changed_with_a_reason", condition=Q(supersedes=None) | ~Q(reason="")),
            models.CheckConstraint(
                name="item_withdrawn_supersedes", condition=Q(withdrawn=False) | Q(supersedes__isnull=False)
            ),
        )
        # Read by the count of a day and by its list.
        indexes = (models.Index(fields=["indicator", "region", "counts_from"], name="items_of_indicator"),)

    def __str__(self) -> str:
        return f"{self.name}（{self.document}）"


class Target(models.Model):
    """What an indicator is to reach by the end of a year, as the province set it; the newest of a year counts."""

    indicator = models.CharField("指标", max_length=20, choices=CODES)
    year = models.PositiveSmallIntegerField("年")
    value = models.DecimalField("目标值", max_digits=12, decimal_places=2)
    reason = models.CharField("依据", max_length=500)
    set_by = link("parties.Person", "设定人", db_index=False)
    set_at = models.DateTimeField("设定时间")

    class Meta:
        verbose_name = verbose_name_plural = "指标目标"
        constraints = (
            models.CheckConstraint(
                name="target_of_the_plan", condition=Q(year__gt=FIRST_YEAR, year__lte=LAST_YEAR, value__gte=0)
            ),
            models.CheckConstraint(name="target_with_a_reason", condition=~Q(reason="")),
        )
        indexes = (models.Index(fields=["indicator", "year", "-id"], name="targets_of_indicator"),)  # the newest

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}"


class Reading(models.Model):
    """The value of an indicator at the beginning of a month, exact as a fraction, as it was on record then."""

    indicator = models.CharField("指标", max_length=20, choices=CODES)
    on = models.DateField("日期")
    part = models.PositiveBigIntegerField("计入")
    whole = models.PositiveBigIntegerField("总数", default=1)
    noted_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = verbose_name_plural = "指标月值"
        constraints = (
            models.UniqueConstraint(fields=["indicator", "on"], name="one_reading_a_month"),
            models.CheckConstraint(name="reading_of_something", condition=Q(whole__gte=1)),
        )

    def __str__(self) -> str:
        return f"{self.indicator} {self.on}"


class Milestone(models.Model):
    """A step of a task of the plan, with its owner and the day by which it is due."""

    task = models.CharField("任务", max_length=8)
    title = models.CharField("里程碑", max_length=200)
    owner = link("parties.Organisation", "责任单位")
    due_on = models.DateField("完成期限")
    set_by = link("parties.Person", "设定人", db_index=False)
    set_at = models.DateTimeField("设定时间")

    class Meta:
        verbose_name = verbose_name_plural = "任务里程碑"
        constraints = (models.UniqueConstraint(fields=["task", "title"], name="one_milestone_of_a_title"),)
        indexes = (models.Index(fields=["task", "due_on"], name="milestones_of_task"),)  # read by the page of tasks

    def __str__(self) -> str:
        return self.title


class MilestoneReport(models.Model):
    """How a milestone stands; the newest counts."""

    milestone = models.ForeignKey(
        Milestone, models.PROTECT, related_name="reports", verbose_name="里程碑", db_index=False
    )
    progress = models.CharField("进展", max_length=10, choices=[(one.name, one.value) for one in Progress])
    note = models.CharField("说明", max_length=500)
    reported_by = link("parties.Person", "报告人", db_index=False)
    reported_at = models.DateTimeField("报告时间")

    class Meta:
        verbose_name = verbose_name_plural = "里程碑进展"
        constraints = (models.CheckConstraint(name="reported_with_a_note", condition=~Q(note="")),)
        indexes = (models.Index(fields=["milestone", "-id"], name="reports_of_milestone"),)  # the newest

    def __str__(self) -> str:
        return f"{self.milestone_id} {self.progress}"
