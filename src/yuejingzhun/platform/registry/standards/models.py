"""Measurement standards 计量标准 and what they may be used for (JJF 1033)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class MeasurementStandard(models.Model):
    """A standard that passed its assessment; its U is in the unit that the regulation asks for."""

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

    class Meta:
        verbose_name = verbose_name_plural = "计量标准"
        constraints = (
            models.CheckConstraint(name="standard_u_is_positive", condition=Q(expanded_uncertainty__gt=0)),
            models.CheckConstraint(name="standard_k_is_positive", condition=Q(coverage_factor__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
