"""The pages of webhooks: who is told, what became of it, and the buttons beside."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from hooks import actions
from hooks.forms import EndpointForm
from hooks.models import Endpoint, HookDelivery
from kefir import limits
from kefir.web import status_of, submit

SHOWN = 50
# Where a new secret waits for the next page, which shows it once.
FRESH = "webhook_secret"


@login_required
@require_safe
def mine(request: SignedInRequest) -> HttpResponse:
    endpoints = Endpoint.objects.of(request.user).newest_first()
    context = {"endpoints": endpoints, "most": actions.MOST_ENDPOINTS}
    return TemplateResponse(request, "hooks/list.html", context)


@login_required
def add(request: SignedInRequest) -> HttpResponse:
    form = EndpointForm(request.POST or None)
    if endpoint := submit(form, actions.add, user=request.user, now=timezone.now()):
        return show_secret(request, endpoint)
    return TemplateResponse(request, "hooks/add.html", {"form": form}, status=status_of(form))


@login_required
@require_safe
def detail(request: SignedInRequest, endpoint_id: UUID) -> HttpResponse:
    endpoint = own_endpoint(request, endpoint_id)
    fresh = request.session.get(FRESH) or {}
    context: dict[str, Any] = {
        "endpoint": endpoint,
        "deliveries": endpoint.deliveries.select_related("message").newest_first()[:SHOWN],
    }
    if fresh.get("endpoint") == str(endpoint.pk):
        context["secret"] = request.session.pop(FRESH)["secret"]
    return TemplateResponse(request, "hooks/detail.html", context)


@login_required
def edit(request: SignedInRequest, endpoint_id: UUID) -> HttpResponse:
    endpoint = own_endpoint(request, endpoint_id)
    form = EndpointForm(request.POST or None, instance=endpoint)
    if submit(form, actions.edit, endpoint=endpoint, now=timezone.now()):
        messages.success(request, _("Saved."))
        return redirect("hooks:detail", endpoint_id)
    context = {"form": form, "endpoint_id": endpoint_id}
    return TemplateResponse(request, "hooks/edit.html", context, status=status_of(form))


@login_required
@require_POST
def test(request: SignedInRequest, endpoint_id: UUID) -> HttpResponse:
    endpoint = own_endpoint(request, endpoint_id)
    if seconds := seconds_to_wait(request):
        messages.warning(request, _("That was often. Try again in %(seconds)s s.") % {"seconds": seconds})
        return redirect("hooks:detail", endpoint_id)
    words = _("A test message is on its way. Look below in a moment.")
    return did(request, endpoint_id, words, actions.ping, endpoint=endpoint, now=timezone.now())


@login_required
@require_POST
def secret(request: SignedInRequest, endpoint_id: UUID) -> HttpResponse:
    endpoint = own_endpoint(request, endpoint_id)
    return show_secret(request, actions.roll_secret(endpoint=endpoint, now=timezone.now()))


@login_required
@require_POST
def switch(request: SignedInRequest, endpoint_id: UUID) -> HttpResponse:
    endpoint, is_on = own_endpoint(request, endpoint_id), request.POST.get("is_on") == "on"
    words = _("It is on.") if is_on else _("It is off. Nothing is sent there.")
    return did(request, endpoint_id, words, actions.edit, endpoint=endpoint, now=timezone.now(), is_on=is_on)


@login_required
@require_POST
def remove(request: SignedInRequest, endpoint_id: UUID) -> HttpResponse:
    actions.remove(endpoint=own_endpoint(request, endpoint_id))
    messages.success(request, _("The webhook is removed."))
    return redirect("hooks:list")


@login_required
@require_POST
def replay(request: SignedInRequest, hook_delivery_id: UUID) -> HttpResponse:
    found = HookDelivery.objects.of(request.user).select_related("endpoint")
    delivery = get_object_or_404(found, pk=hook_delivery_id)
    words = _("It is sent once more.")
    return did(request, delivery.endpoint_id, words, actions.replay, delivery=delivery, now=timezone.now())


def did(request: SignedInRequest, endpoint_id: UUID, words: str, verb: Any, **context: Any) -> HttpResponse:
    """One press of a button, and back to the webhook's page."""
    try:
        verb(**context)
        messages.success(request, words)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("hooks:detail", endpoint_id)


def show_secret(request: SignedInRequest, endpoint: Endpoint) -> HttpResponse:
    request.session[FRESH] = {"endpoint": str(endpoint.pk), "secret": endpoint.secret}
    return redirect("hooks:detail", endpoint.pk)


def seconds_to_wait(request: SignedInRequest) -> int:
    try:
        return limits.hit("webhook-test", "6/minute", str(request.user.pk))
    except limits.Unavailable:
        # A courtesy limit must not become an outage.
        return 0


def own_endpoint(request: SignedInRequest, endpoint_id: UUID) -> Endpoint:
    return get_object_or_404(Endpoint.objects.of(request.user), pk=endpoint_id)
