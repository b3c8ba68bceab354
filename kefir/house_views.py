"""What browsers ask of the house: its colours, its sign, and what a phone puts on its home screen."""

from hashlib import blake2b

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
    answer = HttpResponse(
        settings.SITE_SIGN.read_bytes(), content_type=SIGNS[settings.SITE_SIGN.suffix.lower()]
    )
    # A picture that is opened by itself is a page of its own, and may hold scripts.
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
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
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": light,
        "theme_color": light,
        "icons": icons(),
    }
    return kept(JsonResponse(said, content_type="application/manifest+json"))


def icons() -> list[dict[str, str]]:
    own = settings.SITE_SIGN
    if own is not None:
        kind = SIGNS[own.suffix.lower()]
        return [{"src": reverse("house-sign"), "sizes": "any", "type": kind}]
    return [
        {"src": static("img/apple-touch-icon.png"), "sizes": "180x180", "type": "image/png"},
        {"src": static("img/favicon.svg"), "sizes": "any", "type": "image/svg+xml"},
    ]


def kept(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = f"public, max-age={DAY}"
    return answer


urlpatterns = [
    path("house/colours.css", own_colours, name="house-colours"),
    path("house/sign", own_sign, name="house-sign"),
    path("manifest.webmanifest", manifest, name="manifest"),
]
