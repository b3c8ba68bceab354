"""The middlewares that are about pages: a call with a token passes them by.

It brings no cookie that anybody would look at, and gets no page; together they take as long as the rest of it.
"""

from collections.abc import Awaitable

from corsheaders.middleware import CorsMiddleware
from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

from kefir.middleware import is_api


def by_token(request: HttpRequest) -> bool:
    """Who says that he has a token is judged by that alone, never by a session."""
    return is_api(request) and request.META.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer "


class ForPages(MiddlewareMixin):
    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        return self.get_response(request) if by_token(request) else super().__call__(request)


class CrossOrigin(CorsMiddleware):
    """What calls from no browser brings no Origin, and asks for none to be let in."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if "HTTP_ORIGIN" in request.META:
            return super().__call__(request)
        response = self.get_response(request)
        assert isinstance(response, HttpResponseBase)  # noqa: S101 nothing of this runs in a loop
        if self.is_enabled(request):
            patch_vary_headers(response, ["origin"])
        return response


class Sessions(ForPages, SessionMiddleware):
    pass


class Authentication(AuthenticationMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        if by_token(request):
            # Until the API has looked at the token.
            request.user = AnonymousUser()
        else:
            super().process_request(request)


class Messages(ForPages, MessageMiddleware):
    pass


class ContentSecurity(CSPMiddleware):
    """What the API answers has a policy of its own: see kefir.middleware.safe_headers."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if is_api(request) and not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
