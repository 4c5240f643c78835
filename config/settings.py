"""The one settings file: everything that differs between places comes from the environment (see deploy/)."""

import os
from pathlib import Path

import pghistory
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import embedded, environment, logs
from config.environment import read
from config.servers import VAR

BASE_DIR = Path(__file__).resolve().parent.parent

# In production every secret is given; a trial installation makes its own.
PRODUCTION = read("PRODUCTION", "", environment.yes_or_no)
if not PRODUCTION:
    for name, value in environment.own_secrets(VAR / "rahasia.json").items():
        os.environ.setdefault(name, value)

SECRET_KEY = read("SECRET_KEY")
IDENTITY_KEYS = read("IDENTITY_KEYS", None, environment.keyring)
LOOKUP_KEY = read("LOOKUP_KEY", None, environment.secret_bytes)
DEMO = read("DEMO", "" if PRODUCTION else "ya", environment.yes_or_no)
DEMO_PASSWORD = read("DEMO_PASSWORD", "pengaduan-demo")
DEBUG = read("DEBUG", "", environment.yes_or_no)
ALLOWED_HOSTS = read("ALLOWED_HOSTS", None if PRODUCTION else "127.0.0.1,localhost,[::1]", environment.words)
SITE_URL = read("SITE_URL", None if PRODUCTION else f"http://127.0.0.1:{read('PORT', '8000', int)}")

DATABASES = {"default": environment.database(embedded.database_url())}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = ["fields.W161"]  # at eight sharp it takes an office's opening hour for "now"
CACHES = {  # in PostgreSQL, so that people can still sign in when Redis is gone
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
}

REDIS_URL = embedded.redis_url()
CELERY_BROKER_URL = REDIS_URL

INSTALLED_APPS = [
    "tiers",
    "pengaduan",
    "workflow",
    "reports",
    "api",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "guardian",
    "import_export",
    "pghistory",
    "pghistory.admin",
    "pgtrigger",
    "phonenumber_field",
    "django_structlog",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.compression.CompressedPages",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.language.by_choice",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Who signs in
AUTH_USER_MODEL = "tiers.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None  # guardian makes no user of its own
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/masuk/"
LOGIN_REDIRECT_URL = "/petugas/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "tiers.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": "8/15m/key"}  # of the second step only; axes counts passwords, durably
ACCOUNT_SESSION_REMEMBER = False  # nobody stays signed in when the browser is closed
MFA_REQUIRED = PRODUCTION  # of reviewers; a trial offers it only
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Pengaduan"
MFA_TOTP_TOLERANCE = 1  # half a minute for a telephone whose clock is off, and for slow typing
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses come from a reviewer; a password reset must not shut the second step out
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_CLIENT_IP_CALLABLE = "tiers.accounts.client_address"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "account/terkunci.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
GUARDIAN_MONKEY_PATCH_USER = False

# What reviewers change is kept with who changed it, deletions too
PGHISTORY_DEFAULT_TRACKERS = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())

# Sessions: on a shared village computer they end by themselves
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"

# Secure by default; production stands behind nginx with TLS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^(hidup|siap)/$", r"^api/v1/sms/masuk/$"]  # asked from within, without nginx
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [SITE_URL] if PRODUCTION else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # data: the QR picture of the second factor
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# Language and time: sources are Indonesian; instants are UTC, shown in the zone of the place
LANGUAGE_CODE = "id"
LANGUAGES = [("id", _("Bahasa Indonesia")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Jakarta"
PHONENUMBER_DEFAULT_REGION = "ID"
PHONENUMBER_DB_FORMAT = "E164"

# Files
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False  # nobody else's pages need our styles, and a header costs bytes in each answer
MEDIA_ROOT = Path(read("MEDIA_ROOT", str(VAR / "media")))  # never served as it lies; views hand files out
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
UPLOAD_MAX_BYTES = 10 * 1024 * 1024
# empty: no virus scanner; files are decoded and written anew all the same
CLAMAV_HOST = read("CLAMAV_HOST", "", environment.host)

# Mail
vars().update(read("EMAIL_URL", None if PRODUCTION else f"file://{VAR / 'surat'}", environment.mail))
DEFAULT_FROM_EMAIL = read("DEFAULT_FROM_EMAIL", "Pengaduan <pengaduan@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAIL_DOMAIN = DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")

# The files of a report go with its mail up to here; larger ones are fetched by a link
REPORT_MAIL_MAX_BYTES = read("REPORT_MAIL_MAX_BYTES", str(8 * 1024 * 1024), int)

# Pages that open without a signal (docs/offline.md): off, every telephone forgets them; what waits to be sent stays
OFFLINE = read("OFFLINE", "ya", environment.yes_or_no)

# SMS through Kannel (docs/sms.md): without SMS_URL none is owed and none is offered, without SMS_TOKEN none is taken
SMS_URL = read("SMS_URL", "", environment.gateway)
SMS_USER, SMS_PASSWORD, SMS_SENDER = read("SMS_USER", ""), read("SMS_PASSWORD", ""), read("SMS_SENDER", "")
SMS_TOKEN = read("SMS_TOKEN", "", environment.long_or_empty)
SMS_FROM = read("SMS_FROM", "127.0.0.1", environment.networks)
SMS_PROGRAMME = read("SMS_PROGRAMME", None if SMS_TOKEN else "", environment.programmes_of_numbers)

# Logs: what happened and its request id; no addresses, no user agents, no bodies (D37)
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
LOGGING = logs.configure(read("LOG_LEVEL", "WARNING"))
