"""Issued certificates. The database refuses to change or delete one: a wrong one is superseded or revoked."""

from django.db import models
from django.db.models import F, Q

from yuejingzhun.evidence.certificate import CertificateKind


class NumberSeries(models.Model):
    """The last serial number given in a region and year; its row is locked while the next is taken."""

    region = models.CharField(max_length=6)
    year = models.PositiveIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["region", "year"], name="one_series_a_region_and_year"),)

    def __str__(self) -> str:
        return f"{self.region}-{self.year}: {self.last}"


class Certificate(models.Model):
    """What was issued, as bytes, with what look-up needs of it."""

    number = models.CharField("证书编号", max_length=40, unique=True)
    kind = models.CharField("类别", max_length=16, choices=[(kind.name, kind.value) for kind in CertificateKind])
    job = models.OneToOneField("verification.Job", models.PROTECT, related_name="certificate", verbose_name="检定任务")
    instrument = models.ForeignKey("instruments.Instrument", models.PROTECT, related_name="certificates")
    institute_name = models.CharField("检定机构", max_length=200)
    instrument_name = models.CharField("器具名称", max_length=120)
    model = models.CharField("型号", max_length=120)
    serial = models.CharField("出厂编号", max_length=120)
    regulation = models.CharField("检定规程", max_length=40)
    passed = models.BooleanField("合格")
    conclusion = models.TextField("结论")
    tested_on = models.DateField("检定日期")
    valid_until = models.DateField("有效期至", null=True)
    issued_at = models.DateTimeField("签发时间")
    supersedes = models.OneToOneField(
        "self", models.PROTECT, related_name="successor", null=True, verbose_name="替换的证书"
    )
    signed_xml = models.BinaryField("数字证书")
    paper_key = models.CharField("二维码密钥", max_length=22, db_default="")  # empty: issued before there were keys

    class Meta:
        verbose_name = verbose_name_plural = "证书"
        constraints = (
            models.CheckConstraint(name="only_a_pass_is_valid_until", condition=Q(passed=True) | Q(valid_until=None)),
            models.CheckConstraint(name="supersedes_another", condition=Q(supersedes=None) | ~Q(supersedes=F("id"))),
        )

    def __str__(self) -> str:
        return self.number


class Document(models.Model):
    """The printed form and the bundle, made once the certificate has its place in the log, which the QR code tells."""

    certificate = models.OneToOneField(Certificate, models.PROTECT, related_name="document", verbose_name="证书")
    pdf = models.BinaryField("PDF")
    bundle = models.BinaryField("证书包")

    class Meta:
        verbose_name = verbose_name_plural = "证书文件"

    def __str__(self) -> str:
        return str(self.certificate_id)


class Unprinted(models.Model):
    """The queue of issued certificates that have no document yet; a search for them would read every certificate."""

    certificate = models.OneToOneField(Certificate, models.PROTECT, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return str(self.certificate_id)


class Revocation(models.Model):
    """That a certificate no longer holds, since when and why; appended, never changed."""

    certificate = models.OneToOneField(Certificate, models.PROTECT, related_name="revocation", verbose_name="证书")
    at = models.DateTimeField("撤销时间")
    by = models.ForeignKey("parties.Person", models.PROTECT, related_name="+", verbose_name="撤销人")
    reason = models.TextField("原因")

    class Meta:
        verbose_name = verbose_name_plural = "撤销"
        constraints = (models.CheckConstraint(name="revoked_with_a_reason", condition=~Q(reason="")),)

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.at:%Y-%m-%d}"
