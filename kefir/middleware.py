"""What happens to every request, whoever's it is: its id, the client's address, safe headers, one log line."""

import logging
import re
import time
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from uuid import uuid4

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from kefir import languages, logs
from kefir.api.problems import SENTENCES, for_request, problem_response

logger = logging.getLogger("kefir.requests")
Handler = Callable[[HttpRequest], HttpResponse]

ACCEPTABLE_ID = re.compile(r"[\w.-]{8,64}", re.ASCII)


def request_id(get_response: Handler) -> Handler:
    """Gives each request a name that the answer, the log and an error share; one line in the log for each."""

    def middleware(request: HttpRequest) -> HttpResponse:
        offered = request.META.get("HTTP_X_REQUEST_ID", "")
        name = offered if ACCEPTABLE_ID.fullmatch(offered) else uuid4().hex
        started = time.monotonic()
        with logs.under(name):
            response = get_response(request)
            response["X-Request-ID"] = name
            log_line(request, response, milliseconds=(time.monotonic() - started) * 1000)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            response.streaming_content = in_the_name_of(name, response.streaming_content)
        return response

    return middleware


def in_the_name_of(name: str, parts: Iterable[bytes]) -> Iterator[bytes]:
    """What is streamed is made when the middleware is done; what it writes into the log belongs to the request too."""
    parts = iter(parts)
    while True:
        with logs.under(name):
            part = next(parts, None)
        if part is None:
            return
        yield part


def log_line(request: HttpRequest, response: HttpResponse, *, milliseconds: float) -> None:
    """Names the route, not the path: a path may hold a secret. Files and questions of health are not worth a line."""
    route = request.resolver_match.route if request.resolver_match else "-"
    if route in {"healthz", "readyz", "metrics"} or (route == "-" and response.status_code < 400):
        return
    logger.info(
        "%s /%s %s %.0f ms",
        request.method if request.method and request.method.isalpha() else "?",
        route,
        response.status_code,
        milliseconds,
        extra={"status": response.status_code, "ms": round(milliseconds)},
    )


def client_address(get_response: Handler) -> Handler:
    """REMOTE_ADDR becomes the client's own address, as the stated number of trusted proxies reports it.

    Headers that nobody trusted has set are dropped, so that no code further in can believe them.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        hops = [hop.strip() for hop in request.META.pop("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if 0 < settings.TRUSTED_PROXIES <= len(hops):
            request.META["REMOTE_ADDR"] = hops[-settings.TRUSTED_PROXIES]
        if not settings.TRUSTED_PROXIES:
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        for untrusted in (
            "HTTP_X_FORWARDED_HOST",
            "HTTP_X_FORWARDED_PORT",
            "HTTP_FORWARDED",
            "HTTP_X_REAL_IP",
        ):
            request.META.pop(untrusted, None)
        return get_response(request)

    return middleware


def small_bodies(get_response: Handler) -> Handler:
    """A body that is too long, or does not say how long it is, is refused before a thread waits for it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "HTTP_TRANSFER_ENCODING" in request.META:
            return closing(refusal_of_body(request, 411, "length_required"))
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length[:20]) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return closing(refusal_of_body(request, 413, "too_large"))
        return get_response(request)

    return middleware


def refusal_of_body(request: HttpRequest, status: int, code: str) -> HttpResponse:
    return for_request(request, status, code) or HttpResponse(
        SENTENCES[code], status=status, content_type="text/plain; charset=utf-8"
    )


def closing(response: HttpResponse) -> HttpResponse:
    """What is still to come on this connection is not worth reading."""
    response["Connection"] = "close"
    return response


def safe_headers(get_response: Handler) -> Handler:
    """What a browser may do with any answer of ours, and when it may ask again."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if response.status_code == 429:
            # allauth counts too, by the minute, and does not say so.
            response.headers.setdefault("Retry-After", "60")
        if is_api(request) and not response.headers.get("Content-Type", "").startswith("text/html"):
            response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
        return response

    return middleware


def api_over_https(get_response: Handler) -> Handler:
    """An API call over plain http is refused, not redirected: its token has been seen by others."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.HTTPS and is_api(request) and not request.is_secure():
            return problem_response(403, "https_required", _("Use https://."))
        return get_response(request)

    return middleware


def private_pages(get_response: Handler) -> Handler:
    """What a signed-in person sees is kept by no cache, so that it is gone after signing out.

    But by the service worker: each page tells it whose it is, and it shows them to nobody else (static/js/sw.js).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if is_api(request) or "HTTP_AUTHORIZATION" in request.META or request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        if response.headers.get("Content-Type", "").startswith("text/html") and not is_api(request):
            response.headers["X-Keeper"] = str(request.user.pk) if request.user.is_authenticated else "nobody"
        return response

    return middleware


def own_time_zone(get_response: Handler) -> Handler:
    """Times are shown, and typed, in the zone of the person who is signed in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        zone = getattr(request.user, "timezone", None)
        if not zone:
            return get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(zone)):
            return get_response(request)

    return middleware


def own_language(get_response: Handler) -> Handler:
    """What is said comes in the language of whoever asks; caches keep one answer for each."""

    def middleware(request: HttpRequest) -> HttpResponse:
        language = languages.of_request(request)
        with languages.spoken(language):
            response = get_response(request)
        # Who says that he has a token is known by that, and brings no cookie.
        has_token = "HTTP_AUTHORIZATION" in request.META
        patch_vary_headers(response, ["Accept-Language"] if has_token else ["Accept-Language", "Cookie"])
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")
