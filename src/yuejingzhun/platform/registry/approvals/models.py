"""Type approvals 型式批准 and software filings 软件备案: what is issued is only added to; triggers see to it."""

from django.db import models
from django.db.models import F, Q

from yuejingzhun.platform.registry.approvals.rules import CLASSES, Paper, State
from yuejingzhun.platform.registry.approvals.software import Algorithm, FilingState, Verdict


def link(to: str, label: str, **more: object) -> models.ForeignKey:  # type: ignore[type-arg]
    """A row that stays as long as what points at it."""
    more.setdefault("related_name", "+")
    return models.ForeignKey(to, models.PROTECT, verbose_name=label, **more)  # type: ignore[arg-type]


def choices(
    kind: type[State] | type[Paper] | type[Algorithm] | type[FilingState] | type[Verdict],
) -> list[tuple[str, str]]:
    """An enumeration as the choices of a column: names are stored, terms are shown."""
    return [(one.name, one.value) for one in kind]


class TypeApproval(models.Model):
    """An approved type under its number, which stays through all editions of its certificate."""

    number = models.CharField("型式批准编号", max_length=20, unique=True)
    maker = models.ForeignKey("parties.Organisation", models.PROTECT, related_name="+", verbose_name="制造单位")
    item = models.CharField("强制管理目录项目", max_length=12)
    letter = models.CharField("类别", max_length=1, choices=CLASSES.items())

    class Meta:
        verbose_name = verbose_name_plural = "型式批准"

    def __str__(self) -> str:
        return self.number


class Application(models.Model):
    """What a maker asks for: a new type, or with `amends` a change of an approved one. All but its course is final."""

    maker = link("parties.Organisation", "制造单位", db_index=False)
    amends = link("TypeApproval", "变更的型式批准", null=True, blank=True)
    item = models.CharField("强制管理目录项目", max_length=12)
    name = models.CharField("器具名称", max_length=120)
    variants = models.JSONField("规格型号")  # rows of rules.Variant
    samples = models.PositiveSmallIntegerField("样机数量")
    sample_note = models.CharField("样机说明", max_length=500, blank=True, default="")
    applied_by = link("parties.Person", "申请人")
    applied_at = models.DateTimeField("申请时间")
    state = models.CharField("状态", max_length=12, choices=choices(State), default=State.APPLIED.name)
    institute = link("parties.Organisation", "型式评价机构", null=True, blank=True, db_index=False)

    class Meta:
        verbose_name = verbose_name_plural = "型式批准申请"
        indexes = (
            # Read by the maker's desk, by the institute's list, and by the authority's work list.
            models.Index(fields=["maker", "-id"], name="application_of_maker"),
            models.Index(fields=["institute", "state", "id"], name="application_at_institute"),
            models.Index(fields=["state", "id"], name="application_to_do"),
        )
        constraints = (
            models.CheckConstraint(
                name="evaluated_by_an_institute",
                condition=Q(state__in=["APPLIED", "REFUSED", "WITHDRAWN"]) | Q(institute__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["amends"],
                name="one_change_at_a_time",
                condition=Q(state__in=["APPLIED", "ACCEPTED", "EVALUATING", "EVALUATED"]),
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"


class Step(models.Model):
    """One step of an application: who brought it into which state when, and why."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="steps", verbose_name="申请")
    state = models.CharField("状态", max_length=12, choices=choices(State))
    at = models.DateTimeField("时间")
    by = link("parties.Person", "办理人")
    note = models.CharField("说明", max_length=1000, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "办理经过"

    def __str__(self) -> str:
        return f"{self.application_id} {self.state}"


class Document(models.Model):
    """A file of an application, by the hash of its content."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="documents", verbose_name="申请")
    paper = models.CharField("资料", max_length=12, choices=[*choices(Paper), ("REPORT", "型式评价报告")])
    name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField("大小")
    media_type = models.CharField("类型", max_length=40)
    added_by = link("parties.Person", "上传人")
    added_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = verbose_name_plural = "申请资料"

    def __str__(self) -> str:
        return self.name


class Evaluation(models.Model):
    """The result of a type evaluation 型式评价 with the institute's report."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="evaluation", verbose_name="申请")
    institute = link("parties.Organisation", "型式评价机构")
    report_number = models.CharField("报告编号", max_length=60)
    passed = models.BooleanField("合格")
    findings = models.CharField("评价意见", max_length=4000)
    reported_by = link("parties.Person", "报告人")
    reported_at = models.DateTimeField("报告时间")

    class Meta:
        verbose_name = verbose_name_plural = "型式评价"
        constraints = (models.UniqueConstraint(fields=["institute", "report_number"], name="one_report_of_a_number"),)

    def __str__(self) -> str:
        return self.report_number


class NumberSeries(models.Model):
    """The last serial of a year and class; locked while a number is taken."""

    year = models.PositiveSmallIntegerField("年")
    letter = models.CharField("类别", max_length=1)
    last = models.PositiveIntegerField("末号")

    class Meta:
        verbose_name = verbose_name_plural = "型式批准编号序列"
        constraints = (models.UniqueConstraint(fields=["year", "letter"], name="one_series_of_a_class"),)

    def __str__(self) -> str:
        return f"{self.year}{self.letter}{self.last}"


class Certificate(models.Model):
    """One edition of a type approval certificate; a later one holds from its first day on instead of it."""

    approval = models.ForeignKey(TypeApproval, models.PROTECT, related_name="certificates", verbose_name="型式批准")
    edition = models.PositiveSmallIntegerField("版次")
    application = models.OneToOneField(Application, models.PROTECT, related_name="certificate", verbose_name="申请")
    name = models.CharField("器具名称", max_length=120)
    maker_name = models.CharField("制造单位", max_length=200)
    maker_key = models.CharField("制造单位（比对用）", max_length=200)
    authority_name = models.CharField("批准机关", max_length=200)
    institute_name = models.CharField("型式评价机构", max_length=200)
    report_number = models.CharField("型式评价报告", max_length=60)
    valid_from = models.DateField("生效日期")
    issued_by = link("parties.Person", "签发人")
    issued_at = models.DateTimeField("签发时间")

    class Meta:
        verbose_name = verbose_name_plural = "型式批准证书"
        constraints = (models.UniqueConstraint(fields=["approval", "edition"], name="one_certificate_an_edition"),)

    def __str__(self) -> str:
        return f"{self.approval_id} / {self.edition}"


class CertifiedVariant(models.Model):
    """A model that an edition of a certificate covers."""

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="variants", verbose_name="证书")
    model = models.CharField("型号", max_length=120)
    model_key = models.CharField("型号（比对用）", max_length=120)
    accuracy_class = models.CharField("准确度等级", max_length=60)
    measuring_range = models.CharField("测量范围", max_length=200)
    technical = models.CharField("主要技术指标", max_length=1000, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "批准的型号"
        # Read by whether a maker's model is approved.
        indexes = (models.Index(fields=["model_key"], name="approved_model"),)

    def __str__(self) -> str:
        return self.model


class Withdrawal(models.Model):
    """The end of a type approval."""

    approval = models.OneToOneField(TypeApproval, models.PROTECT, related_name="withdrawal", verbose_name="型式批准")
    effective_from = models.DateField("自何日起失效")
    reason = models.CharField("原因", max_length=1000)
    by = link("parties.Person", "办理人")
    at = models.DateTimeField("办理时间")

    class Meta:
        verbose_name = verbose_name_plural = "型式批准撤销"

    def __str__(self) -> str:
        return f"{self.approval_id} {self.effective_from}"


class SoftwareFiling(models.Model):
    """A version of the legally relevant software of a type with its identification; final but for its state."""

    approval = models.ForeignKey(TypeApproval, models.PROTECT, related_name="software", verbose_name="型式批准")
    serial = models.PositiveSmallIntegerField("序号")
    number = models.CharField("备案号", max_length=30, unique=True)
    version = models.CharField("软件版本", max_length=40)
    algorithm = models.CharField("标识算法", max_length=8, choices=choices(Algorithm))
    identification = models.CharField("标识值", max_length=64)
    valid_from = models.DateField("启用日期")
    replaces = link("self", "替换的版本", null=True, blank=True, related_name="replaced_by")
    changes = models.CharField("变更说明", max_length=1000, blank=True, default="")
    filed_by = link("parties.Person", "备案人")
    filed_at = models.DateTimeField("备案时间")
    state = models.CharField("状态", max_length=10, choices=choices(FilingState), default=FilingState.FILED.name)
    decided_by = link("parties.Person", "审核人", null=True, blank=True)
    decided_at = models.DateTimeField("审核时间", null=True, blank=True)
    reason = models.CharField("不予备案的原因", max_length=1000, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "软件备案"
        indexes = (models.Index(fields=["id"], name="software_to_do", condition=Q(state="FILED")),)  # authority's list
        constraints = (
            models.UniqueConstraint(fields=["approval", "serial"], name="one_filing_of_a_serial"),
            models.UniqueConstraint(
                fields=["approval", "version"],
                name="one_filing_of_a_version",
                condition=Q(state__in=["FILED", "ACCEPTED"]),
            ),
            models.CheckConstraint(
                name="decided_by_someone",
                condition=Q(state="FILED", decided_by=None, decided_at=None)
                | (~Q(state="FILED") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
            models.CheckConstraint(name="replaces_another", condition=~Q(replaces=F("id"))),
        )

    def __str__(self) -> str:
        return self.number


class SoftwareBlock(models.Model):
    """That a version must not run any more, such as one that was found cheating."""

    filing = models.OneToOneField(SoftwareFiling, models.PROTECT, related_name="block", verbose_name="软件备案")
    effective_from = models.DateField("自何日起禁用")
    reason = models.CharField("原因", max_length=1000)
    by = link("parties.Person", "办理人")
    at = models.DateTimeField("办理时间")

    class Meta:
        verbose_name = verbose_name_plural = "软件禁用"

    def __str__(self) -> str:
        return f"{self.filing_id} {self.effective_from}"


class Comparison(models.Model):
    """What a device was seen to run, and what came of comparing it."""

    approval = link("TypeApproval", "型式批准", db_index=False)
    filing = link("SoftwareFiling", "所依据的备案", null=True, blank=True, db_index=False)
    tag = models.CharField("器具标签", max_length=12, blank=True, default="")
    version = models.CharField("器具显示的版本", max_length=40)
    identification = models.CharField("器具显示的标识", max_length=64)
    verdict = models.CharField("结论", max_length=8, choices=choices(Verdict))
    detail = models.CharField("说明", max_length=1200)
    at = models.DateTimeField("时间")
    by = link("parties.Person", "比对人", null=True, blank=True, db_index=False)

    class Meta:
        verbose_name = verbose_name_plural = "软件比对"
        indexes = (
            # Read by the history of one device, and by the authority's list of what isn't as filed.
            models.Index(fields=["tag", "-id"], name="comparison_of_device", condition=~Q(tag="")),
            models.Index(fields=["approval", "-id"], name="comparison_astray", condition=~Q(verdict="SAME")),
        )

    def __str__(self) -> str:
        return f"{self.tag} {self.verdict}"
