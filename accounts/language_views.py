"""In which language somebody wants to read: noted with their account, or in this browser."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from accounts import actions
from kefir import languages
from kefir.web import way_back


@require_http_methods(["GET", "HEAD", "POST"])
def language(request: HttpRequest) -> HttpResponse:
    chosen = languages.known(request.POST.get("language", ""))
    if not chosen:
        context = {"languages": settings.LANGUAGES, "next": way_back(request, "/")}
        return TemplateResponse(request, "accounts/language.html", context)
    if request.user.is_authenticated:
        actions.edit_profile(user=request.user, language=chosen)
    return noted(redirect(way_back(request, "/")), chosen)


def noted(response: HttpResponse, chosen: str) -> HttpResponse:
    """In a cookie, for the pages that are read signed out."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
