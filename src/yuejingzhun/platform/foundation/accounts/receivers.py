"""What happens to an account goes into the audit trail, and a wrong code counts like a wrong password."""

from typing import Any

from allauth.account.signals import password_changed, password_set
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from allauth.socialaccount.signals import social_account_added, social_account_removed
from django.contrib.auth.signals import user_login_failed
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.accounts.services import note_account_event

FACTORS = {"totp": "验证器应用", "webauthn": "通行密钥", "recovery_codes": "恢复码"}


@receiver(post_save, sender=Authenticator)
def _added(instance: Authenticator, created: bool, **_: Any) -> None:
    if created:
        _note_factor("启用双重验证", instance)


@receiver(post_delete, sender=Authenticator)
def _removed(instance: Authenticator, **_: Any) -> None:
    _note_factor("停用双重验证", instance)


def _note_factor(action: str, factor: Authenticator) -> None:
    request = context.request
    own = request is not None and request.user.pk == factor.user_id
    note_account_event(
        factor.user, action, timezone.now(), FACTORS[factor.type] + ("" if own else "（不是本人在页面上操作）")
    )


@receiver((password_changed, password_set))
def _password(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    note_account_event(user, "更改密码", timezone.now())


@receiver(authentication_failed)
def _wrong_code(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    user_login_failed.send(sender=__name__, credentials={"username": user.get_username()}, request=request)


@receiver(social_account_added)
def _bound(sender: Any, request: HttpRequest, sociallogin: Any, **_: Any) -> None:
    note_account_event(sociallogin.user, "绑定外部身份", timezone.now())


@receiver(social_account_removed)
def _unbound(sender: Any, request: HttpRequest, socialaccount: Any, **_: Any) -> None:
    note_account_event(socialaccount.user, "解除外部身份", timezone.now())
