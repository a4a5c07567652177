"""The graph of calibrations and the recalls. Links and finished recalls are never changed: triggers refuse it."""

from django.db import models
from django.db.models import F, Q

from yuejingzhun.platform.registry.traceability.rules import LABELS, Kind, shortest


class Node(models.Model):
    """An item of the graph. Kind and key stay; label, place and holder are those at its last calibration."""

    kind = models.CharField("类别", max_length=12, choices=[(kind.name, kind.value) for kind in Kind])
    key = models.CharField("登记号", max_length=80)
    label = models.CharField("名称", max_length=400)
    region = models.CharField("行政区划", max_length=6)
    holder = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+", null=True, db_index=False, verbose_name="归属单位"
    )
    uncertainty = models.CharField("扩展不确定度", max_length=80, blank=True)
    unit = models.CharField("U 的单位", max_length=20, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "溯源对象"
        # Its index is read by everything that starts at an item.
        constraints = (models.UniqueConstraint(fields=["kind", "key"], name="one_node_of_a_key"),)

    def __str__(self) -> str:
        return self.label


class Link(models.Model):
    """That `lower` was calibrated or verified with `upper` on a day, by a certificate; appended, never changed."""

    lower = models.ForeignKey(Node, models.PROTECT, related_name="+", db_index=False, verbose_name="下级")
    upper = models.ForeignKey(Node, models.PROTECT, related_name="+", db_index=False, verbose_name="上级")
    strand = models.PositiveSmallIntegerField("部分序号", default=0)
    part = models.CharField("被校部分", max_length=120, blank=True)
    made_on = models.DateField("检定或校准日期")
    until = models.DateField("有效期至", null=True)
    certificate = models.CharField("证书编号", max_length=80)
    institute = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+", null=True, db_index=False, verbose_name="签发机构"
    )
    factor = models.FloatField("灵敏系数", null=True)
    mpe = models.DecimalField("最大允许误差", max_digits=24, decimal_places=12, null=True)
    expanded_uncertainty = models.DecimalField("扩展不确定度 U", max_digits=24, decimal_places=12, null=True)
    margin = models.DecimalField("距限值", max_digits=24, decimal_places=12, null=True)
    unit = models.CharField("单位", max_length=20, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "溯源关系"
        indexes = (
            models.Index(fields=["upper", "made_on"], name="link_downwards"),  # read by what was made with a standard
            models.Index(
                fields=["lower", "strand", "made_on"], name="link_upwards"
            ),  # read by the chain, and for cycles
        )
        constraints = (
            # Its index is read by the certificate's page.
            models.UniqueConstraint(
                fields=["certificate", "lower", "upper", "strand"], name="one_link_of_a_certificate"
            ),
            models.CheckConstraint(name="never_by_itself", condition=~Q(lower=F("upper"))),
            models.CheckConstraint(name="link_has_a_certificate", condition=~Q(certificate="")),
            models.CheckConstraint(name="strand_fits_the_kernel", condition=Q(strand__lt=4096)),
            models.CheckConstraint(name="until_not_before_made", condition=Q(until=None) | Q(until__gte=F("made_on"))),
        )

    def __str__(self) -> str:
        return f"{self.certificate} {self.made_on}"


class Ending(models.Model):
    """That a certificate no longer speaks for its instrument; told by who issues certificates, appended only."""

    class How(models.TextChoices):
        REVOKED = "revoked", "已撤销"
        SUPERSEDED = "superseded", "已被替换"

    certificate = models.CharField("证书编号", max_length=80)
    how = models.CharField("失效方式", max_length=10, choices=How.choices)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "证书失效"
        # Its index is read by every row of a list.
        constraints = (models.UniqueConstraint(fields=["certificate", "how"], name="ends_once_each_way"),)

    def __str__(self) -> str:
        return f"{self.certificate} {self.how}"


class Recall(models.Model):
    """That an item was found wrong, and how far its list has come; it revokes nothing: signatories decide."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待计算"
        LISTING = "listing", "正在列出"
        DONE = "done", "已列出"

    source = models.ForeignKey(Node, models.PROTECT, related_name="recalls", verbose_name="失准的标准")
    from_day = models.DateField("自")
    to_day = models.DateField("至（不含）", null=True)
    error = models.DecimalField("发现的误差", max_digits=24, decimal_places=12, null=True)
    unit = models.CharField("单位", max_length=20, blank=True)
    reason = models.TextField("发现")
    declared_by = models.ForeignKey("parties.Person", models.PROTECT, related_name="+", verbose_name="宣布人")
    declared_at = models.DateTimeField("宣布时间")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.WAITING)
    last_link = models.BigIntegerField("计算到第几条溯源关系", null=True)
    levels = models.PositiveSmallIntegerField("级数", default=0)
    found = models.PositiveIntegerField("受影响的证书", default=0)
    listed = models.PositiveIntegerField("已列出", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "追溯"
        indexes = (
            # Read by what finishes waiting lists.
            models.Index(fields=["id"], name="recall_unfinished", condition=~Q(state="done")),
        )
        constraints = (
            models.CheckConstraint(name="recall_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="recall_has_days", condition=Q(to_day=None) | Q(to_day__gt=F("from_day"))),
            models.CheckConstraint(name="error_has_a_unit", condition=Q(error=None) | ~Q(unit="")),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.from_day}"

    @property
    def error_text(self) -> str:
        """The error found, with its unit."""
        return "未知" if self.error is None else f"{shortest(self.error)} {self.unit}"


class Affected(models.Model):
    """One certificate of a recall's list, the gravest first, with whose instrument it is."""

    recall = models.ForeignKey(Recall, models.PROTECT, related_name="affected", db_index=False, verbose_name="追溯")
    rank = models.PositiveIntegerField("序号")
    link = models.ForeignKey(Link, models.PROTECT, related_name="+", db_index=False, verbose_name="溯源关系")
    holder = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+", null=True, db_index=False, verbose_name="使用单位"
    )
    institute = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+", null=True, db_index=False, verbose_name="签发机构"
    )
    region = models.CharField("行政区划", max_length=6)
    ended = models.DateField("受影响至（不含）", null=True)
    error = models.FloatField("引入的误差", null=True)
    to_mpe = models.FloatField("与最大允许误差之比", null=True)
    to_u = models.FloatField("与 U 之比", null=True)
    weight = models.PositiveSmallIntegerField("影响", choices=[(int(weight), text) for weight, text in LABELS.items()])

    class Meta:
        verbose_name = verbose_name_plural = "受影响的证书"
        indexes = (
            models.Index(fields=["recall", "holder", "rank"], name="affected_of_holder"),  # read by a holder's page
            models.Index(fields=["recall", "institute", "rank"], name="affected_of_institute"),  # by its signatories
        )
        # Its index is read by the list, page by page.
        constraints = (models.UniqueConstraint(fields=["recall", "rank"], name="one_of_a_rank"),)

    def __str__(self) -> str:
        return f"{self.recall_id}/{self.rank}"

    @property
    def certificate_state(self) -> str:
        """What became of the certificate; of a row of `queries.affected_of`, which knows it."""
        how = self.ending  # type: ignore[attr-defined]
        return str(Ending.How(how).label) if how else ""


class Tally(models.Model):
    """Counts of a recall by holder and region, made once with its list: no page counts millions of rows.

    Without an institute all certificates are counted, with one only those that it issued.
    """

    recall = models.ForeignKey(Recall, models.PROTECT, related_name="tallies", db_index=False, verbose_name="追溯")
    holder = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+", null=True, db_index=False, verbose_name="使用单位"
    )
    institute = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+", null=True, db_index=False, verbose_name="签发机构"
    )
    region = models.CharField("行政区划", max_length=6)
    certificates = models.PositiveIntegerField("证书")
    instruments = models.PositiveIntegerField("计量器具")
    grave = models.PositiveIntegerField("结论可能改变或超过最大允许误差")

    class Meta:
        verbose_name = verbose_name_plural = "追溯统计"
        indexes = (
            models.Index(fields=["recall", "-grave", "-certificates"], name="tally_of_recall"),  # read by the result
            models.Index(fields=["holder", "recall"], name="tally_of_holder"),  # read by the recalls of a holder
            models.Index(
                fields=["institute", "recall"], name="tally_of_institute", condition=~Q(institute=None)
            ),  # by those of an institute
        )

    def __str__(self) -> str:
        return f"{self.recall_id} {self.holder_id} {self.certificates}"
