"""Facts about parties, what became of them, rule sets, and the ratings that were published.

A fact is never edited or deleted: a later one supersedes it. Triggers see to it (migration 0002), and to it that what
is recorded after a round counts as known after it.
"""

from django.db import models
from django.db.models import F, Q

from yuejingzhun.platform.supervision.credit.kinds import REPAIRED
from yuejingzhun.platform.supervision.credit.rule_set import GRADES
from yuejingzhun.platform.supervision.credit.rules import Decision, RepairState

LARGEST_QUANTITY = 1_000_000
CHOICES = [(grade, f"{grade} 级") for grade in GRADES]


def link(to: str, label: str, **more: object) -> models.ForeignKey:  # type: ignore[type-arg]
    """A row that stays as long as what points at it."""
    more.setdefault("related_name", "+")
    return models.ForeignKey(to, models.PROTECT, verbose_name=label, **more)  # type: ignore[arg-type]


class Fact(models.Model):
    """A dated, attributed fact about a party; without weight, which the rule set gives."""

    party = link("parties.Organisation", "单位", db_index=False)
    kind = models.CharField("种类", max_length=40)
    source = models.CharField("来源", max_length=120)
    occurred_on = models.DateField("发生日期")
    recorded_at = models.DateTimeField("记录时间")
    recorded_by = link("parties.Person", "记录人", null=True, db_index=False)
    region = models.CharField("行政区划", max_length=6)
    quantity = models.PositiveIntegerField("数量", default=1)
    summary = models.CharField("摘要", max_length=500)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by", verbose_name="更正的事实"
    )
    withdrawn = models.BooleanField("撤销", default=False)
    repairs = models.OneToOneField("self", models.PROTECT, null=True, related_name="repair", verbose_name="修复的事实")

    class Meta:
        verbose_name = verbose_name_plural = "信用事实"
        constraints = (
            # What is delivered twice is one fact.
            models.UniqueConstraint(
                fields=["kind", "source"], name="one_fact_of_a_source", condition=Q(supersedes=None)
            ),
            models.CheckConstraint(name="fact_quantity", condition=Q(quantity__gte=1, quantity__lte=LARGEST_QUANTITY)),
            models.CheckConstraint(
                name="repair_of_a_fact",
                condition=Q(kind=REPAIRED, repairs__isnull=False) | (~Q(kind=REPAIRED) & Q(repairs=None)),
            ),
            models.CheckConstraint(
                name="withdrawn_supersedes", condition=Q(withdrawn=False) | Q(supersedes__isnull=False)
            ),
        )
        indexes = (
            # Read by the page and the rating of a party.
            models.Index(fields=["party", "-occurred_on", "-id"], name="facts_of_party"),
            # Read by the regulator's list of facts.
            models.Index(fields=["region", "-id"], name="facts_in_region"),
            # Read by the round of ratings: what was recorded since the last one.
            models.Index(fields=["recorded_at"], name="facts_recorded"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.party_id} {self.occurred_on}"


class Contest(models.Model):
    """An objection 异议 of the party to a fact, and what was decided about it."""

    fact = models.OneToOneField(Fact, models.PROTECT, related_name="contest", verbose_name="事实")
    reason = models.CharField("理由", max_length=1000)
    contested_by = link("parties.Person", "提出人")
    contested_at = models.DateTimeField("提出时间")
    decision = models.CharField(
        "决定", max_length=10, blank=True, default="", choices=[(one.name, one.value) for one in Decision]
    )
    decided_by = link("parties.Person", "决定人", null=True)
    decided_at = models.DateTimeField("决定时间", null=True)
    decision_reason = models.CharField("决定理由", max_length=1000, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "异议"
        indexes = (models.Index(fields=["id"], name="contests_open", condition=Q(decision="")),)  # the work list
        constraints = (
            models.CheckConstraint(
                name="contest_decided_by_someone",
                condition=Q(decision="", decided_by=None, decided_at=None)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decision_reason="")),
            ),
            models.CheckConstraint(
                name="contest_decided_by_another", condition=Q(decided_by=None) | ~Q(decided_by=F("contested_by"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.fact_id} {self.decision}"


class Repair(models.Model):
    """An application for repair of credit 信用修复 after a fact."""

    fact = models.ForeignKey(Fact, models.PROTECT, related_name="applications", verbose_name="事实")
    statement = models.CharField("整改情况与承诺", max_length=2000)
    applied_by = link("parties.Person", "申请人")
    applied_at = models.DateTimeField("申请时间")
    state = models.CharField(
        "状态", max_length=10, choices=[(one.name, one.value) for one in RepairState], default=RepairState.APPLIED.name
    )
    decided_by = link("parties.Person", "决定人", null=True)
    decided_at = models.DateTimeField("决定时间", null=True)
    reason = models.CharField("决定理由", max_length=1000, blank=True, default="")
    effective_on = models.DateField("生效日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "信用修复申请"
        indexes = (models.Index(fields=["id"], name="repairs_open", condition=Q(state="APPLIED")),)  # the work list
        constraints = (
            models.UniqueConstraint(
                fields=["fact"], name="one_repair_at_a_time", condition=Q(state__in=["APPLIED", "GRANTED"])
            ),
            models.CheckConstraint(
                name="repair_decided_by_someone",
                condition=Q(state="APPLIED", decided_by=None, decided_at=None)
                | (~Q(state="APPLIED") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="repair_granted_from_a_day", condition=~Q(state="GRANTED") | Q(effective_on__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.fact_id} {self.state}"


class RuleVersion(models.Model):
    """A rule set as it was proposed; in force from a day on once it is adopted. Its content never changes."""

    version = models.PositiveIntegerField("版次", unique=True)
    name = models.CharField("名称", max_length=60)
    content = models.TextField("规则（规范 JSON）")
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    note = models.CharField("说明", max_length=1000, blank=True, default="")
    proposed_by = link("parties.Person", "提出人")
    proposed_at = models.DateTimeField("提出时间")
    effective_from = models.DateField("生效日期", null=True, unique=True)
    adopted_by = link("parties.Person", "发布人", null=True)
    adopted_at = models.DateTimeField("发布时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "信用规则"
        constraints = (
            models.CheckConstraint(
                name="rules_adopted_by_someone",
                condition=Q(effective_from=None, adopted_by=None, adopted_at=None)
                | Q(effective_from__isnull=False, adopted_by__isnull=False, adopted_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} 第 {self.version} 版"


class Simulation(models.Model):
    """What a rule set would have done on a day: how many move from where to where, and some of them with why."""

    rules = models.ForeignKey(RuleVersion, models.PROTECT, related_name="simulations", verbose_name="信用规则")
    against = link("RuleVersion", "现行规则", null=True)
    on = models.DateField("日期")
    result = models.JSONField("结果")
    made_by = link("parties.Person", "提出人")
    made_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "规则试算"

    def __str__(self) -> str:
        return f"{self.rules_id} {self.on}"


class Snapshot(models.Model):
    """A round of ratings: of those who were not rated before or whose facts or grade changed; logged as one entry."""

    number = models.CharField("编号", max_length=40, unique=True)
    on = models.DateField("日期")
    known_at = models.DateTimeField("所知截至")
    rules = link("RuleVersion", "信用规则")
    size = models.PositiveIntegerField("单位数")
    leaves = models.BinaryField("叶哈希")
    root = models.CharField("根", max_length=64)
    json_sha256 = models.CharField("推送 JSON 的 SHA-256", max_length=64)
    csv_sha256 = models.CharField("推送 CSV 的 SHA-256", max_length=64)
    taken_at = models.DateTimeField("完成时间")

    class Meta:
        verbose_name = verbose_name_plural = "评价批次"
        indexes = (models.Index(fields=["-known_at"], name="snapshots_newest"),)  # read with each fact's recording

    def __str__(self) -> str:
        return self.number


class Rating(models.Model):
    """A published rating of a party, with the statement as it was logged."""

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="ratings", verbose_name="批次", db_index=False)
    place = models.PositiveIntegerField("序号")
    party = link("parties.Organisation", "单位", db_index=False)
    grade = models.CharField("级别", max_length=1, choices=CHOICES)
    score = models.BigIntegerField("分数（千分之一分）")
    statement = models.TextField("评价内容")

    class Meta:
        verbose_name = verbose_name_plural = "信用评价"
        constraints = (
            models.UniqueConstraint(fields=["snapshot", "place"], name="one_rating_a_place"),
            models.CheckConstraint(name="rating_grade", condition=Q(grade__in=list(GRADES))),
        )
        # Read by the page of a party: the last one, and those before.
        indexes = (models.Index(fields=["party", "-id"], name="ratings_of_party"),)

    def __str__(self) -> str:
        return f"{self.party_id} {self.grade}"


class Standing(models.Model):
    """Where a party stands by its last rating: what the lists read. Derived, and made anew with each round."""

    party = models.OneToOneField(
        "parties.Organisation", models.PROTECT, primary_key=True, related_name="+", verbose_name="单位"
    )
    region = models.CharField("行政区划", max_length=6)
    city = models.CharField("市", max_length=4)
    category = models.CharField("类别", max_length=16)
    grade = models.CharField("级别", max_length=1, choices=CHOICES)
    score = models.BigIntegerField("分数（千分之一分）")
    facts = models.PositiveIntegerField("事实数")
    since = models.DateField("自何日起")  # of the rounds that found the grade
    rating = link("Rating", "评价", db_index=False)
    rules = link("RuleVersion", "信用规则", db_index=False)
    known_at = models.DateTimeField("所知截至")

    class Meta:
        verbose_name = verbose_name_plural = "现行级别"
        indexes = (
            # Read by the regulator's list of a county, of a city, and of the province, the worst first.
            models.Index(fields=["region", "-grade", "party"], name="standing_in_county"),
            models.Index(fields=["city", "-grade", "party"], name="standing_in_city"),
            models.Index(fields=["-grade", "party"], name="standing_in_province"),
        )

    def __str__(self) -> str:
        return f"{self.party_id} {self.grade}"
