"""The pages of batches: the shelf, one batch, its code, and what a scan of it opens."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import SignedInRequest
from batches import actions, codes, labels
from batches.doors import carried_over, filled_in, own_batch, recipe_of, way_back_from
from batches.forms import (
    SHOWN,
    EditBottledForm,
    EditForm,
    MoveForm,
    ShareForm,
    ShelfForm,
    SizeForm,
    StartForm,
)
from batches.grain_models import Grains
from batches.identifiers import named
from batches.models import Batch, Undo, bring_history
from batches.stages import Place, Stage
from batches.told import Told, what_refers_to_it, what_teaches
from batches.undoing import Undoable, take_back
from kefir import kept, limits
from kefir.htmx import page_or_partial
from kefir.web import status_of, submit, too_often, way_back

PAGE = 50
FAMILY = 12
PHOTOS = 8


def first_of_shelf(owner: UUID) -> Any:
    batches = Batch.objects.of(User(pk=owner)).kept().for_cards()
    return batches.annotate(taught_by=what_teaches(User(pk=owner)))[: PAGE + 1]


FIRST_OF_SHELF = Told(first_of_shelf, owner=UUID(int=0))


@login_required
@require_safe
def shelf(request: SignedInRequest) -> HttpResponse:
    """As nearly everybody asks for it, or only those that were looked for."""
    if request.GET:
        return drawn_shelf(request)
    rows = FIRST_OF_SHELF.rows(owner=request.user.pk)
    return kept.page(request, rows, lambda: drawn_shelf(request, [FIRST_OF_SHELF.batch(row) for row in rows]))


def drawn_shelf(request: SignedInRequest, found: list[Batch] | None = None) -> TemplateResponse:
    form = ShelfForm(request.GET)
    form.is_valid()
    if found is None:
        found = list(older_than(shown(request, **form.cleaned_data), request).for_cards()[: PAGE + 1])
    bring_history(found, {request.user})
    context = {
        "form": form,
        "filters": [(key, words) for key, (words, _) in SHOWN.items()],
        "show": form.cleaned_data.get("show") or "all",
        "batches": found[:PAGE],
        "more": len(found) > PAGE,
        "now": timezone.now(),
    }
    return page_or_partial(request, "batches/list.html", "shelf", context)


def shown(request: SignedInRequest, *, show: str = "", culture: str = "", search: str = "") -> Any:
    batches = Batch.objects.of(request.user)
    batches = batches if show == "archived" else batches.kept()
    batches = batches.filter(**SHOWN[show][1]) if show else batches
    batches = batches.filter(culture=culture) if culture else batches
    return batches.that_say(search, of=request.user) if search else batches


def older_than(batches: Any, request: SignedInRequest) -> Any:
    """From the page before: what comes after its last batch."""
    after = named(request.GET.get("after", ""))
    last = Batch.objects.of(request.user).filter(pk=after).first() if after else None
    return batches.older_than(last) if last else batches


@login_required
def start(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    parent = own_batch(request, named(request.GET["again"])) if "again" in request.GET else None
    like = parent or Batch.objects.of(request.user).newest_first().first()
    form = StartForm(
        filled_in(request),
        initial=(recipe_of(like) or usual_of(request.user))
        | with_grains(request, like)
        | {"started_at": now}
        | carried_over(request),
        person=request.user,
    )
    if batch := submit(form, verb_for(parent), owner=request.user, now=now):
        messages.success(
            request, _("%(name)s is started. What shall we remind you of?") % {"name": batch.name}
        )
        return redirect("reminders:plan", batch.pk)
    context = {"form": form, "parent": parent, "like": like}
    return TemplateResponse(request, "batches/start.html", context, status=status_of(form))


def usual_of(person: User) -> dict[str, Any]:
    """What they said of their kitchen, where nothing better is known."""
    usual = {"culture": person.usual_culture, "temperature_c": person.room_temperature_c}
    return {field: value for field, value in usual.items() if value not in {"", None}}


def with_grains(request: SignedInRequest, like: Batch | None) -> dict[str, Any]:
    """Those that were asked for, or those of the last batch; and what they weighed last."""
    mine = Grains.objects.of(request.user).alive()
    asked = request.GET.get("grains", "")
    if asked:
        grains = mine.filter(pk=asked).first() if is_uuid(asked) else None
    else:
        grains = mine.filter(pk=like.grains_id).first() if like and like.grains_id else None
    if grains is None:
        return {}
    culture = {"culture": grains.culture} if asked else {}
    weight = {} if grains.grams is None else {"grains_grams": grains.grams}
    return {"grains": grains, **weight, **culture}


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def verb_for(parent: Batch | None) -> Any:
    if parent is None:
        return actions.start
    return lambda **filled: actions.brew_again(batch=parent, **filled)


def with_all_about(owner: UUID, key: str) -> Any:
    batches = Batch.objects.of(User(pk=owner)).filter(pk=key).with_readings().with_photos(PHOTOS + 1)
    batches = batches.with_children(FAMILY).with_sensors().select_related("parent", "grains")
    return batches.annotate(referring=what_refers_to_it(), taught_by=what_teaches(User(pk=owner)))


WITH_ALL_ABOUT = Told(with_all_about, "parent", "grains", owner=UUID(int=0), key="?")


@login_required
@require_safe
def detail(request: SignedInRequest, batch_id: str) -> HttpResponse:
    rows = WITH_ALL_ABOUT.rows(owner=request.user.pk, key=batch_id)
    if not rows:
        raise Http404
    return kept.page(request, rows, lambda: drawn_detail(request, WITH_ALL_ABOUT.batch(rows[0])))


def drawn_detail(request: SignedInRequest, batch: Batch) -> TemplateResponse:
    bring_history([batch], {request.user})
    now = timezone.now()
    spoilt = {"is_mouldy": batch.is_mouldy, "is_not_sour": batch.is_not_sour(now)}
    context = {
        "batch": batch,
        "main": labels.main_deed(batch.place, batch.culture, **spoilt),
        "others": labels.other_deeds(batch.place, batch.culture, **spoilt),
        "before": request.GET.get("before", ""),
        "now": now,
        "public_url": f"{settings.SITE_URL}/b/{batch.pk}",
    }
    return page_or_partial(request, "batches/detail.html", "earlier", context)


@login_required
def edit(request: SignedInRequest, batch_id: str) -> HttpResponse:
    batch = own_batch(request, batch_id)
    kind = EditBottledForm if batch.stage == Stage.BOTTLED else EditForm
    form = kind(request.POST or None, instance=own_batch(request, batch_id), person=request.user)
    deed = Undoable(actions.revise, of=batch)
    if submit(form, deed, batch=batch, now=timezone.now()):
        messages.success(request, _("Saved."), extra_tags=way_back_from(deed))
        return redirect("batches:detail", batch.pk)
    return TemplateResponse(
        request, "batches/edit.html", {"batch": batch, "form": form}, status=status_of(form)
    )


@login_required
@require_POST
def move(request: SignedInRequest, batch_id: str) -> HttpResponse:
    """The place may stand in the address, so that a link to it is one button."""
    batch = own_batch(request, batch_id)
    form = MoveForm(request.POST if "stage" in request.POST else request.GET)
    deed = Undoable(actions.move, of=batch)
    if moved := submit(form, deed, batch=batch, now=timezone.now()):
        say_moved(request, batch.place, moved, undo=way_back_from(deed))
    else:
        say_refused(request, form.errors.get("__all__", [_("That is no place for a batch.")]))
    return redirect("batches:detail", batch.pk)


def say_moved(request: SignedInRequest, before: Place, batch: Batch, *, undo: str) -> None:
    if before == batch.place:
        return
    words = labels.moved_words(before, batch.place)
    messages.success(
        request, _("%(name)s: %(words)s.") % {"name": batch.name, "words": words}, extra_tags=undo
    )


def say_refused(request: SignedInRequest, sentences: Any) -> None:
    for sentence in sentences:
        messages.error(request, sentence)


@login_required
@require_POST
def archive(request: SignedInRequest, batch_id: str) -> HttpResponse:
    words = _("%(name)s is put away, with all that was written.")
    return did(request, own_batch(request, batch_id), actions.archive, words)


@login_required
@require_POST
def restore(request: SignedInRequest, batch_id: str) -> HttpResponse:
    return did(request, own_batch(request, batch_id), actions.restore, _("%(name)s is back where it was."))


def did(request: SignedInRequest, batch: Batch, verb: Any, words: str) -> HttpResponse:
    """One press of a button, with a way back."""
    deed = Undoable(verb, of=batch)
    deed(batch=batch, now=timezone.now())
    messages.success(request, words % {"name": batch.name}, extra_tags=way_back_from(deed))
    return redirect("batches:detail", batch.pk)


@login_required
@require_POST
def undo(request: SignedInRequest, undo_id: UUID) -> HttpResponse:
    """What a toast offers to take back."""
    taken = get_object_or_404(Undo.objects.of(request.user), pk=undo_id)
    try:
        take_back(undo=taken, now=timezone.now())
        messages.success(request, _("Taken back."))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    otherwise = (
        reverse("batches:detail", args=[taken.batch_id]) if taken.batch_id else reverse("batches:list")
    )
    return redirect(way_back(request, otherwise))


@login_required
def share(request: SignedInRequest, batch_id: str) -> HttpResponse:
    batch = own_batch(request, batch_id)
    form = ShareForm(request.POST or None, instance=own_batch(request, batch_id))
    deed = Undoable(actions.share, of=batch)
    if submit(form, deed, batch=batch, now=timezone.now()):
        words = _("Whoever scans the code now sees the public page.")
        messages.success(request, words, extra_tags=way_back_from(deed))
        return redirect("batches:detail", batch.pk)
    context = {"batch": batch, "form": form, "public_url": f"{settings.SITE_URL}/b/{batch.pk}"}
    return TemplateResponse(request, "batches/share.html", context, status=status_of(form))


@login_required
@require_POST
def unshare(request: SignedInRequest, batch_id: str) -> HttpResponse:
    words = _("It is private again: a scan shows strangers nothing.")
    return did(request, own_batch(request, batch_id), actions.unshare, words)


@login_required
@require_safe
def code(request: SignedInRequest, batch_id: str) -> HttpResponse:
    batch = own_batch(request, batch_id)
    context = {"batch": batch, "address": address_of(batch), "pressed": labels.MAY_BE_PRESSED}
    return TemplateResponse(request, "batches/code.html", context)


@login_required
@require_safe
def code_svg(request: SignedInRequest, batch_id: str) -> HttpResponse:
    batch = own_batch(request, batch_id)
    return HttpResponse(codes.as_svg(address_of(batch)), content_type="image/svg+xml")


@login_required
@require_safe
def code_png(request: SignedInRequest, batch_id: str) -> HttpResponse:
    batch = own_batch(request, batch_id)
    form = SizeForm(request.GET)
    if not form.is_valid():
        raise Http404
    size = form.cleaned_data["size"] or 600
    return HttpResponse(codes.as_png(address_of(batch), size=size), content_type="image/png")


def address_of(batch: Batch) -> str:
    return codes.scan_address(batch.pk, site=settings.SITE_URL)


@require_safe
def scan(request: HttpRequest, batch_id: str) -> HttpResponse:
    """Its keeper logs, a stranger reads what is shared; what is private looks like what is not there."""
    own = Batch.objects.of(request.user).filter(pk=batch_id) if request.user.is_authenticated else None
    batch = own.with_readings().first() if own is not None else None
    answer = quick_page(request, batch) if batch else public_page(request, batch_id)
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Cache-Control"] = "no-store, private"
    return answer


def quick_page(request: HttpRequest, batch: Batch) -> HttpResponse:
    now = timezone.now()
    spoilt = {"is_mouldy": batch.is_mouldy, "is_not_sour": batch.is_not_sour(now)}
    deed = labels.main_deed(batch.place, batch.culture, **spoilt)
    return TemplateResponse(request, "batches/quick.html", {"batch": batch, "deed": deed, "now": now})


SHARED = Told(lambda key: Batch.objects.public().filter(pk=key).with_shared_photos(), key="?")


def public_page(request: HttpRequest, batch_id: str) -> HttpResponse:
    if seconds := seconds_to_wait(request):
        return too_often(request, seconds, _("That was a lot of jars."))
    rows = SHARED.rows(key=batch_id)
    if not rows:
        return TemplateResponse(request, "batches/nobody.html", {"batch_id": batch_id}, status=404)
    return kept.page(request, rows, lambda: drawn_public(request, SHARED.batch(rows[0])))


def drawn_public(request: HttpRequest, batch: Batch) -> TemplateResponse:
    context = {"batch": batch, "pressed": labels.MAY_BE_PRESSED, "now": timezone.now()}
    return TemplateResponse(request, "batches/public.html", context)


def seconds_to_wait(request: HttpRequest) -> int:
    return limits.courtesy("public", limits.PUBLIC_PAGES, limits.of_address(request.META["REMOTE_ADDR"]))
