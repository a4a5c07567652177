"""Measuring instruments 计量器具 on record."""

from django.db import models


class Instrument(models.Model):
    """An instrument, known by maker, model and serial number, within what one regulation covers in all its editions.

    Makers number their meters and their chargers anew, so a serial number alone doesn't tell one from the other.
    """

    holder = models.ForeignKey("parties.Organisation", models.PROTECT, verbose_name="使用单位")
    name = models.CharField("名称", max_length=120)
    model = models.CharField("型号", max_length=120)
    serial = models.CharField("出厂编号", max_length=120)
    maker = models.CharField("制造单位", max_length=200)
    regulation = models.CharField("适用检定规程", max_length=40)
    regulation_series = models.CharField("规程号（不含年份）", max_length=40)
    region = models.CharField("所在行政区划", max_length=6)
    place = models.CharField("安装地点", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "计量器具"
        constraints = (
            models.UniqueConstraint(
                fields=["maker", "model", "serial", "regulation_series"], name="one_instrument_of_a_serial"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.model} {self.serial}"
