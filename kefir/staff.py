"""The back office. Staff sign in like everybody, by code, and with a second factor; there is no password to guess."""

from allauth.account.utils import get_next_redirect_url
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


class StaffSite(AdminSite):
    site_header = site_title = "Kefir"
    index_title = "Back office"

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not lacks_second_factor(request)

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        goal = get_next_redirect_url(request) or request.get_full_path()
        if not request.user.is_authenticated:
            return redirect_to_login(goal)
        if request.user.is_staff and lacks_second_factor(request):
            messages.info(request, "The back office wants a second factor. Set one up first.")
            return redirect("mfa_index")
        return redirect("home")

    def logout(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        return redirect("account_logout")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        return redirect("home")


def lacks_second_factor(request: HttpRequest) -> bool:
    """On one's own machine the code from the e-mail is enough."""
    return not settings.LOCAL and not is_mfa_enabled(request.user)
