"""The addresses of signing in and of one's own account. Of allauth only what is used here has one.

Names with an underscore are allauth's own, by which it finds its pages.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from allauth.socialaccount import views as outside
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.contrib.auth.decorators import login_required
from django.urls import path
from django.views.generic import RedirectView

from yuejingzhun.platform.foundation.accounts import pages

urlpatterns = [
    path("sign-in", account.login, name="sign-in"),
    path("sign-in", account.login, name="account_login"),
    path("sign-out", account.logout, name="sign-out"),
    path("sign-out", account.logout, name="account_logout"),
    path("sign-in/inactive", account.account_inactive, name="account_inactive"),
    path("sign-in/second", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/key", keys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/cancelled", outside.login_cancelled, name="socialaccount_login_cancelled"),
    path("sign-in/with/<str:provider_id>", oidc.login, name="openid_connect_login"),
    path("sign-in/with/<str:provider_id>/callback", oidc.callback, name="openid_connect_callback"),
    path("account/", pages.account_page, name="account"),
    path("account/password", login_required(account.password_change), name="account_change_password"),
    path("account/password/first", account.password_set, name="account_set_password"),
    path("account/confirm", account.reauthenticate, name="account_reauthenticate"),
    path("account/confirm/code", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/confirm/key", keys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/second", mfa.index, name="mfa_index"),
    path("account/second/app", totp.activate_totp, name="mfa_activate_totp"),
    path("account/second/app/off", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/second/keys", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("account/second/keys/new", keys.add_webauthn, name="mfa_add_webauthn"),
    path("account/second/keys/<int:pk>/name", keys.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/second/keys/<int:pk>/remove", pages.remove_key_page, name="mfa_remove_webauthn"),
    path("account/second/recovery", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/second/recovery/new", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/identities", outside.connections, name="socialaccount_connections"),
    path("account/tokens", pages.tokens_page, name="account-tokens"),
    path("account/tokens/<int:token_id>/revoke", pages.revoke_token_page, name="account-token-revoke"),
    path("account/sessions", pages.sessions_page, name="account-sessions"),
    path("account/sessions/<int:session_id>/end", pages.end_session_page, name="account-session-end"),
]
