"""Reference materials 标准物质 with their certified values and batches."""

from django.db import models
from django.db.models import F, Q

from yuejingzhun.platform.registry.materials.rules import Grade


class ReferenceMaterial(models.Model):
    """A certified reference material of the national list, known by its GBW number."""

    number = models.CharField("编号", max_length=20, unique=True)
    name = models.CharField("名称", max_length=200)
    grade = models.CharField("级别", max_length=10, choices=[(grade.name, grade.value) for grade in Grade])
    producer = models.CharField("研制（生产）单位", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "标准物质"
        constraints = (
            models.CheckConstraint(
                name="number_tells_the_grade",
                condition=Q(grade="FIRST", number__regex=r"^GBW[0-9]{5}$")
                | Q(grade="SECOND", number__regex=r"^GBW\(E\)[0-9]{6}$"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Batch(models.Model):
    """A batch (or bottle) that an organisation holds, with its own certificate."""

    material = models.ForeignKey(ReferenceMaterial, models.PROTECT, related_name="batches", verbose_name="标准物质")
    owner = models.ForeignKey("parties.Organisation", models.PROTECT, related_name="+", verbose_name="保管单位")
    number = models.CharField("批号或瓶号", max_length=60)
    certificate = models.CharField("标准物质证书号", max_length=80, blank=True, default="")
    place = models.CharField("存放地点", max_length=200)
    received_on = models.DateField("入库日期")
    expires_on = models.DateField("有效期至")
    withdrawn_on = models.DateField("停用日期", null=True)
    withdrawal_reason = models.TextField("停用原因", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "标准物质批次"
        indexes = (
            models.Index(fields=["material", "owner", "expires_on"], name="usable_batch"),  # read by usable_batch
            models.Index(fields=["owner", "expires_on"], name="batches_of_owner"),  # read by the list
        )
        constraints = (
            models.UniqueConstraint(fields=["material", "owner", "number"], name="one_batch_of_a_number"),
            models.CheckConstraint(name="expires_after_receipt", condition=Q(expires_on__gte=F("received_on"))),
            models.CheckConstraint(
                name="withdrawn_with_a_reason", condition=Q(withdrawn_on=None) | ~Q(withdrawal_reason="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.material_id} {self.number}"


class CertifiedValue(models.Model):
    """A certified property value of a batch with its U and k, as its certificate gives them; append-only."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="values", verbose_name="批次")
    quantity = models.CharField("特性量", max_length=120)
    value = models.DecimalField("标准值", max_digits=24, decimal_places=12)
    expanded_uncertainty = models.DecimalField("扩展不确定度 U", max_digits=24, decimal_places=12)
    coverage_factor = models.DecimalField("包含因子 k", max_digits=6, decimal_places=3, default=2)
    unit = models.CharField("单位", max_length=40)

    class Meta:
        verbose_name = verbose_name_plural = "标准值"
        constraints = (
            models.UniqueConstraint(fields=["batch", "quantity"], name="one_value_of_a_quantity"),
            models.CheckConstraint(name="material_u_is_positive", condition=Q(expanded_uncertainty__gt=0)),
            models.CheckConstraint(name="material_k_is_positive", condition=Q(coverage_factor__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.quantity} {self.value} {self.unit}"

    @property
    def shown_value(self) -> str:
        """The value without the zeros that the column pads it with."""
        return format(self.value.normalize(), "f")

    @property
    def shown_uncertainty(self) -> str:
        """U and k alike."""
        u, k = self.expanded_uncertainty.normalize(), self.coverage_factor.normalize()
        return f"{u:f}（{k:f}）"
