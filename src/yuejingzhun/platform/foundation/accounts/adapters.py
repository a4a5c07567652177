"""How allauth behaves here: nobody signs up, all in Chinese, secrets encrypted, nobody made by an outside identity.

allauth asks for classes that inherit from its own.
"""

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.accounts.queries import SECOND_FACTORS, must_use_second_factor

MESSAGES = {
    "account/messages/password_changed.txt": "密码已更改，其他会话已结束",
    "account/messages/password_set.txt": "密码已设置",
    "mfa/messages/totp_activated.txt": "验证器应用已启用",
    "mfa/messages/totp_deactivated.txt": "验证器应用已停用",
    "mfa/messages/webauthn_added.txt": "通行密钥已添加",
    "mfa/messages/webauthn_removed.txt": "通行密钥已移除",
    "mfa/messages/recovery_codes_generated.txt": "已生成新的恢复码，旧的作废",
    "socialaccount/messages/account_connected.txt": "已绑定外部身份",
    "socialaccount/messages/account_connected_updated.txt": "已绑定外部身份",
    "socialaccount/messages/account_connected_other.txt": "这个外部身份已绑定到另一个账户",
    "socialaccount/messages/account_disconnected.txt": "已解除绑定",
}
METHODS = {
    "reauthenticate": "用密码确认",
    "mfa_reauthenticate": "用验证器应用或恢复码确认",
    "mfa_reauthenticate:webauthn": "用通行密钥确认",
}


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by user name and password, locked by axes."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "账户已停用，请联系本单位管理员",
        "enter_current_password": "当前密码不对",
        "incorrect_code": "验证码不对，或已经用过：请等下一个验证码",
        "incorrect_password": "密码不对",
        "invalid_login": "登录无效",
        "rate_limited": "请求过于频繁，请稍后再试",
        "too_many_login_attempts": "连续输错次数过多，请十五分钟后再试",
        "username_password_mismatch": "账户或密码不对，请重试。连续输错五次将锁定十五分钟。",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are opened by administrators."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing: passwords are counted by axes, by account and address, so that no stranger locks an account out."""

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """In Chinese, or not at all."""
        text = message or MESSAGES.get(message_template or "")
        if text:
            messages.add_message(request, level, text, extra_tags)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """As allauth has them, named in Chinese."""
        found = super().get_reauthentication_methods(user)
        return [method | {"description": METHODS[method["id"]]} for method in found]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the account's page."""
        return "/account/"


class SecondFactorAdapter(DefaultMFAAdapter):
    """The second factor: its secrets lie encrypted in the database."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": "您的角色须使用双重验证：先添加另一种方式，才能停用这一种",
        "cannot_generate_recovery_codes": "启用验证器应用或通行密钥之后，才能生成恢复码",
        "incorrect_code": "验证码不对，或已经用过：请等下一个验证码",
    }

    def encrypt(self, text: str) -> str:
        """With a key that is not in the database."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What `encrypt` made; raises InvalidToken where the passphrase is another one."""
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one of who must have one."""
        if authenticator.type not in SECOND_FACTORS or not must_use_second_factor(authenticator.user_id):
            return True
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=SECOND_FACTORS)
        return others.exclude(pk=authenticator.pk).exists()

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """密钥 1, 密钥 2, ..."""
        return f"密钥 {Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"


class OidcAdapter(DefaultSocialAccountAdapter):
    """An outside identity is bound to an account that exists, by the subject that the provider keeps for it.

    The first time it is found by its e-mail address, if the provider says that it verified it and exactly one active
    account has it. (OpenID Connect Core 1.0, 5.7: of the claims only `iss` with `sub` is a stable identifier.)
    """

    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "connected_other": "这个外部身份已绑定到另一个账户",
        "disconnect_last": "这是唯一的登录方式，不能解除；请先设置密码",
        "no_password": "账户还没有密码，不能解除绑定",
        "invalid_token": "外部身份的凭据无效",
    }

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never: people are registered by their organisation."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Bind, or refuse."""
        if sociallogin.is_existing or sociallogin.state.get("process") == "connect":
            return
        user = self._owner(sociallogin)
        if user is None:
            messages.error(request, "这个外部身份没有对应的账户：请先用账户和密码登录，再在“账户安全”页绑定")
            raise ImmediateHttpResponse(redirect("sign-in"))
        sociallogin.connect(request, user)

    def _owner(self, sociallogin: Any) -> User | None:
        verified = [found.email for found in sociallogin.email_addresses if found.verified is True and found.email]
        if not verified:
            return None
        found = list(User.objects.filter(email__iexact=verified[0], is_active=True)[:2])
        return found[0] if len(found) == 1 else None


def _fernet() -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"yuejingzhun second factor").derive(settings.KEY_PASSPHRASE.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
