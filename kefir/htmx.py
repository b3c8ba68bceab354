"""A page, or the part of it that htmx asked for."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers

Handler = Callable[[HttpRequest], HttpResponse]


def page_or_partial(
    request: HttpRequest, template: str, partial: str, context: dict[str, Any], *, status: int = 200
) -> TemplateResponse:
    """The whole template, or only its partial when htmx means to swap the element of that id."""
    if request.headers.get("HX-Target") == partial:
        template = f"{template}#{partial}"
    return TemplateResponse(request, template, context, status=status)


def follow_redirects(get_response: Handler) -> Handler:
    """A redirect becomes a visit of htmx's own; caches keep pages and parts apart."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path_info.startswith("/api/"):
            return response
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        if request.headers.get("HX-Request") != "true" or response.status_code not in {301, 302, 303}:
            return response
        visit = HttpResponse(headers={"HX-Location": response["Location"]})
        visit.cookies = response.cookies
        return visit

    return middleware
