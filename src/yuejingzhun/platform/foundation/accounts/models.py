"""The account with which a person signs in; what the person may do is said by grants in `parties`."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Our own from the first day, since a project can't change its user model later."""

    class Meta:
        verbose_name = verbose_name_plural = "账户"
