"""Who is let through to a page at all: nobody while the house is being worked on, nobody too often."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.translation import get_language_from_request

from kefir import languages, limits
from kefir.api.problems import for_request
from kefir.web import too_often

Handler = Callable[[HttpRequest], HttpResponse]

COME_BACK_AFTER = "120"
# What machines ask meanwhile: is it alive, is it ready, how does it do.
FOR_MACHINES = {"/healthz", "/readyz", "/metrics"}
# What the page itself is drawn with.
DRAWN_WITH = ("house-colours", "house-sign", "manifest")
# From one address by whoever is not signed in; what is dear has a limit of its own besides.
WRITES_OF_STRANGERS = "120/minute"
READING = {"GET", "HEAD", "OPTIONS"}


def maintenance(get_response: Handler) -> Handler:
    """Says to everybody that it is closed for a while. Asks neither database nor Redis, for these may be away."""
    if not settings.MAINTENANCE:
        raise MiddlewareNotUsed
    drawn_with = {reverse(name) for name in DRAWN_WITH}

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info in FOR_MACHINES:
            return get_response(request)
        if request.path_info in drawn_with:
            found = resolve(request.path_info)
            shown: HttpResponse = found.func(request, *found.args, **found.kwargs)
            return shown
        answer = for_request(request, 503, "maintenance") or closed_page(request)
        answer["Retry-After"] = COME_BACK_AFTER
        answer["Cache-Control"] = "no-store"
        return answer

    return middleware


def closed_page(request: HttpRequest) -> HttpResponse:
    """Not drawn with the request, so that no part of it asks who is signed in; but in what language, it tells."""
    with languages.spoken(get_language_from_request(request)):
        return render(None, "503.html", status=503)


def page_writes(get_response: Handler) -> Handler:
    """Whatever a page sends is counted as what an app sends; the API counts its own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in READING or request.path_info.startswith("/api/"):
            return get_response(request)
        seconds = seconds_to_wait(request)
        return too_often(request, seconds).render() if seconds else get_response(request)

    return middleware


def seconds_to_wait(request: HttpRequest) -> int:
    if request.user.is_authenticated:
        return limits.courtesy("writes", limits.WRITES, str(request.user.pk))
    client = limits.of_address(request.META["REMOTE_ADDR"])
    return limits.courtesy("page-writes", WRITES_OF_STRANGERS, client)
