"""One settings file, driven by the environment. `.env.example` names every variable; nothing else is read.

Whatever is not said defaults to what is safe in production. Local mode (KEFIR_LOCAL, set by ./run) keeps e-mails
in files instead of sending them, unless it is told of a server; nothing else differs but what plain http on one
machine needs.
"""

import re
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from kefir import environment as env
from kefir import house, languages, logs, mail_providers, openapi, sign_in_elsewhere
from kefir.bucket.address import address_of

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL = env.text("KEFIR_LOCAL") == "1"
DATA_DIR = Path(env.text("KEFIR_DATA", str(BASE_DIR / "var")))
INSTANCE = env.text("KEFIR_INSTANCE")
MAINTENANCE = env.text("MAINTENANCE") == "1"
DEBUG = False

# --- secrets and address ---------------------------------------------------------------------------------------
SECRET_KEY = env.secret(
    "SECRET_KEY",
    "It signs sessions. Make one with: python -c 'import secrets; print(secrets.token_urlsafe(50))'",
    at_least=32,
)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
JWT_KEY = env.secret(
    "JWT_KEY", "It signs the app's tokens and must differ from SECRET_KEY. Make it the same way.", at_least=32
)
if JWT_KEY and JWT_KEY == SECRET_KEY:
    env.complain("JWT_KEY must differ from SECRET_KEY.")
SITE_URL = env.secret("SITE_URL", "It is the address people type, such as https://kefir.example").rstrip("/")
_site = urlsplit(SITE_URL)
HTTPS = _site.scheme == "https"
SITE_HOST = _site.hostname or ""
if SITE_URL and (_site.scheme not in {"http", "https"} or not SITE_HOST or _site.path):
    env.complain(f"SITE_URL must be like https://kefir.example, without a path, not “{SITE_URL}”.")
if SITE_URL and not HTTPS and not LOCAL:
    env.complain("SITE_URL must begin with https:// outside local mode: cookies and codes travel over it.")
ALLOWED_HOSTS = [
    SITE_HOST,
    *(["localhost", "127.0.0.1", "[::1]"] if LOCAL else []),
    *env.words("EXTRA_HOSTS"),
]
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL else []
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)

# --- live pages ------------------------------------------------------------------------------------------------
# Where browsers find the live process; not said, it is behind the same proxy, at SITE_URL/live/.
LIVE_URL = env.origin("LIVE_URL")
_live = urlsplit(LIVE_URL)
if LIVE_URL and _live.hostname != SITE_HOST:
    env.complain("LIVE_URL must have the host of SITE_URL, so that the browser's cookie goes there too.")
LIVE_ORIGINS = [
    f"{_live.scheme}://{host}:{_live.port or {'http': 80, 'https': 443}[_live.scheme]}"
    for host in dict.fromkeys([SITE_HOST, *(["localhost", "127.0.0.1"] if LOCAL else [])])
    if LIVE_URL
]
LIVE_STREAMS = env.number("LIVE_STREAMS", 1000)

# --- a house of its own ----------------------------------------------------------------------------------------
SITE_NAME = env.text("SITE_NAME", "Kefir")
SITE_COLOURS = env.read("SITE_COLOURS", house.colours, env.words("SITE_COLOURS")) or {}
SITE_SIGN = env.read("SITE_SIGN", house.sign, env.text("SITE_SIGN"))
# What is offered to start, in this order; all there are, where nothing is said.
CULTURES = env.words("CULTURES")

# --- apps ------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "accounts",
    "work",
    "batches",
    "events",
    "sensors",
    "hooks",
    "tags",
    "reminders",
    "takeout",
    "live",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.apple",
    "allauth.socialaccount.providers.facebook",
    "allauth.socialaccount.providers.google",
    "kefir.apps.StaffConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "corsheaders",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "template_partials",
]
MIDDLEWARE = [
    "kefir.middleware.request_id",
    "kefir.middleware.client_address",
    "kefir.middleware.safe_headers",
    "django.middleware.security.SecurityMiddleware",
    "kefir.for_pages.ContentSecurity",
    "kefir.for_pages.CrossOrigin",
    "kefir.middleware.small_bodies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kefir.gates.maintenance",
    "kefir.middleware.api_over_https",
    "kefir.for_pages.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "kefir.for_pages.Authentication",
    "kefir.middleware.private_pages",
    "kefir.for_pages.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.session_life",
    "django_htmx.middleware.HtmxMiddleware",
    "kefir.htmx.follow_redirects",
    "kefir.middleware.own_time_zone",
    "kefir.middleware.own_language",
    "kefir.gates.page_writes",
]
ROOT_URLCONF = "kefir.urls"
WSGI_APPLICATION = "kefir.wsgi.application"
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
                "kefir.web.site",
            ],
            "builtins": ["kefir.house_tags", "django.templatetags.i18n"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- data ------------------------------------------------------------------------------------------------------
DATABASE_URL = env.secret(
    "DATABASE_URL", "Kefir keeps everything in PostgreSQL: postgresql://user:password@host/name"
)
# A statement that takes this long has gone wrong; migrations may take longer (see Procfile).
STATEMENT_TIMEOUT_MS = env.number("STATEMENT_TIMEOUT_MS", 5_000)
LOCK_TIMEOUT_MS = env.number("LOCK_TIMEOUT_MS", 2_000)
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        DATABASE_URL or "postgresql:///", engine="kefir.postgres", conn_max_age=60, conn_health_checks=True
    )
}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    connect_timeout=2,
    options=(
        f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS}"
        " -c idle_in_transaction_session_timeout=10000"
    ),
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.secret(
    "REDIS_URL", "Redis or Valkey carries rate limits and the workers' messages: redis://host/0"
)
# Redis helps, it is not the truth: when it hangs, a request must not.
_redis_patience = {"socket_timeout": 0.3, "socket_connect_timeout": 0.3}
CACHE_PREFIX = "kefir"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": CACHE_PREFIX,
        "OPTIONS": _redis_patience,
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than any task may run; the lease in PostgreSQL, not this, is what takes up lost work.
    "visibility_timeout": 900,
    "unacked_restore_throttle": 1,
    "health_check_interval": 25,
    "global_keyprefix": "kefir:",
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
# A worker keeps its connection for so many tasks, not for one: a new one costs more than a hundred reminders.
CELERY_DB_REUSE_MAX = 1_000
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TIMEZONE = "UTC"
# What may take minutes has workers of its own, so that no image delays a reminder.
CELERY_TASK_ROUTES = {"work.tasks.carry_on": {"queue": "jobs"}}
CELERY_BEAT_SCHEDULE = {
    "claim reminders that fall due": {"task": "reminders.tasks.tick", "schedule": 1.0},
    "ask what became of pushes": {
        "task": "reminders.tasks.ask_for_receipts",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "sweep what has run out": {"task": "accounts.tasks.sweep", "schedule": 3600.0},
    "forget what has long been gone": {"task": "batches.tasks.sweep", "schedule": 3600.0},
    "forget old deliveries": {"task": "reminders.tasks.sweep", "schedule": 3600.0},
    "see off who leaves": {"task": "takeout.tasks.say_farewell", "schedule": 30.0},
    "forget what was taken out": {"task": "takeout.tasks.sweep", "schedule": 3600.0},
    "notice silent sensors": {
        "task": "sensors.tasks.notice_silence",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "forget old readings": {"task": "sensors.tasks.sweep", "schedule": 3600.0},
    "forget tags that nobody claimed": {"task": "tags.tasks.sweep", "schedule": 3600.0},
    "wake who does jobs": {"task": "work.tasks.tick", "schedule": 1.0, "options": {"expires": 5}},
    "forget old jobs": {"task": "work.tasks.sweep", "schedule": 3600.0},
    "forget old webhook messages": {"task": "hooks.tasks.sweep", "schedule": 3600.0},
    # Whatever speaks to the bucket or sends mail is done by a job, which may wait; here it is only asked for.
    "delete objects that no row names": {
        "task": "events.tasks.throw_away",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "tell whose originals will go": {"task": "events.tasks.look_ahead", "schedule": 3600.0},
    "sweep photos that never came": {"task": "events.tasks.sweep", "schedule": 3600.0},
}

# --- the bucket ------------------------------------------------------------------------------------------------
S3_BUCKET = env.secret("S3_BUCKET", "Photos are kept in an S3 bucket; name it here.")
S3_ENDPOINT_URL = env.origin("S3_ENDPOINT_URL")
# Where browsers and apps find it, if that is elsewhere than where the server does.
S3_PUBLIC_URL = env.origin("S3_PUBLIC_URL")
S3_REGION = env.text("S3_REGION", "us-east-1")
S3_ACCESS_KEY_ID = env.text("S3_ACCESS_KEY_ID")
S3_SECRET_ACCESS_KEY = env.text("S3_SECRET_ACCESS_KEY")
S3_ORIGIN = address_of(S3_BUCKET, region=S3_REGION, url=S3_PUBLIC_URL or S3_ENDPOINT_URL).origin
PHOTO_ORIGINALS_DAYS = env.number("PHOTO_ORIGINALS_DAYS", 365)

# --- files -----------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = LOCAL
WHITENOISE_AUTOREFRESH = LOCAL
STORAGES = {
    "default": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_ENDPOINT_URL or None,
            "region_name": S3_REGION,
            "access_key": S3_ACCESS_KEY_ID or None,
            "secret_key": S3_SECRET_ACCESS_KEY or None,
            "addressing_style": "path" if S3_ENDPOINT_URL else "auto",
            "signature_version": "s3v4",
            "querystring_auth": True,
            "querystring_expire": 900,
            "default_acl": None,
            "file_overwrite": False,
        },
    },
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if LOCAL
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 100_000
# The photos of one person, as they came; the copies made of them take a tenth more.
PHOTO_QUOTA_MB = env.number("PHOTO_QUOTA_MB", 2_000)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300

# --- language and time -----------------------------------------------------------------------------------------
LANGUAGES = env.read("LANGUAGES", languages.offered, env.words("LANGUAGES")) or languages.offered(())
LANGUAGE_CODE = LANGUAGES[0][0]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "kefir.formats"
USE_TZ = True
TIME_ZONE = "UTC"

# --- safety ----------------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^api/", r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# "__Host-" ties a cookie to this very host; browsers accept the prefix over https only.
_cookie_prefix = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_cookie_prefix}session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 30 * 86_400
LANGUAGE_COOKIE_NAME = f"{_cookie_prefix}language"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_AGE = 365 * 86_400
CSRF_COOKIE_NAME = f"{_cookie_prefix}csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "kefir.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CORS_ALLOWED_ORIGINS = env.words("CORS_ORIGINS")
CORS_URLS_REGEX = r"^/api/"
# What a browser may send from there beyond the ordinary, and what its script may read of our answers.
CORS_ALLOW_HEADERS = [
    "accept", "authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "x-request-id",
]  # fmt: skip
CORS_EXPOSE_HEADERS = [
    "Content-Disposition", "ETag", "Idempotent-Replayed", "Retry-After", "WWW-Authenticate", "X-Request-ID",
]  # fmt: skip

# --- signing in ------------------------------------------------------------------------------------------------
REGISTRATION = env.choice("REGISTRATION", "open", {"open", "invite", "closed"})
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
MFA_ADAPTER = "accounts.adapters.SecondStepAdapter"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
# allauth's own sign-in by code counts guesses in the session, which races; accounts.flows is ours.
ACCOUNT_LOGIN_BY_CODE_ENABLED = False
ACCOUNT_LOGIN_TIMEOUT = 900
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
HEADLESS_CLIENTS = ("app",)
HEADLESS_TOKEN_STRATEGY = "accounts.tokens.TokenStrategy"  # noqa: S105
# accounts.doors.fresh stands before every page that matters, with a second step or without one.
MFA_REAUTHENTICATION_REQUIRED = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL
# accounts.middleware notes visits once an hour; this would write on every request.
USERSESSIONS_TRACK_ACTIVITY = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = sign_in_elsewhere.providers()

# --- content security ------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", S3_ORIGIN],
        "font-src": ["'self'"],
        "connect-src": ["'self'", S3_ORIGIN, *LIVE_ORIGINS],
        "manifest-src": ["'self'"],
        # A sign-in elsewhere begins with a form here that is sent on there.
        "form-action": ["'self'", *(sign_in_elsewhere.HOSTS[name] for name in SOCIALACCOUNT_PROVIDERS)],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- e-mail ----------------------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env.text(
    "DEFAULT_FROM_EMAIL", formataddr((SITE_NAME, f"kefir@{SITE_HOST or 'localhost'}"))
)
EMAIL_TIMEOUT = 10
DEV_MAIL_DIR = DATA_DIR / "mail"
EMAIL_PROVIDER = env.choice("EMAIL_PROVIDER", "", {"", *mail_providers.KEYS})
EMAIL_WEBHOOK_SECRET = env.text("EMAIL_WEBHOOK_SECRET")
if EMAIL_PROVIDER:
    INSTALLED_APPS.append("anymail")
    EMAIL_BACKEND = f"anymail.backends.{EMAIL_PROVIDER}.EmailBackend"
    _key, _webhook_secret = mail_providers.KEYS[EMAIL_PROVIDER]
    ANYMAIL = {
        _key: env.secret("EMAIL_PROVIDER_KEY", "It goes with EMAIL_PROVIDER."),
        "REQUESTS_TIMEOUT": (3, 10),
        **({_webhook_secret: EMAIL_WEBHOOK_SECRET} if EMAIL_WEBHOOK_SECRET else {}),
    }
elif LOCAL and not env.text("EMAIL_URL"):
    EMAIL_BACKEND = "kefir.dev_mail.Backend"
else:
    _mail = urlsplit(
        env.secret(
            "EMAIL_URL", "Sign-in codes go by e-mail: smtp://user:password@host:587 (smtps:// for port 465)"
        )
    )
    EMAIL_HOST = _mail.hostname or ""
    EMAIL_PORT = _mail.port or (465 if _mail.scheme == "smtps" else 587)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.unquoted(_mail.username), env.unquoted(_mail.password)
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_USE_TLS = _mail.scheme == "smtp" and _mail.query != "tls=no"

# --- push ------------------------------------------------------------------------------------------------------
EXPO_URL = env.text("EXPO_URL", "https://exp.host").rstrip("/")
EXPO_ACCESS_TOKEN = env.text("EXPO_ACCESS_TOKEN")
# What Expo allows a project, all workers together; 0 lifts it.
EXPO_PER_SECOND = env.number("EXPO_PER_SECOND", 600)
VAPID_PRIVATE_KEY = env.text("VAPID_PRIVATE_KEY").rstrip("=")
VAPID_SUBJECT = env.text("VAPID_SUBJECT", f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}")
if VAPID_PRIVATE_KEY and not re.fullmatch(r"[\w-]{43}", VAPID_PRIVATE_KEY, re.ASCII):
    env.complain("VAPID_PRIVATE_KEY is no such key. Make one with: python manage.py make_vapid_keys")
if not VAPID_SUBJECT.startswith(("mailto:", "https://")):
    env.complain("VAPID_SUBJECT must begin with mailto: or https://, so that a push service can reach you.")
# The push services of the browsers. An endpoint is an address that a client gives us to call, so these and no others.
WEB_PUSH_HOSTS = env.words("WEB_PUSH_HOSTS") or [
    "fcm.googleapis.com",
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
]

# --- webhooks --------------------------------------------------------------------------------------------------
# For trying them out: webhooks may call this very machine, over http and on any port.
HOOKS_ALLOW_LOCAL = env.text("HOOKS_ALLOW_LOCAL") == "1"
if HOOKS_ALLOW_LOCAL and not LOCAL:
    env.complain("HOOKS_ALLOW_LOCAL is for local mode only: anybody could make this machine call itself.")

# --- the installed app opens the code on a jar -----------------------------------------------------------------
IOS_APP_IDS = env.words("IOS_APP_IDS")
ANDROID_PACKAGE = env.text("ANDROID_PACKAGE")
ANDROID_FINGERPRINTS = env.words("ANDROID_FINGERPRINTS")

# --- the API ---------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "accounts.permissions.WithinScope",
        "kefir.api.parameters.KnownParameters",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["kefir.api.throttles.Reads", "kefir.api.throttles.Writes"],
    "DEFAULT_RENDERER_CLASSES": ["kefir.api.wire.FastJSON"],
    "DEFAULT_PARSER_CLASSES": ["kefir.api.wire.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "kefir.api.wire.AlwaysJSON",
    "DEFAULT_PAGINATION_CLASS": "kefir.api.paging.Keyset",
    "DEFAULT_SCHEMA_CLASS": "kefir.api.schema.Schema",
    # OPTIONS would describe an address to whoever asks; /openapi.json does it better.
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "kefir.api.problems.problem",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "COERCE_DECIMAL_TO_STRING": False,
    "DATETIME_FORMAT": "iso-8601",
}
SPECTACULAR_SETTINGS = openapi.DOCUMENT

# --- figures ---------------------------------------------------------------------------------------------------
METRICS_TOKEN = env.text("METRICS_TOKEN")

# --- logs ------------------------------------------------------------------------------------------------------
LOGGING = logs.configuration(plain=LOCAL, level=env.text("LOG_LEVEL", "INFO").upper())

env.stop_if_incomplete()
