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
            # Read by a holder's list, narrowed: of one item, never verified or failed, stopped or scrapped.
            models.Index(fields=["holder", "item", "valid_until", "id"], name="item_of_holder"),
            models.Index(
                fields=["holder", "last_passed", "id"],
                name="no_pass_of_holder",
                condition=Q(last_passed=None) | Q(last_passed=False),
            ),
            models.Index(
                fields=["holder", "id"], name="not_used_of_holder", condition=Q(in_use__in=["stopped", "scrapped"])
            ),
            # Read by the regulator's list of what was never verified.
            models.Index(
                fields=["region", "id"], name="never_in_region", condition=Q(in_use="in_use", last_passed=None)
            ),
            models.Index(fields=["serial"], name="by_serial"),  # read by the look-up by number
            # Read by the look-up of meters by the number that their holder gave them.
            models.Index(fields=["holder", "holder_number"], name="number_of_holder", condition=~Q(holder_number="")),
            models.Index(fields=["maker", "model", "region"], name="type_in_region"),  # read by the search for words
        )

    def __str__(self) -> str:
        return f"{self.name} {self.model} {self.serial}"


class KnownType(models.Model):
    """A maker's model under a name, kept by a trigger: what people search by words has some 10^4 rows, not 10^7."""

    maker = models.CharField("制造单位", max_length=200)
    model = models.CharField("型号", max_length=120)
    name = models.CharField("名称", max_length=120)

    class Meta:
        verbose_name = verbose_name_plural = "型式"
        constraints = (models.UniqueConstraint(fields=["maker", "model", "name"], name="one_row_a_type"),)

    def __str__(self) -> str:
        return f"{self.maker} {self.model} {self.name}"


class DueCount(models.Model):
    """How many instruments of a county are valid until which day; see `CountChange`."""

    region = models.CharField("所在行政区划", max_length=6)
    in_use = models.CharField("使用状态", max_length=10)
    valid_until = models.DateField("检定有效期至")
    number = models.BigIntegerField("台件")

    class Meta:
        verbose_name = verbose_name_plural = "到期台件数"
        constraints = (models.UniqueConstraint(fields=["region", "in_use", "valid_until"], name="one_due_count"),)
        # Read by the counts of the province and its cities: the days around today, in all counties.
        indexes = (models.Index(fields=["valid_until", "region"], name="due_count_of_day"),)

    def __str__(self) -> str:
        return f"{self.region} {self.valid_until}: {self.number}"


class ItemCount(models.Model):
    """How many instruments of a county and item are valid until which month; see `CountChange`."""

    region = models.CharField("所在行政区划", max_length=6)
    item = models.CharField("强制管理目录项目", max_length=12)
    in_use = models.CharField("使用状态", max_length=10)
    valid_month = models.DateField("检定有效期至（月）")
    number = models.BigIntegerField("台件")

    class Meta:
        verbose_name = verbose_name_plural = "各项目台件数"
        constraints = (
            models.UniqueConstraint(fields=["region", "item", "in_use", "valid_month"], name="one_item_count"),
        )

    def __str__(self) -> str:
        return f"{self.region} {self.item} {self.valid_month}: {self.number}"


class CountChange(models.Model):
    """A change of the counts, written by a trigger with each statement and added up from time to time.

    Adding at once would make all who issue certificates in one county wait for one another. A day of 0001-01-01
    stands for an instrument that was never verified.
    """

    region = models.CharField(max_length=6)
    item = models.CharField(max_length=12)
    in_use = models.CharField(max_length=10)
    valid_until = models.DateField()
    number = models.BigIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "台件数的变化"

    def __str__(self) -> str:
        return f"{self.region} {self.item} {self.valid_until}: {self.number:+}"
