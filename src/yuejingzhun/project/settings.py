"""Settings. Everything that differs between installations comes from the environment; the rest is decided here.

YJZ_DATA            folder for database, keys and secrets (default: var/ beside the checkout)
DATABASE_URL        a PostgreSQL server; without it the embedded one is used
YJZ_HOSTS           comma-separated host names that the server answers to
YJZ_PUBLIC_URL      the address that QR codes lead to
YJZ_LOG_ORIGIN      the name of the transparency log (default: the public address and /log); never changed later
YJZ_LOG_QUORUM      how many witnesses a checkpoint needs to be trusted here (default: 0)
YJZ_TSA_URL         a timestamp authority (RFC 3161); without it our own stamps
YJZ_TSA_POLICIES    comma-separated policies of timestamps that are accepted besides our own
YJZ_TSA_CLOCK       "kernel": our own stamps only while the kernel's clock is disciplined and within 1 s
YJZ_SECRET_KEY      Django's secret; without it one is made and kept in YJZ_DATA
YJZ_KEY_PASSPHRASE  encrypts the signing keys; without it one is made and kept in YJZ_DATA
YJZ_HTTPS           "1" where the server is reached by HTTPS: secure cookies and HSTS
YJZ_MFA             "1": signatories, quality managers and regulators act only after a second factor
YJZ_EMAIL_URL       a mail server for reminders, smtp://user:password@host:587?tls=1&from=address; without it no mails
YJZ_ENGINE          "spark": evaluations of meters in service run on Apache Spark (YJZ_SPARK_MASTER); without it here
YJZ_ENGINE_WORKERS  processes of an evaluation that runs here (default: as many as there are processors)
YJZ_OIDC_ISSUER     an OpenID Connect provider to sign in with: YJZ_OIDC_CLIENT_ID, _SECRET and _NAME belong to it
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF
from psycopg.conninfo import conninfo_to_dict


def _kept_secret(name: str) -> str:
    """A secret from the environment, or one made once and kept in a file that only the owner can read."""
    if given := os.environ.get(name):
        return given
    path = DATA / "secrets" / name.lower()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()


def _oidc(issuer: str) -> dict[str, Any]:
    if not issuer:
        return {}
    app = {
        "provider_id": "oidc",
        "name": os.environ.get("YJZ_OIDC_NAME", "统一身份认证"),
        "client_id": os.environ["YJZ_OIDC_CLIENT_ID"],
        "secret": os.environ["YJZ_OIDC_SECRET"],
        "settings": {"server_url": issuer, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app]}}


def _email(url: str) -> dict[str, Any]:
    """Django's settings of a mail server: smtp:// (?tls=1 for STARTTLS) or smtps://; without one no mail leaves."""
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend", "EMAIL_HOST": ""}
    parts = urlsplit(url)
    options = parse_qs(parts.query)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or "from" not in options:
        raise ValueError("YJZ_EMAIL_URL 应写成 smtp://用户:密码@主机:端口?tls=1&from=发件地址，或 smtps://…")
    found: dict[str, Any] = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and options.get("tls") == ["1"],
        "EMAIL_TIMEOUT": 20,  # s
        "DEFAULT_FROM_EMAIL": options["from"][0],
    }
    return found


def _database(url: str) -> dict[str, Any]:
    parts = conninfo_to_dict(url)
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    settings: dict[str, Any] = {key: parts.pop(name, "") for key, name in names.items()}
    return settings | {
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": parts,
        "CONN_MAX_AGE": 60,  # a new connection a request costs more than all else in a look-up
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": f"test_{settings['NAME'] or 'yuejingzhun'}"},
    }


DATA = Path(os.environ.get("YJZ_DATA", "var")).absolute()
HTTPS = os.environ.get("YJZ_HTTPS") == "1"
SECRET_KEY = _kept_secret("YJZ_SECRET_KEY")
KEY_PASSPHRASE = _kept_secret("YJZ_KEY_PASSPHRASE")
KEYS = DATA / "keys"
PUBLIC_URL = os.environ.get("YJZ_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
DEBUG = False
MFA_REQUIRED = os.environ.get("YJZ_MFA") == "1"
OIDC_ISSUER = os.environ.get("YJZ_OIDC_ISSUER", "").rstrip("/")
LOG_ORIGIN = os.environ.get("YJZ_LOG_ORIGIN") or PUBLIC_URL.partition("//")[2] + "/log"
LOG_QUORUM = int(os.environ.get("YJZ_LOG_QUORUM", "0"))
TSA_URL = os.environ.get("YJZ_TSA_URL", "")
TSA_CLOCK_IS_MONITORED = os.environ.get("YJZ_TSA_CLOCK") == "kernel"
LOG_FOLDER = DATA / "log"
ENGINE = os.environ.get("YJZ_ENGINE", "local")
ENGINE_WORKERS = int(os.environ.get("YJZ_ENGINE_WORKERS", "0"))
SPARK_MASTER = os.environ.get("YJZ_SPARK_MASTER", "local[*]")
ALLOWED_HOSTS = os.environ.get("YJZ_HOSTS", "127.0.0.1,localhost").split(",")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # before the admin, whose templates it replaces
    "yuejingzhun.platform.foundation.office.config.OfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
    "yuejingzhun.platform.foundation.accounts",  # before allauth, whose templates it replaces
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "yuejingzhun.platform.foundation.parties",
    "yuejingzhun.platform.foundation.audit",
    "yuejingzhun.platform.foundation.ledger",
    "yuejingzhun.platform.foundation.events",
    "yuejingzhun.platform.foundation.jobs",
    "yuejingzhun.platform.registry.catalogue",
    "yuejingzhun.platform.registry.qualifications",
    "yuejingzhun.platform.registry.standards",
    "yuejingzhun.platform.registry.materials",
    "yuejingzhun.platform.registry.approvals",
    "yuejingzhun.platform.registry.instruments",
    "yuejingzhun.platform.registry.reminders",
    "yuejingzhun.platform.registry.traceability",
    "yuejingzhun.platform.operations.verification",
    "yuejingzhun.platform.operations.certificates",
    "yuejingzhun.platform.operations.mandatory",
    "yuejingzhun.platform.operations.metering",
    "yuejingzhun.platform.supervision.credit",
    "yuejingzhun.platform.supervision.indicators",
    "yuejingzhun.portals",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "yuejingzhun.platform.foundation.accounts.guards.end_sessions",
    "allauth.account.middleware.AccountMiddleware",
    "yuejingzhun.platform.foundation.accounts.guards.ask_second_factor",
    "yuejingzhun.project.errors.explain_refusals",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "yuejingzhun.project.urls"
WSGI_APPLICATION = "yuejingzhun.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]
DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "postgresql:///yuejingzhun"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# What must hold in every process: which code of a second factor was used, how often one was wrong.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: of who is locked out nothing is even compared
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "sign-in", "my-work", "front"
ACCOUNT_ADAPTER = "yuejingzhun.platform.foundation.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]  # read for the form of signing in; nobody signs up here
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False  # the cookie ends with the browser, the session by the rules below
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # here; elsewhere the sessions end by themselves
# A whole institute may stand behind one address. Passwords are counted by axes, codes of a second factor also here.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "5/900s/key"}
MFA_ADAPTER = "yuejingzhun.platform.foundation.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "粤精准"
MFA_FORMS = {
    "add_webauthn": "yuejingzhun.platform.foundation.accounts.forms.AddKeyForm",
    "authenticate_webauthn": "yuejingzhun.platform.foundation.accounts.forms.KeyForm",
    "login_webauthn": "yuejingzhun.platform.foundation.accounts.forms.KeySignInForm",
    "reauthenticate_webauthn": "yuejingzhun.platform.foundation.accounts.forms.KeyConfirmForm",
}
SOCIALACCOUNT_ADAPTER = "yuejingzhun.platform.foundation.accounts.adapters.OidcAdapter"
SOCIALACCOUNT_PROVIDERS = _oidc(OIDC_ISSUER)
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
LOGGING = {"version": 1, "disable_existing_loggers": False, "loggers": {"axes": {"level": "ERROR"}}}  # kept in a table
AXES_LOCKOUT_TEMPLATE = "locked.html"
CSRF_FAILURE_VIEW = "yuejingzhun.project.errors.forbidden_form"

globals().update(_email(os.environ.get("YJZ_EMAIL_URL", "")))

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"  # on the screen; the database holds UTC
USE_I18N = USE_TZ = True

LOCALE_PATHS = [Path(__file__).parent / "locale"]  # what libraries say only in English

UNFOLD = {"SITE_TITLE": "粤精准后台", "SITE_HEADER": "粤精准后台", "SITE_SYMBOL": "balance", "SHOW_HISTORY": True}

STATIC_URL = "static/"
STATICFILES_DIRS = [Path(__file__).parent / "static"]
WHITENOISE_USE_FINDERS = True  # files come from the package itself; nothing has to be collected

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "style-src": [SELF],
        "script-src": [SELF],
        "frame-ancestors": [NONE],
        # A browser also asks it of the address that a sign-in with a provider leads to.
        "form-action": [SELF, *(["/".join(OIDC_ISSUER.split("/")[:3])] if OIDC_ISSUER else [])],
        "base-uri": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600  # s; the absolute end, counted from the sign-in
SESSION_IDLE_AGE = 30 * 60  # s without a request
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
