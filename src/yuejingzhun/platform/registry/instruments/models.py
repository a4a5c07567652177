"""Measuring instruments 计量器具 on record."""

import secrets

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left

TAG_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to be misread on a label
TAG_LENGTH = 12


class Use(models.TextChoices):
    """What an instrument is used for: the first four uses make verification mandatory (Metrology Law, article 9)."""

    TRADE = "trade", "贸易结算"
    MEDICAL = "medical", "医疗卫生"
    SAFETY = "safety", "安全防护"
    ENVIRONMENT = "environment", "环境监测"
    OTHER = "other", "其他"


class InUse(models.TextChoices):
    """Whether the instrument is used at all; whether it may be used follows from its certificates."""

    IN_USE = "in_use", "在用"
    STOPPED = "stopped", "停用"
    SCRAPPED = "scrapped", "报废"


def new_tag() -> str:
    """The name that a label's QR code carries: says nothing of the instrument, and can't be guessed from another's."""
    return "".join(secrets.choice(TAG_ALPHABET) for _ in range(TAG_LENGTH))


class Instrument(models.Model):
    """An instrument, known by maker, model and serial number, within what one regulation covers in all its editions.

    Makers number their meters and their chargers anew, so a serial number alone doesn't tell one from the other.
    """

    holder = models.ForeignKey("parties.Organisation", models.PROTECT, verbose_name="使用单位", db_index=False)
    name = models.CharField("名称", max_length=120)
    model = models.CharField("型号", max_length=120)
    serial = models.CharField("出厂编号", max_length=120)
    maker = models.CharField("制造单位", max_length=200)
    regulation = models.CharField("适用检定规程", max_length=40)
    regulation_series = models.CharField("规程号（不含年份）", max_length=40)
    item = models.CharField("强制管理目录项目", max_length=12, blank=True, default="")
    accuracy_class = models.CharField("准确度等级", max_length=40, blank=True, default="")
    measuring_range = models.CharField("测量范围", max_length=120, blank=True, default="")
    use = models.CharField("用途", max_length=12, choices=Use.choices, default=Use.TRADE)
    type_approval = models.CharField("型式批准证书号", max_length=40, blank=True, default="")
    holder_number = models.CharField("使用单位编号", max_length=80, blank=True, default="")
    region = models.CharField("所在行政区划", max_length=6)
    city = models.CharField("所在市", max_length=4)
    place = models.CharField("安装地点", max_length=300, blank=True)
    in_use = models.CharField("使用状态", max_length=10, choices=InUse.choices, default=InUse.IN_USE)
    tag = models.CharField("标签", max_length=TAG_LENGTH, unique=True, default=new_tag)
    filed_at = models.DateTimeField("备案时间", null=True)
    last_certificate = models.CharField("最近一份证书", max_length=80, blank=True, default="")
    last_passed = models.BooleanField("最近一次合格", null=True)
    valid_until = models.DateField("检定有效期至", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "计量器具"
        constraints = (
            models.UniqueConstraint(
                fields=["maker", "model", "serial", "regulation_series"], name="one_instrument_of_a_serial"
            ),
            models.CheckConstraint(name="city_is_the_regions", condition=Q(city=Left(F("region"), 4))),
        )
        indexes = (
            # Read by the due list of a city, of a county and of a holder: each is one scan of an index.
            models.Index(fields=["city", "valid_until", "id"], name="due_in_city", condition=Q(in_use="in_use")),
            models.Index(fields=["region", "valid_until", "id"], name="due_in_county", condition=Q(in_use="in_use")),
            models.Index(fields=["holder", "valid_until", "id"], name="due_of_holder"),
            models.Index(fields=["serial"], name="by_serial"),  # read by the look-up by number
        )

    def __str__(self) -> str:
        return f"{self.name} {self.model} {self.serial}"
