"""A verification 检定 on its way from the raw record to approval: testing, reviewing and approving are three acts."""

from django.db import models
from django.db.models import F, Q

from yuejingzhun.platform.operations.verification.rules import State
from yuejingzhun.procedures.record import VerificationKind


def person(verb: str, **more: object) -> models.ForeignKey:  # type: ignore[type-arg]
    """A person who did something with a job; no name back, since none is read that way."""
    return models.ForeignKey("parties.Person", models.PROTECT, related_name="+", verbose_name=verb, **more)  # type: ignore[arg-type]


class Job(models.Model):
    """One verification. Once tested, the record is never edited: a wrong one is returned and made again."""

    instrument = models.ForeignKey("instruments.Instrument", models.PROTECT, related_name="jobs", verbose_name="器具")
    institute = models.ForeignKey("parties.Organisation", models.PROTECT, related_name="+", verbose_name="检定机构")
    holder = models.ForeignKey("parties.Organisation", models.PROTECT, related_name="+", verbose_name="送检单位")
    standard = models.ForeignKey("standards.MeasurementStandard", models.PROTECT, verbose_name="计量标准")
    regulation = models.CharField("检定规程", max_length=40)
    kind = models.CharField("检定类别", max_length=16, choices=[(kind.name, kind.value) for kind in VerificationKind])
    state = models.CharField("状态", max_length=16, choices=[(state.name, state.value) for state in State])
    record = models.JSONField("原始记录")
    reference = models.JSONField("所用计量标准的状态")
    passed = models.BooleanField("合格")
    received_on = models.DateField("收样日期")
    tested_on = models.DateField("检定日期")
    tested_by = person("检定员")
    tested_at = models.DateTimeField("提交时间")
    reviewed_by = person("核验员", null=True)
    reviewed_at = models.DateTimeField("核验时间", null=True)
    approved_by = person("批准人", null=True)
    approved_at = models.DateTimeField("批准时间", null=True)
    returned_by = person("退回人", null=True)
    returned_at = models.DateTimeField("退回时间", null=True)
    return_reason = models.TextField("退回原因", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "检定任务"
        indexes = (
            models.Index(fields=["institute", "state", "tested_at"], name="job_work_list"),  # read by my work
            models.Index(fields=["instrument", "tested_on"], name="job_history"),  # read by the instrument's page
        )
        constraints = (
            models.CheckConstraint(
                name="tester_is_not_reviewer", condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("tested_by"))
            ),
            models.CheckConstraint(
                name="tester_is_not_approver", condition=Q(approved_by=None) | ~Q(approved_by=F("tested_by"))
            ),
            models.CheckConstraint(
                name="reviewed_when_it_says_so",
                condition=~Q(state__in=["REVIEWED", "APPROVED"])
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="approved_when_it_says_so",
                condition=Q(state="APPROVED", approved_by__isnull=False, approved_at__isnull=False)
                | (~Q(state="APPROVED") & Q(approved_by=None, approved_at=None)),
            ),
            models.CheckConstraint(
                name="returned_with_a_reason",
                condition=~Q(state="RETURNED") | (Q(returned_by__isnull=False) & ~Q(return_reason="")),
            ),
            models.CheckConstraint(name="received_before_tested", condition=Q(tested_on__gte=F("received_on"))),
        )

    def __str__(self) -> str:
        return f"{self.regulation} {self.instrument_id} {self.tested_on}"
