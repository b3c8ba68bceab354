"""What browsers ask of the house: its colours, its sign, and what a phone puts on its home screen."""

from base64 import b64encode
from hashlib import blake2b
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kefir.house import PAPER, SIGNS, stylesheet

DAY = 86_400


def stylesheet_address() -> str:
    """With a mark of what it says, so that it may be kept; none where nothing is said."""
    if not settings.SITE_COLOURS:
        return ""
    mark = blake2b(stylesheet(settings.SITE_COLOURS).encode(), digest_size=6).hexdigest()
    return f"{reverse('house-colours')}?{mark}"


def paper() -> tuple[str, str]:
    """What is behind everything, in the light and in the dark: the colour of a phone's own bars."""
    found: tuple[str, str] = settings.SITE_COLOURS.get("paper", PAPER)
    return found


@require_safe
def own_colours(request: HttpRequest) -> HttpResponse:
    return kept(HttpResponse(stylesheet(settings.SITE_COLOURS), content_type="text/css"))


@require_safe
def own_sign(request: HttpRequest) -> HttpResponse:
    if settings.SITE_SIGN is None:
        raise Http404
    answer = HttpResponse(settings.SITE_SIGN.read_bytes(), content_type=type_of(settings.SITE_SIGN))
    # A picture that is opened by itself is a page of its own, and may hold scripts.
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return kept(answer)


@require_safe
def own_icon(request: HttpRequest) -> HttpResponse:
    """The sign on its paper, far enough from the edge that a phone may cut a circle out of it."""
    if settings.SITE_SIGN is None:
        raise Http404
    sign = f"data:{type_of(settings.SITE_SIGN)};base64,{b64encode(settings.SITE_SIGN.read_bytes()).decode()}"
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">'
        f'<rect width="512" height="512" fill="{paper()[0]}"/>'
        f'<image x="112" y="112" width="288" height="288" href="{sign}"/></svg>'
    )
    answer = HttpResponse(drawn, content_type="image/svg+xml")
    answer["Content-Security-Policy"] = "default-src 'none'; img-src data:; sandbox"
    return kept(answer)


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone asks for to put us on its home screen."""
    light = paper()[0]
    said = {
        "id": "/",
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME[:12],
        "description": _("Keeps every batch, and says the right thing at the right minute."),
        "categories": ["food", "lifestyle"],
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": light,
        "theme_color": light,
        "icons": icons(),
        "shortcuts": shortcuts(),
    }
    return kept(JsonResponse(said, content_type="application/manifest+json"))


def icons() -> list[dict[str, str]]:
    """The first also stands beside a message that is pushed."""
    if settings.SITE_SIGN is not None:
        framed = {"src": reverse("house-icon"), "sizes": "any", "type": "image/svg+xml"}
        sign = {"src": reverse("house-sign"), "sizes": "any", "type": type_of(settings.SITE_SIGN)}
        return [sign, framed, framed | {"purpose": "maskable"}]
    return [
        {"src": static("img/icon-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": static("img/icon-512.png"), "sizes": "512x512", "type": "image/png"},
        {
            "src": static("img/icon-maskable-512.png"),
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
        {"src": static("img/favicon.svg"), "sizes": "any", "type": "image/svg+xml"},
    ]


def shortcuts() -> list[dict[str, str]]:
    """What a long press on the icon offers."""
    return [
        {"name": _("Start a batch"), "url": "/batches/new"},
        {"name": _("Batches"), "url": "/batches/"},
        {"name": _("Reminders"), "url": "/reminders/"},
    ]


def type_of(sign: Path) -> str:
    return SIGNS[sign.suffix.lower()]


def touch_icon() -> str:
    """For the home screen of an iPhone, which takes no drawing but a picture; without one it makes do with the page."""
    if settings.SITE_SIGN is None:
        return static("img/apple-touch-icon.png")
    return reverse("house-sign") if settings.SITE_SIGN.suffix.lower() == ".png" else ""


def kept(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = f"public, max-age={DAY}"
    return answer


urlpatterns = [
    path("house/colours.css", own_colours, name="house-colours"),
    path("house/sign", own_sign, name="house-sign"),
    path("house/icon.svg", own_icon, name="house-icon"),
    path("manifest.webmanifest", manifest, name="manifest"),
]
