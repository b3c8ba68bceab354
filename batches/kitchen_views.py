"""What we ask whoever is new, once, and anybody may change later."""

from datetime import time
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import actions as accounts
from accounts.guesses import units_by
from accounts.models import User
from accounts.requests import SignedInRequest
from batches.cultures import offered
from batches.kitchen_forms import KitchenForm
from kefir.web import status_of, submit, way_back

NIGHT = {"quiet_from": time(22), "quiet_until": time(7)}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def kitchen(request: SignedInRequest) -> HttpResponse:
    """To whoever is new it is the first page, and may be passed over."""
    user, now = request.user, timezone.now()
    goal = way_back(request, "/" if user.welcomed_at is None else "/settings/")
    if "skip" in request.POST:
        accounts.settle_in(user=user, now=now)
        return redirect(goal)
    form = KitchenForm(request.POST or None, instance=user, person=user, initial=proposed(request))
    if submit(form, settle_in, user=user, now=now):
        messages.success(request, _("Saved."))
        return redirect(goal)
    context = {"form": form, "is_new": user.welcomed_at is None, "next": goal}
    return TemplateResponse(request, "batches/kitchen.html", context, status=status_of(form))


def settle_in(*, user: User, now: Any, **said: Any) -> User:
    """What was left empty among the guesses stays as it is."""
    guessed = ("timezone", "temperature_unit", "volume_unit")
    said = {name: value for name, value in said.items() if value or name not in guessed}
    return accounts.settle_in(user=user, now=now, **said)


def proposed(request: SignedInRequest) -> dict[str, Any]:
    """What is likely of somebody who has said nothing yet; a script of the page knows their time zone."""
    user = request.user
    if user.welcomed_at is not None:
        return {}
    culture = {"usual_culture": offered(settings.CULTURES)[0][0]}
    where = {"timezone": "", **units_by(request.headers.get("Accept-Language", ""))}
    return culture | ({} if user.quiet_from else NIGHT) | (where if user.has_its_defaults() else {})
