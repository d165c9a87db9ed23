"""Settings, read top to bottom. Every value comes from the environment; .env.example explains each one.

Secure is the default. What needs https (Secure cookies, HSTS) follows the scheme of SITE_URL. With an https
SITE_URL the site refuses to start without its secrets and its mail; with http it starts, and says so loudly.
Whatever is wrong is said at once, at the end.
"""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF

from nyfp_site import logs
from nyfp_site.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
env.read_env(BASE_DIR / ".env")
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
env.read_env(DATA_DIR / "secrets.env")

DEBUG = env.bool("DEBUG", default=False)
PORT = env.int("PORT", default=8000)
WEB_CONCURRENCY = env.int("WEB_CONCURRENCY", default=2, most=200)  # gunicorn.conf.py uses it, after this was checked
SITE_URL = env.site_url("SITE_URL", default=f"http://127.0.0.1:{PORT}")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
IS_HTTPS = urlsplit(SITE_URL).scheme == "https"
if DEBUG and IS_HTTPS:
    env.mistakes.append("DEBUG shows visitors what went wrong inside. A public site on https goes without it.")


def required(name: str, how: str, *, always: bool = False) -> str:
    """Read a value that a public site cannot do without; where it is missing, say how to set it."""
    value = env.str(name, default="").strip()
    if not value and (always or IS_HTTPS):
        env.mistakes.append(f"{name} is not set. {how}")
    return value


# Secrets. `make run` writes the first two once, into DATA_DIR/secrets.env; nothing has a default.
SECRET_KEY = required(
    "SECRET_KEY",
    "Run `make run`, which makes one, or set it to 50 random characters.",
    always=True,
)
FIELD_KEYS = env.keys(
    "FIELD_KEYS",
    required(
        "FIELD_KEYS",
        "It encrypts what patients write. Run `make run`, which makes one, or set it to the output of "
        "`python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'`.",
        always=True,
    ),
)
# Newest first: the first signs, all are recognised. Private links and open forms thus survive another SECRET_KEY.
LINK_KEYS = [key for key in env.list("LINK_KEYS", default=[]) if key] or [SECRET_KEY]

# Who may ask for us
ALLOWED_HOSTS = env.hosts(
    "ALLOWED_HOSTS",
    default=[SITE_HOST] if IS_HTTPS else [SITE_HOST, "127.0.0.1", "localhost"],
    site_host=SITE_HOST,
)
if IS_HTTPS and "*" in ALLOWED_HOSTS:
    env.mistakes.append("ALLOWED_HOSTS must not be *. A public site answers to its own names only: list them.")
required(
    "TRUSTED_PROXY_COUNT",
    "Say how many proxies of yours stand in front of the site: 1 where one ends https, 0 where there is none.",
)
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0, least=0, most=10)
STAFF_NETWORKS = env.networks("STAFF_NETWORKS")
STATUS_TOKEN = env.str("STATUS_TOKEN", default="").strip()
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "conditions",
    "appointments",
    "nyfp_site",
    "nyfp_site.admin_site.PracticeDeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "crispy_forms",
    "csp",
    "django_prose_editor",
    "phonenumber_field",
]

MIDDLEWARE = [
    "nyfp_site.middleware.request_log",
    # These stand outside of all that answers, so that every answer has its headers: files and errors too.
    "nyfp_site.middleware.own_origin_only",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "nyfp_site.middleware.unannounced_proxy",
    "nyfp_site.middleware.whole_body",
    "nyfp_site.middleware.database_down",
    "nyfp_site.middleware.staff_networks",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "nyfp_site.middleware.possible_rows",
    "nyfp_site.kept_words.keep_words",
]

ROOT_URLCONF = "nyfp_site.urls"
WSGI_APPLICATION = "nyfp_site.wsgi.application"

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
                "nyfp_site.context.site",
            ],
        },
    },
]

# The database. SQLite in DATA_DIR unless DATABASE_URL names a PostgreSQL.
DATABASES = {"default": env.database("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # A writer asks for the lock at once, so two writers queue instead of failing half way.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: what the success page claims must survive a power cut.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        # The server sees statements and values apart, so that a statement it logs holds no value.
        "server_side_binding": True,
        "options": "-c lock_timeout=20s",  # as long as SQLite's
    } | DATABASES["default"].get("OPTIONS", {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Mail
EMAIL_URL = required("EMAIL_URL", "Set it to your mail server, for example submission://user:password@host:587.")
if EMAIL_URL:
    server = env.mail_server(EMAIL_URL)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = server["host"], server["port"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = server["user"], server["password"]
    EMAIL_USE_TLS, EMAIL_USE_SSL = server["tls"], server["ssl"]
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_TIMEOUT = 15  # seconds for each step of the SMTP talk; outbox.LEASE is far longer
MAIL_FROM = required(
    "MAIL_FROM",
    'Set a neutral sender such as "Suite 501 office <office@example.org>": the practice\'s name tells a diagnosis.',
)
MAIL_FROM = env.sender("MAIL_FROM", MAIL_FROM) if MAIL_FROM else f"Suite 501 office <office@{SITE_HOST}>"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL_FROM
STAFF_INBOX = env.mailboxes(
    "STAFF_INBOX", required("STAFF_INBOX", "Set it to the mailbox that must hear of new requests.")
)

# Static files: hashed, compressed, one stylesheet
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "nyfp_site.static_storage.JoinedStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# Language and clock: New York's calendar decides
LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "America/New_York"

# Forms
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "clinic"
CRISPY_FAIL_SILENTLY = False
PHONENUMBER_DB_FORMAT = "RFC3966"  # keeps the extension
PHONENUMBER_DEFAULT_REGION = "US"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # far more than we take, so that its sender can be told how much
FILE_UPLOAD_HANDLERS: list[str] = []  # nobody sends us a file

# What a browser may load: our own origin, nothing else
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],  # nonces appear only where a page asks: the editors' rich text
        "style-src": [SELF, NONCE],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer",
        "microphone", "midi", "payment", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_SSL_REDIRECT = IS_HTTPS and TRUSTED_PROXY_COUNT > 0  # else nobody tells us which requests came by https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
# Whether the practice's other host names speak https, and for ever, is not this site's to promise.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS and TRUSTED_PROXY_COUNT else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
if IS_HTTPS:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"  # no neighbour host can plant one
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # staff's messages name requests
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "nyfp_site.views.csrf_failure"
SESSION_COOKIE_AGE = 12 * 60 * 60  # one working day
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

AUTH_PASSWORD_VALIDATORS: list[dict[str, object]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 12}

# One JSON object a line on stdout. Route names only: no address, query, header, name or word of a patient.
LOGGING = logs.to_stdout() | {
    "filters": {
        "has_exception": {"()": "django.utils.log.CallbackFilter", "callback": lambda record: bool(record.exc_info)}
    },
    "loggers": {
        # A logger without a handler speaks through Python's last resort, word for word; so these have the root's.
        "django": {"handlers": [], "level": "ERROR", "propagate": True},
        "django.request": {"filters": ["has_exception"]},  # what was answered stands in our own line
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}

env.stop_if_wrong()
