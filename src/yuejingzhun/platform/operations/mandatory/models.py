"""Applications for mandatory verification 强制检定, instrument by instrument, and what is counted of them."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left

from yuejingzhun.platform.operations.mandatory.rules import Delivery, Keep, State


def person(verb: str, **more: object) -> models.ForeignKey:  # type: ignore[type-arg]
    """A person who did something; no name back, since none is read that way."""
    return models.ForeignKey("parties.Person", models.PROTECT, related_name="+", verbose_name=verb, **more)  # type: ignore[arg-type]


def organisation(role: str) -> models.ForeignKey:  # type: ignore[type-arg]
    """An organisation in a role; its index is one of those below."""
    return models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+", verbose_name=role, db_index=False
    )


class Application(models.Model):
    """What a holder applies for at one institute: the same kind of instrument, at one place."""

    number = models.CharField("申请编号", max_length=24, unique=True)
    key = models.CharField("提交标识", max_length=64)
    holder = organisation("使用单位")
    institute = organisation("检定机构")
    region = models.CharField("器具所在地", max_length=6)
    city = models.CharField("所在市", max_length=4)
    item = models.CharField("强制管理目录项目", max_length=12)
    regulation = models.CharField("检定规程", max_length=40)
    delivery = models.CharField("检定方式", max_length=12, choices=[(d.name, d.value) for d in Delivery])
    contact = models.CharField("联系人", max_length=80)
    phone = models.CharField("联系电话", max_length=40)
    wanted_on = models.DateField("希望日期", null=True, blank=True)
    remark = models.CharField("说明", max_length=500, blank=True)
    state = models.CharField("状态", max_length=12, choices=[(state.name, state.value) for state in State])
    applied_at = models.DateTimeField("申请时间")
    applied_by = person("申请人")
    answer_by = models.DateField("答复期限")
    answered_at = models.DateTimeField("答复时间", null=True)
    answered_by = person("答复人", null=True)
    refusal_reason = models.TextField("不予受理的原因", blank=True)
    appointed_on = models.DateField("预约日期", null=True)
    due_on = models.DateField("检定期限", null=True)
    closed_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "强制检定申请"
        indexes = (
            models.Index(fields=["institute", "state", "id"], name="application_desk"),  # read by the institute's desk
            models.Index(fields=["holder", "-id"], name="application_of_holder"),  # read by the holder's page
            # Read by the alarms: what has a term that runs.
            models.Index(fields=["institute", "due_on"], name="application_due", condition=Q(state="TESTING")),
            models.Index(fields=["city", "state", "due_on"], name="application_of_city"),  # read by the regulator
        )
        constraints = (
            models.UniqueConstraint(fields=["holder", "key"], name="one_application_a_key"),
            models.CheckConstraint(name="application_in_its_city", condition=Q(city=Left(F("region"), 4))),
            models.CheckConstraint(name="refused_with_a_reason", condition=~Q(state="REFUSED") | ~Q(refusal_reason="")),
            models.CheckConstraint(name="due_once_tested", condition=~Q(state="TESTING") | Q(due_on__isnull=False)),
            models.CheckConstraint(
                name="closed_when_it_says_so",
                condition=Q(state="CLOSED", closed_at__isnull=False) | (~Q(state="CLOSED") & Q(closed_at=None)),
            ),
        )

    def __str__(self) -> str:
        return self.number


class Referral(models.Model):
    """That an application went from one institute to another; appended, never changed."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="referrals", verbose_name="申请")
    from_institute = organisation("转出机构")
    to_institute = organisation("转入机构")
    reason = models.TextField("原因")
    at = models.DateTimeField("时间")
    by = person("经办人")

    class Meta:
        verbose_name = verbose_name_plural = "转送"
        constraints = (
            models.CheckConstraint(name="referred_with_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="referred_to_another", condition=~Q(from_institute=F("to_institute"))),
        )

    def __str__(self) -> str:
        return f"{self.application_id}: {self.from_institute_id} → {self.to_institute_id}"


class Line(models.Model):
    """One instrument of an application: received, tested, sealed, returned."""

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="lines", verbose_name="申请", db_index=False
    )
    instrument = models.ForeignKey(
        "instruments.Instrument", models.PROTECT, related_name="lines", verbose_name="器具", db_index=False
    )
    institute = organisation("检定机构")
    position = models.PositiveIntegerField("序号")
    open = models.BooleanField("未办结", default=True)
    sample = models.CharField("样品编号", max_length=32, null=True)
    received_at = models.DateTimeField("收样时间", null=True)
    received_by = person("收样人", null=True)
    received_state = models.CharField("收样状态", max_length=200, blank=True)
    certificate = models.CharField("证书编号", max_length=40, blank=True)
    passed = models.BooleanField("合格", null=True)
    result_at = models.DateTimeField("出证时间", null=True)
    fee_waived = models.DecimalField("免收的检定费", max_digits=12, decimal_places=2, null=True)
    seal = models.CharField("封印或标签编号", max_length=40, blank=True)
    sealed_at = models.DateTimeField("加封时间", null=True)
    sealed_by = person("加封人", null=True)
    returned_at = models.DateTimeField("取回时间", null=True)
    returned_by = person("发样人", null=True)
    returned_to = models.CharField("取件人", max_length=80, blank=True)
    dropped_reason = models.CharField("终止原因", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "申请的器具"
        indexes = (
            # Read by the instrument's page.
            models.Index(fields=["instrument", "-id"], name="line_of_instrument"),
            # Read by the laboratory's list of what waits for its test.
            models.Index(
                fields=["institute", "received_at"],
                name="line_to_test",
                condition=Q(open=True, received_at__isnull=False, result_at=None),
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["application", "position"], name="one_line_a_position"),
            models.UniqueConstraint(fields=["instrument"], condition=Q(open=True), name="one_open_line_an_instrument"),
            models.UniqueConstraint(fields=["institute", "sample"], name="one_sample_a_number"),
            models.CheckConstraint(
                name="received_whole",
                condition=Q(received_at=None, received_by=None, sample=None)
                | Q(received_at__isnull=False, received_by__isnull=False, sample__isnull=False),
            ),
            models.CheckConstraint(
                name="tested_after_received", condition=Q(result_at=None) | Q(received_at__isnull=False)
            ),
            models.CheckConstraint(name="result_has_certificate", condition=Q(result_at=None) | ~Q(certificate="")),
            models.CheckConstraint(
                name="sealed_after_result", condition=Q(sealed_at=None) | Q(result_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.application_id}/{self.position}"


class SampleSeries(models.Model):
    """The last sample number given at an institute in a year; its row is locked while the next are taken."""

    institute = organisation("检定机构")
    year = models.PositiveIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["institute", "year"], name="one_sample_series"),)

    def __str__(self) -> str:
        return f"{self.institute_id}-{self.year}: {self.last}"


class ApplicationSeries(models.Model):
    """The last application number given in a city and year; its row is locked while the next is taken."""

    city = models.CharField(max_length=4)
    year = models.PositiveIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["city", "year"], name="one_application_series"),)

    def __str__(self) -> str:
        return f"{self.city}-{self.year}: {self.last}"


class Tariff(models.Model):
    """What a verification would cost: since 2017-04-01 it is free, and what is waived is counted (财税〔2017〕20号)."""

    item = models.CharField("强制管理目录项目", max_length=12)
    amount = models.DecimalField("检定费（元/台件）", max_digits=12, decimal_places=2)
    valid_from = models.DateField("施行日期")
    source = models.CharField("依据", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "检定收费标准"
        constraints = (
            models.UniqueConstraint(fields=["item", "valid_from"], name="one_tariff_a_day"),
            models.CheckConstraint(name="tariff_is_not_negative", condition=Q(amount__gte=0)),
        )

    def __str__(self) -> str:
        return f"{self.item} {self.amount} 元，{self.valid_from} 起"


class Tally(models.Model):
    """Counts of results by month, county, item and institute, kept up with each result: dashboards never scan."""

    month = models.DateField("月份")
    region = models.CharField("器具所在地", max_length=6)
    item = models.CharField("强制管理目录项目", max_length=12)
    institute = organisation("检定机构")
    tested = models.PositiveIntegerField("检定台件", default=0)
    failed = models.PositiveIntegerField("不合格台件", default=0)
    waived = models.DecimalField("免收的检定费（元）", max_digits=16, decimal_places=2, default=0)
    unpriced = models.PositiveIntegerField("没有收费标准的台件", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "强制检定统计"
        constraints = (
            models.UniqueConstraint(fields=["month", "region", "item", "institute"], name="one_tally"),
            models.CheckConstraint(name="failed_are_tested", condition=Q(failed__lte=F("tested"))),
        )

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.region} {self.item}: {self.tested}"


class Batch(models.Model):
    """Records from one file of a test bench, made after the record of the first instrument; never changed."""

    institute = organisation("检定机构")
    first = models.ForeignKey("verification.Job", models.PROTECT, related_name="+", verbose_name="首件记录")
    regulation = models.CharField("检定规程", max_length=40)
    keep = models.CharField("有问题的行", max_length=4, choices=[(keep.name, keep.value) for keep in Keep])
    name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField("文件的 SHA-256", max_length=64)
    content = models.BinaryField("文件")
    rows = models.PositiveIntegerField("台数")
    asked_at = models.DateTimeField("提交时间")
    asked_by = person("提交人")

    class Meta:
        verbose_name = verbose_name_plural = "成批检定"
        indexes = (models.Index(fields=["institute", "-id"], name="batch_of_institute"),)  # read by the list of batches

    def __str__(self) -> str:
        return f"{self.regulation} {self.name}"


class BatchJob(models.Model):
    """That a record came with a batch, and from which row of its file."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="jobs", verbose_name="批", db_index=False)
    job = models.OneToOneField("verification.Job", models.PROTECT, related_name="batched", verbose_name="检定任务")
    row = models.PositiveIntegerField("行号")

    class Meta:
        verbose_name = verbose_name_plural = "成批检定的记录"
        constraints = (models.UniqueConstraint(fields=["batch", "row"], name="one_job_a_row"),)

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.row}"
