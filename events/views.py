"""The pages of the timeline: write down, correct, withdraw; and of photos: look, caption, cover, remove."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from batches.doors import own_batch, way_back_from
from batches.undoing import Undoable
from events import actions, photos
from events.forms import ASKED, CaptionForm, EventForm, NewEventForm
from events.kinds import Kind
from events.models import Event, Photo
from kefir import bucket
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
    return " ".join(
        [_("Written down."), *(_("That settles: %(message)s") % {"message": message} for message in settled)]
    )


@login_required
def correct(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    event = own_event(request, event_id)
    if event.kind == Kind.PHOTO and hasattr(event, "photo"):
        return redirect("events:photo", event.photo.pk)
    form = EventForm(request.POST or None, instance=own_event(request, event_id), person=request.user)
    deed = Undoable(actions.correct, of=event.batch, also=[event])
    if submit(form, deed, event=event, now=timezone.now()):
        messages.success(request, _("Corrected."), extra_tags=way_back_from(deed))
        return redirect("batches:detail", event.batch_id)
    context = {"event": event, "batch": event.batch, "form": form}
    return TemplateResponse(request, "events/correct.html", context, status=status_of(form))


@login_required
def withdraw(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """Asks first; a POST does it. A photo is removed with its line, where that is asked."""
    event = own_event(request, event_id)
    shown = getattr(event, "photo", None)
    if shown and shown.is_ready:
        return redirect("events:remove", shown.pk)
    if request.method != "POST":
        return TemplateResponse(request, "events/withdraw.html", {"event": event, "batch": event.batch})
    try:
        deed = Undoable(actions.withdraw, of=event.batch, also=[event, shown])
        deed(event=event, now=timezone.now())
        messages.success(request, _("Struck out."), extra_tags=way_back_from(deed))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("batches:detail", event.batch_id)


def own_event(request: SignedInRequest, event_id: UUID) -> Event:
    return get_object_or_404(Event.objects.of(request.user).select_related("batch"), pk=event_id)


@login_required
@require_safe
def album(request: SignedInRequest, batch_id: str) -> HttpResponse:
    """All photos of a batch; to htmx, its newest alone."""
    batch = own_batch(request, batch_id)
    context = {"batch": batch, "before": request.GET.get("before", ""), "now": timezone.now()}
    return page_or_partial(request, "events/album.html", "photos", context)


@login_required
def photo(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    shown = own_photo(request, photo_id)
    form = CaptionForm(request.POST or None, initial={"caption": shown.caption})
    deed = Undoable(photos.edit, of=shown.batch, also=[shown.event])
    if submit(form, deed, photo=shown, now=timezone.now()):
        messages.success(request, _("Saved."), extra_tags=way_back_from(deed))
        return redirect("batches:detail", shown.batch_id)
    context = {"photo": shown, "batch": shown.batch, "form": form}
    return TemplateResponse(request, "events/photo.html", context, status=status_of(form))


@login_required
@require_POST
def cover(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """Onto it; with `off` in the address, off it."""
    shown, is_cover = own_photo(request, photo_id), "off" not in request.GET
    try:
        deed = Undoable(photos.edit, of=shown.batch, also=[*shown.batch.photos.filter(is_cover=True), shown])
        deed(photo=shown, now=timezone.now(), is_cover=is_cover)
        words = _("This photo stands for %(name)s now.") if is_cover else _("Off the cover.")
        messages.success(request, words % {"name": shown.batch.name}, extra_tags=way_back_from(deed))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("events:photo", shown.pk)


@login_required
def remove(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """Asks first; a POST does it."""
    shown = own_photo(request, photo_id)
    if request.method != "POST":
        return TemplateResponse(request, "events/remove.html", {"photo": shown, "batch": shown.batch})
    try:
        now = timezone.now()
        deed = Undoable(photos.remove, of=shown.batch, also=[shown, shown.event])
        deed(photo=shown, now=now, objects_go_at=now + photos.REMOVED_KEPT_FOR)
        messages.success(request, _("The photo is removed."), extra_tags=way_back_from(deed))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("batches:detail", shown.batch_id)


@login_required
@require_safe
def original(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """As it was taken, to be saved; it may be gone by now, and the copy is not."""
    shown = own_photo(request, photo_id)
    try:
        if bucket.head(shown.original_key):
            return redirect(shown.original_url)
        messages.info(request, _("The original is not kept any more. The copy on this page is."))
    except bucket.BucketFailed:
        messages.error(request, _("The photo cannot be fetched just now. Try again in a moment."))
    return redirect("events:photo", shown.pk)


def own_photo(request: SignedInRequest, photo_id: UUID) -> Photo:
    ready = Photo.objects.of(request.user).ready().select_related("batch", "event")
    return get_object_or_404(ready, pk=photo_id)
