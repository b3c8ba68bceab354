"""The back office. Staff sign in like everybody, by code, and with a second factor; there is no password to guess."""

from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.generic import RedirectView


class StaffSite(AdminSite):
    site_header = site_title = settings.SITE_NAME
    index_title = "Back office"

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not lacks_second_factor(request)

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        goal = get_next_redirect_url(request) or request.get_full_path()
        if not request.user.is_authenticated:
            return redirect_to_login(goal)
        if request.user.is_staff and lacks_second_factor(request):
            messages.info(request, _("The back office wants a second factor. Set one up first."))
            return redirect("mfa_index")
        return redirect("home")

    def get_urls(self) -> list[Any]:
        """There is one way out, and no password to change."""
        ours = [
            path("logout/", RedirectView.as_view(pattern_name="account_logout"), name="logout"),
            path("password_change/", RedirectView.as_view(pattern_name="home"), name="password_change"),
        ]
        return ours + super().get_urls()


def lacks_second_factor(request: HttpRequest) -> bool:
    """On one's own machine the code from the e-mail is enough."""
    return not settings.LOCAL and not is_mfa_enabled(request.user)
