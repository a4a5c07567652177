"""The account with which a person signs in; what the person may do is said by grants in `parties`."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class User(AbstractUser):
    """Our own from the first day, since a project can't change its user model later."""

    class Meta:
        verbose_name = verbose_name_plural = "账户"


class ApiToken(models.Model):
    """A key to the JSON interface for a program of this account. Of the key itself only the hash is kept."""

    user = models.ForeignKey(User, models.PROTECT, related_name="tokens", verbose_name="账户")
    name = models.CharField("用途", max_length=60)
    sha256 = models.BinaryField("哈希", unique=True)
    hint = models.CharField("开头", max_length=12)
    scopes = ArrayField(models.CharField(max_length=60), verbose_name="范围")
    created_at = models.DateTimeField("建立时间")
    expires_at = models.DateTimeField("到期时间")
    last_used_at = models.DateTimeField("最近使用", null=True)
    revoked_at = models.DateTimeField("撤销时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"
        constraints = (
            models.CheckConstraint(name="a_token_ends", condition=Q(expires_at__gt=models.F("created_at"))),
            models.CheckConstraint(name="a_token_has_scopes", condition=~Q(scopes=[])),
        )

    def __str__(self) -> str:
        return f"{self.hint}… {self.name}"
