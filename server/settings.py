"""Django's settings, read once from the environment and the data folder.

HAILONG_DATA           one folder for everything: database, keys, server.toml (default ./data)
HAILONG_DATABASE_URL   postgresql://user:password@host:port/name or sqlite:////path/to/a/file;
                       without it SQLite in the folder
HAILONG_HOST           the host name people use, for ALLOWED_HOSTS (several: comma)
HAILONG_HTTPS          anything: people reach the server through a TLS front only
HAILONG_PROXIES        addresses or networks of that front (several: comma); without it
                       X-Forwarded-For is not believed and all its clients count as one
"""

import logging
import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from server.database_url import read_database
from server.folder import Folder, SetupError

DATA = Folder(Path(os.path.expanduser(os.environ.get("HAILONG_DATA", "data"))).absolute())

SECRET_KEY = DATA.secret_key()
DEBUG = False
ALLOWED_HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    *filter(None, os.environ.get("HAILONG_HOST", "").split(",")),
]


def _networks(text: str) -> list[IPv4Network | IPv6Network]:
    """The addresses and networks of a list with commas."""
    try:
        return [ip_network(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise SetupError(
            f"HAILONG_PROXIES cannot be read ({error}); write addresses such as 10.0.0.7."
        ) from error


TRUSTED_PROXIES = _networks(os.environ.get("HAILONG_PROXIES", ""))


DATABASES = {
    "default": read_database(
        os.environ.get("HAILONG_DATABASE_URL", ""), folder=DATA.path, file=DATA.database
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "server.ledger",
    "server.organisation",
    "server.dossiers",
    "server.fleet",
    "server.ingest",
    "server.votes",
    "server.attribution",
    "server.flags",
    "server.analytics",
    "server.complaints",
    "server.importing",
    "server.signals",
    "server.inspection",
    "server.web",
]
MIDDLEWARE = [
    "server.web.middleware.readable_cookies",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "server.web.middleware.chosen_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "server.web.middleware.content_security_policy",
]
ROOT_URLCONF = "server.urls"
WSGI_APPLICATION = "server.wsgi.application"
AUTH_USER_MODEL = "organisation.StaffAccount"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parent / "web" / "locale"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
# Behind the TLS front of a real site; the demo speaks plain HTTP on loopback.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(os.environ.get("HAILONG_HTTPS"))
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("HAILONG_HTTPS") else None
)
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if os.environ.get("HAILONG_HTTPS") else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"


def _one_line(record: logging.LogRecord) -> bool:
    """Anybody can ask for a host that is not ours, as often as they like: no traceback of it."""
    record.levelno, record.levelname = logging.WARNING, "WARNING"
    record.exc_info = record.exc_text = None
    return True


def _is_failure(record: logging.LogRecord) -> bool:
    """503 is what we answer on purpose to whom we have no turn for."""
    return getattr(record, "status_code", 500) != 503


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
            "datefmt": "%Y-%m-%dT%H:%M:%S%z",
        }
    },
    "filters": {
        "one_line": {"()": "django.utils.log.CallbackFilter", "callback": _one_line},
        "failures": {"()": "django.utils.log.CallbackFilter", "callback": _is_failure},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR", "filters": ["failures"]},
        "django.security.DisallowedHost": {"filters": ["one_line"]},
    },
}
