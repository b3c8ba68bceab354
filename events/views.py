"""The pages of the timeline: write down, correct, withdraw."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from accounts.requests import SignedInRequest
from batches.doors import own_batch
from events import actions
from events.forms import ASKED, EventForm, NewEventForm
from events.models import Event
from kefir.htmx import page_or_partial
from kefir.web import status_of, submit, way_back


@login_required
def record(request: SignedInRequest, batch_id: str) -> HttpResponse:
    batch = own_batch(request, batch_id)
    what = request.GET.get("what", "")
    what = what if what in ASKED else ""
    form = NewEventForm(request.POST or None, what=what, initial={"id": uuid4()}, person=request.user)
    otherwise = reverse("batches:detail", args=[batch.pk])
    if recorded := submit(form, actions.record, batch=batch, now=timezone.now()):
        event, _ = recorded
        messages.success(request, said_of(event), extra_tags=reverse("events:withdraw", args=[event.pk]))
        return redirect(way_back(request, otherwise))
    context = {"batch": batch, "form": form, "what": what, "next": way_back(request, otherwise)}
    return page_or_partial(request, "events/record.html", "record-form", context, status=status_of(form))


def said_of(event: Event) -> str:
    """That it is written down, and what it has settled."""
    settled = [reminder.message for reminder in event.batch.reminders.finished(event.created_at)]
    return " ".join(["Written down.", *(f"That settles: {message}" for message in settled)])


@login_required
def correct(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    event = own_event(request, event_id)
    form = EventForm(request.POST or None, instance=own_event(request, event_id), person=request.user)
    if submit(form, actions.correct, event=event, now=timezone.now()):
        messages.success(request, "Corrected.")
        return redirect("batches:detail", event.batch_id)
    context = {"event": event, "batch": event.batch, "form": form}
    return TemplateResponse(request, "events/correct.html", context, status=status_of(form))


@login_required
def withdraw(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """Asks first; a POST does it."""
    event = own_event(request, event_id)
    if request.method != "POST":
        return TemplateResponse(request, "events/withdraw.html", {"event": event, "batch": event.batch})
    try:
        actions.withdraw(event=event, now=timezone.now())
        messages.success(request, "Struck out.")
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("batches:detail", event.batch_id)


def own_event(request: SignedInRequest, event_id: UUID) -> Event:
    return get_object_or_404(Event.objects.of(request.user).select_related("batch"), pk=event_id)
