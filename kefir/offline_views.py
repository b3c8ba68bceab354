"""Without a net: the service worker, the page it shows for what was not seen, and who may send what has waited."""

import json
from functools import cache
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from kefir import house_views

SCRIPTS = ("js/outbox.js", "js/sw.js")
# What every page is made of; pictures, and the letters of other alphabets, are kept as they are met.
FILES = [
    *(f"css/{name}.css" for name in (
        "tokens", "base", "layout", "forms", "components", "batches", "pages", "sensors", "tags", "offline",
    )),
    *(f"js/{name}.js" for name in (
        "local-time", "live", "confirm", "copy", "push", "photos", "outbox", "waiting", "offline", "drafts", "log",
        "unread", "refused",
    )),
    "django_htmx/htmx-2.min.js",
    "fonts/fraunces-latin.woff2",
    "fonts/figtree-latin.woff2",
    "img/icons.svg",
    "img/wave.svg",
    "img/favicon.svg",
]  # fmt: skip


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root, because it may act only for what lies below its address."""
    script = f"const HOUSE = {json.dumps(house())};\n{scripts()}"
    return HttpResponse(
        script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


def house() -> dict[str, Any]:
    """Names change with what is in the files, so a new release is a new service worker."""
    own = house_views.stylesheet_address()
    files = [*(static(name) for name in FILES), *([own] if own else [])]
    said = {"name": settings.SITE_NAME, "icon": house_views.icons()[0]["src"], "files": files}
    return said | {"release": blake2b(repr(said).encode() + scripts().encode(), digest_size=6).hexdigest()}


@cache
def scripts() -> str:
    return "\n".join((settings.BASE_DIR / "static" / name).read_text(encoding="utf-8") for name in SCRIPTS)


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What waits to be sent; and, shown by the service worker, what stands for a page that was not seen before."""
    return TemplateResponse(request, "offline.html")


@require_safe
def sending_pass(request: HttpRequest) -> HttpResponse:
    """Whose what is sent now would be, a token to send it with, and what time it is. Other sites cannot read it."""
    if not request.user.is_authenticated:
        return JsonResponse({}, status=401)
    now = timezone.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return JsonResponse({"keeper": str(request.user.pk), "token": get_token(request), "now": now})


urlpatterns = [
    path("sw.js", service_worker, name="service-worker"),
    path("offline", offline, name="offline"),
    path("offline/pass", sending_pass, name="sending-pass"),
]
