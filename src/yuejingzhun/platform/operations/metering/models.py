"""Evaluations of meters in service 在用计量器具状态评价, the suspicious meters, and what tests have found since.

The estimate of every single meter is in Parquet files of the data folder (see lakes.py); here is what lists need.
"""

from django.db import models
from django.db.models import F, Q

from yuejingzhun.platform.operations.metering.rules import Choice, Medium, Source, Standing, Study

DISTRICT, METER = 64, 64  # characters of their numbers; longer ones are refused at the start


def person(verb: str, **more: object) -> models.ForeignKey:  # type: ignore[type-arg]
    """A person who did something; no name back, since none is read that way."""
    return models.ForeignKey(
        "parties.Person", models.PROTECT, related_name="+", verbose_name=verb, db_index=False, **more  # type: ignore[arg-type]
    )  # fmt: skip


def utility() -> models.ForeignKey:  # type: ignore[type-arg]
    """The organisation whose meters they are; its index is one of those below."""
    return models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+", verbose_name="供用单位", db_index=False
    )


def medium() -> models.CharField:  # type: ignore[type-arg]
    """What is measured."""
    return models.CharField("计量对象", max_length=12, choices=[(one.name, one.value) for one in Medium])


class Evaluation(models.Model):
    """One evaluation, bound to a snapshot of the lake, a version of the method and, once learnt, a prior."""

    organisation = utility()
    region = models.CharField("供用单位所在地", max_length=6)
    medium = medium()
    first_day = models.DateField("起始日")
    days = models.PositiveSmallIntegerField("天数")
    last_day = models.DateField("末日")
    mpe = models.DecimalField("最大允许误差", max_digits=5, decimal_places=4)
    threshold = models.DecimalField("可疑的概率界限", max_digits=3, decimal_places=2)
    commit = models.PositiveIntegerField("读数库提交")
    method = models.CharField("方法版本", max_length=80)
    task = models.OneToOneField("jobs.LongTask", models.PROTECT, related_name="+", null=True, verbose_name="任务")
    asked_at = models.DateTimeField("提出时间")
    asked_by = person("提出人")
    prior = models.JSONField("先验", null=True)
    finished_at = models.DateTimeField("完成时间", null=True)
    districts = models.PositiveIntegerField("台区", null=True)
    kept = models.PositiveIntegerField("可估计的台区", null=True)
    meters = models.PositiveIntegerField("计量器具", null=True)
    stated = models.PositiveIntegerField("给出误差的器具", null=True)
    suspicious = models.PositiveIntegerField("可疑的器具", null=True)
    failed_parts = models.PositiveIntegerField("未能计算的分区", default=0)
    summary = models.JSONField("汇总", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "状态评价"
        constraints = (
            models.CheckConstraint(name="evaluation_of_some_days", condition=Q(days__gte=1, mpe__gt=0, mpe__lt=1)),
            models.CheckConstraint(
                name="finished_evaluation_is_whole",
                condition=Q(finished_at=None)
                | Q(
                    prior__isnull=False,
                    districts__isnull=False,
                    kept__isnull=False,
                    meters__isnull=False,
                    stated__isnull=False,
                    suspicious__isnull=False,
                    summary__isnull=False,
                ),
            ),
        )
        indexes = (
            models.Index(fields=["organisation", "-id"], name="evaluation_of_utility"),  # read by the engineer's list
            models.Index(fields=["region", "-id"], name="evaluation_in_region"),  # read by the regulator's list
        )

    def __str__(self) -> str:
        return f"{self.get_medium_display()} {self.first_day:%Y-%m-%d} 起 {self.days} 天"


class DistrictResult(models.Model):
    """The summary of a district; `part` is the file of the engine that holds the rest."""

    evaluation = models.ForeignKey(
        Evaluation, models.PROTECT, related_name="results", verbose_name="评价", db_index=False
    )
    district = models.CharField("台区", max_length=DISTRICT)
    city = models.CharField("市", max_length=12)
    part = models.CharField("分区", max_length=80)
    reason = models.CharField("不予估计的原因", max_length=120, blank=True)
    meters = models.PositiveIntegerField("计量器具")
    stated = models.PositiveIntegerField("给出误差的器具")
    suspicious = models.PositiveIntegerField("可疑的器具")
    total_kwh = models.FloatField("总表电量，kWh", null=True)
    loss_share = models.FloatField("线损率", null=True)
    power = models.FloatField("检出能力", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "台区评价"
        constraints = (models.UniqueConstraint(fields=["evaluation", "district"], name="one_result_a_district"),)
        indexes = (
            # Read by the list of districts narrowed to one reason, or to those with suspicious meters.
            models.Index(fields=["evaluation", "reason", "district"], name="districts_by_reason"),
            models.Index(fields=["evaluation", "district"], name="districts_suspicious", condition=Q(suspicious__gt=0)),
        )

    def __str__(self) -> str:
        return self.district


class Suspect(models.Model):
    """A meter that is likely beyond its MPE, as an evaluation found it; errors relative."""

    evaluation = models.ForeignKey(
        Evaluation, models.PROTECT, related_name="suspects", verbose_name="评价", db_index=False
    )
    district = models.CharField("台区", max_length=DISTRICT)
    meter = models.CharField("表号", max_length=METER)
    error = models.FloatField("误差")
    uncertainty = models.FloatField("标准不确定度")
    low = models.FloatField("95 % 区间下限")
    high = models.FloatField("95 % 区间上限")
    exceeds = models.FloatField("超差概率")
    energy_kwh = models.FloatField("期间电量，kWh")

    class Meta:
        verbose_name = verbose_name_plural = "可疑器具"
        constraints = (models.UniqueConstraint(fields=["evaluation", "meter"], name="one_suspicion_a_meter"),)
        # Read by the page of an evaluation: the most suspicious first.
        indexes = (models.Index(fields=["evaluation", "-exceeds", "id"], name="suspects_by_probability"),)

    def __str__(self) -> str:
        return self.meter


class WorkItem(models.Model):
    """A suspicious meter on the work list of its utility: where it stands now, by its newest suspicion and decision."""

    organisation = utility()
    medium = medium()
    meter = models.CharField("表号", max_length=METER)
    suspect = models.ForeignKey(Suspect, models.PROTECT, related_name="+", verbose_name="最近一次可疑", db_index=False)
    exceeds = models.FloatField("超差概率")
    standing = models.CharField("进展", max_length=10, choices=[(one.name, one.value) for one in Standing])
    instrument = models.ForeignKey(
        "instruments.Instrument", models.PROTECT, related_name="+", null=True, verbose_name="送检的器具"
    )
    application = models.CharField("强检申请编号", max_length=24, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "可疑器具处置"
        constraints = (
            models.UniqueConstraint(fields=["organisation", "medium", "meter"], name="one_item_a_meter"),
            models.CheckConstraint(
                name="sent_as_an_instrument",
                condition=~Q(standing="SENT") | (Q(instrument__isnull=False) & ~Q(application="")),
            ),
        )
        # Read by the work list: of one standing, the most suspicious first.
        indexes = (models.Index(fields=["organisation", "standing", "-exceeds", "id"], name="work_list"),)

    def __str__(self) -> str:
        return self.meter


class Decision(models.Model):
    """What was decided about a suspicious meter; appended, never changed."""

    item = models.ForeignKey(
        WorkItem, models.PROTECT, related_name="decisions", verbose_name="可疑器具", db_index=False
    )
    suspect = models.ForeignKey(Suspect, models.PROTECT, related_name="+", verbose_name="所据的评价", db_index=False)
    choice = models.CharField("决定", max_length=10, choices=[(one.name, one.value) for one in Choice])
    reason = models.CharField("理由", max_length=300, blank=True)
    application = models.CharField("强检申请编号", max_length=24, blank=True)
    at = models.DateTimeField("时间")
    by = person("决定人")

    class Meta:
        verbose_name = verbose_name_plural = "处置决定"
        constraints = (
            models.CheckConstraint(name="decided_with_a_reason", condition=Q(choice="SEND") | ~Q(reason="")),
            models.CheckConstraint(name="sent_with_application", condition=~Q(choice="SEND") | ~Q(application="")),
        )
        indexes = (models.Index(fields=["item", "-id"], name="decisions_of_item"),)  # read by the meter's page

    def __str__(self) -> str:
        return f"{self.item_id} {self.choice}"


class Truth(models.Model):
    """What a test found of a meter, with what had been stated of it before; appended, never changed."""

    organisation = utility()
    medium = medium()
    meter = models.CharField("表号", max_length=METER)
    tested_on = models.DateField("检定日期")
    error = models.DecimalField("误差", max_digits=9, decimal_places=7, null=True)
    points = models.JSONField("各检定点", default=list)
    passed = models.BooleanField("合格")
    source = models.CharField("来源", max_length=12, choices=[(one.name, one.value) for one in Source])
    certificate = models.CharField("证书编号", max_length=40, blank=True)
    remark = models.CharField("说明", max_length=300, blank=True)
    recorded_at = models.DateTimeField("记录时间")
    recorded_by = person("记录人", null=True)
    supersedes = models.OneToOneField("self", models.PROTECT, related_name="successor", null=True, verbose_name="替换")
    evaluation = models.ForeignKey(
        Evaluation, models.PROTECT, related_name="+", null=True, verbose_name="检定前的评价", db_index=False
    )
    exceeds = models.FloatField("检定前所述的超差概率", null=True)
    low = models.FloatField("检定前所述区间下限", null=True)
    high = models.FloatField("检定前所述区间上限", null=True)
    stated_error = models.FloatField("检定前所述误差", null=True)
    chance = models.FloatField("随机抽中的概率", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "检定结果"
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "certificate"], name="one_result_a_certificate", condition=~Q(certificate="")
            ),
            models.CheckConstraint(
                name="certified_or_entered",
                condition=Q(source="CERTIFICATE", recorded_by=None) & ~Q(certificate="")
                | ~Q(source="CERTIFICATE") & Q(recorded_by__isnull=False, certificate=""),
            ),
            models.CheckConstraint(
                name="stated_by_an_evaluation", condition=Q(exceeds=None) | Q(evaluation__isnull=False)
            ),
            models.CheckConstraint(name="chance_is_one", condition=Q(chance=None) | Q(chance__gt=0, chance__lte=1)),
            models.CheckConstraint(
                name="result_supersedes_another", condition=Q(supersedes=None) | ~Q(supersedes=F("id"))
            ),
        )
        indexes = (
            models.Index(fields=["organisation", "meter", "tested_on"], name="results_of_meter"),  # the meter's page
            models.Index(fields=["organisation", "-id"], name="results_of_utility"),  # the list, the track record
        )

    def __str__(self) -> str:
        return f"{self.meter} {self.tested_on}"


class Withdrawal(models.Model):
    """That a test result doesn't count, and why; appended, never changed."""

    result = models.OneToOneField(Truth, models.PROTECT, related_name="withdrawal", verbose_name="检定结果")
    reason = models.CharField("原因", max_length=300)
    at = models.DateTimeField("时间")
    by = person("经办人", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "检定结果的撤回"
        constraints = (models.CheckConstraint(name="result_withdrawn_with_a_reason", condition=~Q(reason="")),)

    def __str__(self) -> str:
        return str(self.result_id)


class FlowBack(models.Model):
    """How far certificates and revocations have been looked through for results; one row."""

    certificate_id = models.BigIntegerField("看到的证书", default=0)
    revocation_id = models.BigIntegerField("看到的撤销", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "检定结果回流"
        constraints = (models.CheckConstraint(name="one_row_of_flow_back", condition=Q(id=1)),)

    def __str__(self) -> str:
        return str(self.certificate_id)


class MeterList(models.Model):
    """A list of the utility's meters 计量器具档案 with maker, model, batch and age; the newest counts, all stay."""

    organisation = utility()
    medium = medium()
    name = models.CharField("文件名", max_length=100)
    sha256 = models.CharField("SHA-256", max_length=64)
    rows = models.PositiveIntegerField("行")
    at = models.DateTimeField("时间")
    by = person("提交人")

    class Meta:
        verbose_name = verbose_name_plural = "计量器具档案"
        indexes = (models.Index(fields=["organisation", "medium", "-id"], name="list_of_utility"),)  # the newest

    def __str__(self) -> str:
        return self.name


class Analysis(models.Model):
    """A study of all meters of an evaluation, done by a long task; final once it is finished."""

    evaluation = models.ForeignKey(
        Evaluation, models.PROTECT, related_name="analyses", verbose_name="评价", db_index=False
    )
    kind = models.CharField("种类", max_length=12, choices=[(one.name, one.value) for one in Study])
    arguments = models.JSONField("参数")
    meter_list = models.ForeignKey(
        MeterList, models.PROTECT, related_name="+", null=True, verbose_name="档案", db_index=False
    )
    task = models.OneToOneField("jobs.LongTask", models.PROTECT, related_name="+", null=True, verbose_name="任务")
    asked_at = models.DateTimeField("提出时间")
    asked_by = person("提出人")
    finished_at = models.DateTimeField("完成时间", null=True)
    result = models.JSONField("结果", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "群体分析"
        constraints = (
            models.CheckConstraint(
                name="finished_analysis_has_result", condition=Q(finished_at=None) | Q(result__isnull=False)
            ),
        )
        indexes = (models.Index(fields=["evaluation", "-id"], name="analyses_of_evaluation"),)  # the evaluation's page

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.evaluation_id}"


class SampledMeter(models.Model):
    """A meter that was drawn at random for a test, with its chance to be drawn; appended, never changed."""

    analysis = models.ForeignKey(
        Analysis, models.PROTECT, related_name="drawn", verbose_name="抽检名单", db_index=False
    )
    organisation = utility()
    meter = models.CharField("表号", max_length=METER)
    district = models.CharField("台区", max_length=DISTRICT)
    chance = models.FloatField("抽中的概率")
    exceeds = models.FloatField("超差概率")

    class Meta:
        verbose_name = verbose_name_plural = "抽中的器具"
        constraints = (
            models.UniqueConstraint(fields=["analysis", "meter"], name="drawn_once"),
            models.CheckConstraint(name="drawn_with_a_chance", condition=Q(chance__gt=0, chance__lte=1)),
        )
        indexes = (models.Index(fields=["organisation", "meter"], name="drawn_of_utility"),)  # read as results come

    def __str__(self) -> str:
        return self.meter
