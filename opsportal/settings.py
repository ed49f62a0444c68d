"""Every setting, from the environment. Defaults run one machine without more.

`DATABASE_URL` and `REDIS_URL` move the portal to real servers. See .env.example.
"""

import sys
from datetime import timedelta
from pathlib import Path

import environ

from opsportal.kit.embedded import broker_socket
from opsportal.kit.keys import load_or_create_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

# --- Where things lie -----------------------------------------------------------
VAR_DIR = Path(env.str("OPSPORTAL_VAR", str(BASE_DIR / "var")))
# Written with the demo: lets checks reach its target on this machine, no more.
env.read_env(VAR_DIR / "demo" / "allow.env")
UPLOADS_DIR = VAR_DIR / "uploads"
# Where public pages are written; any web server may serve them from there.
STATUS_DIR = Path(env.str("OPSPORTAL_STATUS_DIR", str(VAR_DIR / "status")))

# --- Who we are -----------------------------------------------------------------
DEBUG = env.bool("DEBUG", False)
HOST = env.str("HOST", "127.0.0.1")
PORT = env.int("PORT", 8000)
SITE_URL = env.str("SITE_URL", f"http://localhost:{PORT}").rstrip("/")
SECRET_KEY = env.str("SECRET_KEY", "") or load_or_create_key(VAR_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# The first key encrypts, all of them decrypt (oldest last).
SECRETS_KEYS = env.list("OPSPORTAL_SECRETS_KEYS", default=[]) or [
    load_or_create_key(VAR_DIR / "secrets_key")
]
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", HOST]
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "opsportal",
    "runbooks",
    "checklists",
    "incidents",
    "oncall",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "opsportal.apps.PortalAdminConfig",
    "django_celery_beat",
    "django_htmx",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "opsportal.kit.middleware.correlation_id",
    "django.middleware.security.SecurityMiddleware",
    "opsportal.short_way.short_way",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "opsportal.unchanged.unchanged",
    "csp.middleware.CSPMiddleware",
    "incidents.views.status_files.open_to_all",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "oncall.middleware.viewer",
    "opsportal.kit.middleware.explain_refused_method",
]

ROOT_URLCONF = "opsportal.urls"
WSGI_APPLICATION = "opsportal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "opsportal.context.shell",
            ],
            "builtins": ["opsportal.templatetags.portal"],
        },
    }
]

# --- Data -----------------------------------------------------------------------
# IMMEDIATE is what keeps several writers of one SQLite file from "database is
# locked"; with it ATOMIC_REQUESTS would make every GET take the write lock.
_SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
        "PRAGMA busy_timeout=20000;PRAGMA foreign_keys=ON;"
    ),
}
_database = env.db_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'opsportal.sqlite3'}")
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = _SQLITE_OPTIONS
else:
    _database.setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
_database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", 600)
_database["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": _database}

# Rate limits live in the database so that flushing Redis unlocks nobody's door.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "opsportal_cache",
    },
    # Rendered fragments, keyed by what they show: never stale, so never shared.
    "fragments": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "fragments",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_HTTPONLY = True

# --- Wake-ups: Redis and Celery make it fast, the database makes it true ---------
REDIS_URL = env.str("REDIS_URL", "") or f"unix://{broker_socket(VAR_DIR)}"
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 110
CELERY_TASK_SOFT_TIME_LIMIT = 100
CELERY_TASK_DEFAULT_QUEUE = "sweep"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
    "socket_keepalive": not REDIS_URL.startswith("unix://"),
    "health_check_interval": 25,
    "retry_on_timeout": True,
    # A nudge while the broker is away costs a request a moment, not six seconds.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
# Publishing a wake-up may fail fast: the next sweep finds the row anyway.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULER = "opsportal.beat:PortalScheduler"
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
DJANGO_CELERY_BEAT_TZ_AWARE = True

# --- People ---------------------------------------------------------------------
AUTH_USER_MODEL = "oncall.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation."
        "UserAttributeSimilarityValidator"
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_ADAPTER = "oncall.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = int(timedelta(minutes=15).total_seconds())
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
USERSESSIONS_TRACK_ACTIVITY = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"APPS": env.json("OPSPORTAL_OIDC_APPS", default=[])}
}
SOCIALACCOUNT_ONLY = False

# --- Mail -----------------------------------------------------------------------
_mail = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(_mail.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_mail.get("EMAIL_USE_SSL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "opsportal <opsportal@localhost>")

# --- Other ways to reach people --------------------------------------------------
# An HTTP gateway for SMS; {to} and {text} stand for the number and the text.
SMS_URL = env.str("OPSPORTAL_SMS_URL", "")
SMS_METHOD = env.str("OPSPORTAL_SMS_METHOD", "POST").upper()
SMS_FORMAT = env.str("OPSPORTAL_SMS_FORMAT", "json")
SMS_BODY = env.json("OPSPORTAL_SMS_BODY", default={"to": "{to}", "text": "{text}"})
SMS_HEADERS = env.json("OPSPORTAL_SMS_HEADERS", default={})
PAGERDUTY_EVENTS_URL = env.str(
    "OPSPORTAL_PAGERDUTY_URL", "https://events.pagerduty.com/v2/enqueue"
)
# Slack apps with buttons: each app's signing secret, the newest first.
SLACK_SIGNING_SECRETS = env.list("OPSPORTAL_SLACK_SIGNING_SECRETS", default=[])
SLACK_API_URL = env.str("OPSPORTAL_SLACK_API_URL", "https://slack.com/api")
# Which Apprise URLs administrators may enter, such as ntfys,tgram; none without it.
APPRISE_SCHEMES = env.list("OPSPORTAL_APPRISE_SCHEMES", default=[])
# To one webhook in any 60 s; 0 for no limit.
WEBHOOKS_A_MINUTE = env.int("OPSPORTAL_WEBHOOKS_A_MINUTE", 12)

# --- The network outside --------------------------------------------------------
EGRESS_ALLOW = env.str("OPSPORTAL_EGRESS_ALLOW", "")
EGRESS_PUBLIC_PORTS = env.str("OPSPORTAL_EGRESS_PUBLIC_PORTS", "*")
EGRESS_OWN_ENDPOINTS = env.list("OPSPORTAL_EGRESS_OWN_ENDPOINTS", default=[])
CA_FILE = env.str("OPSPORTAL_CA_FILE", "")
FILE_ROOTS = env.list("OPSPORTAL_FILE_ROOTS", default=[])
# A PEM file of authorities that are trusted besides the public ones.
CA_FILE = env.str("OPSPORTAL_CA_FILE", "")
# Looked at by the connectivity canary: when all fail it is our own network.
CANARY_TARGETS = env.list("OPSPORTAL_CANARY", default=[])
METRICS_TOKEN = env.str("OPSPORTAL_METRICS_TOKEN", "")

# --- How long things are kept ---------------------------------------------------
# Pages and conditions read two days of single results.
KEEP_RESULTS = timedelta(hours=max(env.int("OPSPORTAL_KEEP_RESULTS_HOURS", 48), 48))
KEEP_FIVE_MINUTES = timedelta(days=env.int("OPSPORTAL_KEEP_FIVE_MINUTES_DAYS", 30))
KEEP_HOURS = timedelta(days=env.int("OPSPORTAL_KEEP_HOURS_DAYS", 730))
KEEP_PINGS = timedelta(days=env.int("OPSPORTAL_KEEP_PINGS_DAYS", 90))
# The history draws a year and tells of two.
KEEP_RUNS = timedelta(days=max(env.int("OPSPORTAL_KEEP_RUNS_DAYS", 730), 366))
# A message that is sent again is known by the first one.
KEEP_PAYLOADS = timedelta(days=max(env.int("OPSPORTAL_KEEP_PAYLOADS_DAYS", 90), 1))
KEEP_AUDIT = timedelta(days=max(env.int("OPSPORTAL_KEEP_AUDIT_DAYS", 365), 1))

# --- Time, language, files ------------------------------------------------------
TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en"
USE_I18N = False
STATIC_URL = "static/"
# `start` hashes and compresses the files once; without that the finders serve them.
_hashed = env.bool("OPSPORTAL_HASHED_STATIC", False)
STATIC_ROOT = VAR_DIR / "static" if _hashed else None
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": UPLOADS_DIR},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _hashed
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _hashed
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# The review of a long runbook is one form: some parts for each of 2,000 findings.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- Security headers -----------------------------------------------------------
_https = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", _https)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000 if _https else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
# Jobs that ping and probes that ask do not follow redirects.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^ping/"]
if env.bool("OPSPORTAL_BEHIND_TLS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

# --- Logs: JSON lines with a correlation id -------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "opsportal.kit.logs.JsonFormatter"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "stream": sys.stderr,
            "formatter": "json",
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
