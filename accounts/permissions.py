"""How far a token reaches is asked before anything is looked up or read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import scopes
from accounts.models import AccessToken
from kefir.api.problems import Problem

if TYPE_CHECKING:
    # DRF imports this module while it makes that class.
    from rest_framework.views import APIView


class InsufficientScope(Problem):
    def __init__(self, wanted: str) -> None:
        sentence = (
            _("No access token may do this. Sign in.")
            if wanted == scopes.SIGN_IN
            else (_("This wants an access token whose scope is “%(wanted)s”.") % {"wanted": wanted})
        )
        super().__init__(403, "insufficient_scope", sentence)
        # As RFC 6750 has it.
        self.auth_header = f'Bearer realm="kefir", error="insufficient_scope", scope="{wanted}"'


class WithinScope(BasePermission):
    """A view says in `scopes` what is not as usual: `{"POST": Scope.LOG}`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        wanted = scopes.wanted(request.method or "", getattr(view, "scopes", {}))
        if isinstance(request.auth, AccessToken) and not scopes.reaches(request.auth.scope, wanted):
            raise InsufficientScope(wanted)
        return True
