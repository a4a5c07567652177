"""What an owner fills in about the account."""

from typing import Any

from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms

from yuejingzhun.platform.foundation.accounts.adapters import SecondFactorAdapter
from yuejingzhun.platform.foundation.accounts.rules import LONGEST_NAME, LONGEST_TOKEN_DAYS
from yuejingzhun.platform.foundation.accounts.scopes import offered_scopes


class TokenForm(forms.Form):
    """What a new token is for, what it may do, and for how long."""

    name = forms.CharField(label="用途", max_length=LONGEST_NAME)
    days = forms.IntegerField(label="有效期（天）", min_value=1, max_value=LONGEST_TOKEN_DAYS, initial=90)
    scopes = forms.MultipleChoiceField(label="范围", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(scope.name, scope.label) for scope in offered_scopes()]  # type: ignore[attr-defined]


def _readable(clean: Any) -> Any:
    """What a browser never sends, but anybody can: refused like a wrong code, where the library would break."""

    def guarded(self: Any) -> Any:
        try:
            return clean(self)
        except forms.ValidationError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise SecondFactorAdapter().validation_error("incorrect_code") from error

    return guarded


class AddKeyForm(AddWebAuthnForm):
    """A new key."""

    clean = _readable(AddWebAuthnForm.clean)


class KeyForm(AuthenticateWebAuthnForm):
    """A key as the second factor of a sign-in."""

    clean_credential = _readable(AuthenticateWebAuthnForm.clean_credential)


class KeySignInForm(LoginWebAuthnForm):
    """A key instead of a password."""

    clean_credential = _readable(LoginWebAuthnForm.clean_credential)


class KeyConfirmForm(ReauthenticateWebAuthnForm):
    """A key, asked for again."""

    clean_credential = _readable(ReauthenticateWebAuthnForm.clean_credential)
