"""Organisations, people and what each may do."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from yuejingzhun.platform.foundation.parties.credit_code import CreditCodeError, check_credit_code
from yuejingzhun.platform.foundation.parties.divisions import divisions
from yuejingzhun.platform.foundation.parties.rules import Role


def validate_credit_code(text: str) -> None:
    """For Django's validation: the check character of a unified social credit code."""
    try:
        check_credit_code(text)
    except CreditCodeError as error:
        raise ValidationError(str(error)) from error


def validate_region(code: str) -> None:
    """For Django's validation: a division of Guangdong."""
    if code not in divisions():
        raise ValidationError(f"广东省没有行政区划代码 {code}")


class Organisation(models.Model):
    """An institute, a holder, a maker, a repairer or an authority."""

    class Kind(models.TextChoices):
        INSTITUTE = "institute", "计量技术机构"
        HOLDER = "holder", "使用单位"
        MAKER = "maker", "制造单位"
        REPAIRER = "repairer", "修理单位"
        AUTHORITY = "authority", "市场监管部门"

    name = models.CharField("名称", max_length=200)
    name_en = models.CharField("英文名称", max_length=200, blank=True)
    credit_code = models.CharField(
        "统一社会信用代码", max_length=18, unique=True, null=True, blank=True, validators=[validate_credit_code]
    )
    kind = models.CharField("类别", max_length=16, choices=Kind.choices)
    region = models.CharField("行政区划", max_length=6, validators=[validate_region])
    address = models.CharField("地址", max_length=300, blank=True)
    phone = models.CharField("电话", max_length=40, blank=True)
    authorisation = models.CharField("计量授权证书号", max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "组织"
        constraints = (
            models.CheckConstraint(name="region_is_in_guangdong", condition=Q(region__regex=r"^44[0-9]{4}$")),
            models.CheckConstraint(
                name="credit_code_form", condition=Q(credit_code__regex=r"^[0-9A-HJ-NP-RTUWXY]{18}$")
            ),
        )

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """A person who acts in the system, with the account to sign in with."""

    name = models.CharField("姓名", max_length=80)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="people", verbose_name="所在单位")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="person", null=True, verbose_name="账户"
    )

    class Meta:
        verbose_name = verbose_name_plural = "人员"

    def __str__(self) -> str:
        return self.name


class RoleGrant(models.Model):
    """A role that a person has, from a day to a day."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="grants", verbose_name="人员")
    role = models.CharField("角色", max_length=20, choices=[(role.name, role.value) for role in Role])
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name="单位")
    regulations = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name="授权项目")
    valid_from = models.DateField("生效日期")
    valid_until = models.DateField("截止日期")

    class Meta:
        verbose_name = verbose_name_plural = "角色授予"
        constraints = (
            models.UniqueConstraint(fields=["person", "role", "organisation"], name="one_grant_of_a_role"),
            models.CheckConstraint(name="grant_ends_after_start", condition=Q(valid_until__gte=models.F("valid_from"))),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.get_role_display()}"
