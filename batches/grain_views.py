"""The pages of cultures of one's own: which there are, one of them, and a plan for some days away."""

from datetime import timedelta
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
from accounts.units import units_of
from batches import away, grains
from batches.doors import way_back_from
from batches.grain_forms import (
    AwayForm,
    EditGrainsForm,
    FirstWeightForm,
    GrainsForm,
    StandForm,
    WeighForm,
)
from batches.grain_models import Grains, jar_of
from batches.undoing import Undoable
from kefir.web import status_of, submit

SHOWN_BATCHES = 24


@login_required
@require_safe
def shelf(request: SignedInRequest) -> HttpResponse:
    kept = Grains.objects.of(request.user).with_weights().oldest_first()
    context = {
        "alive": [one for one in kept if not one.is_gone],
        "gone": [one for one in kept if one.is_gone],
        "now": timezone.now(),
    }
    return TemplateResponse(request, "batches/grains/list.html", context)


@login_required
def keep(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    form = GrainsForm(request.POST or None, initial={"got_at": now})
    weight = FirstWeightForm(request.POST or None, person=request.user)
    if weight.is_valid() or not weight.is_bound:
        grams = weight.cleaned_data["grams"] if weight.is_bound else None
        if kept := submit(form, grains.keep, owner=request.user, now=now, grams=grams):
            messages.success(request, _("%(name)s is on your shelf.") % {"name": kept.name})
            return redirect("batches:grains", kept.pk)
    return TemplateResponse(
        request, "batches/grains/new.html", {"form": form, "weight": weight}, status=status_of(form)
    )


@login_required
@require_safe
def detail(request: SignedInRequest, grains_id: UUID) -> HttpResponse:
    kept, now = own_grains(request, grains_id), timezone.now()
    grown = {one.jar: round(one.percent) for one in kept.growths()}
    batches = list(kept.batches.newest_first()[:SHOWN_BATCHES])
    context = {
        "grains": kept,
        "wanted": kept.care(units_of(request.user).temperature),
        "weigh": WeighForm(initial={"weighed_at": now}, person=request.user),
        "weighings": list(kept.weighings.newest_first()),
        "batches": [(batch, grown.get(jar_of(batch))) for batch in batches],
        "now": now,
    }
    return TemplateResponse(request, "batches/grains/detail.html", context)


@login_required
def edit(request: SignedInRequest, grains_id: UUID) -> HttpResponse:
    kept = own_grains(request, grains_id)
    form = EditGrainsForm(request.POST or None, instance=own_grains(request, grains_id))
    deed = Undoable(grains.edit, of=kept)
    if submit(form, deed, grains=kept, now=timezone.now()):
        messages.success(request, _("Saved."), extra_tags=way_back_from(deed))
        return redirect("batches:grains", kept.pk)
    return TemplateResponse(
        request, "batches/grains/edit.html", {"grains": kept, "form": form}, status=status_of(form)
    )


@login_required
def weigh(request: SignedInRequest, grains_id: UUID) -> HttpResponse:
    kept, now = own_grains(request, grains_id), timezone.now()
    form = WeighForm(request.POST or None, initial={"weighed_at": now}, person=request.user)
    deed = Undoable(grains.weigh, of=kept)
    if submit(form, deed, grains=kept, now=now):
        messages.success(request, _("The weight is written down."), extra_tags=way_back_from(deed))
        return redirect("batches:grains", kept.pk)
    return TemplateResponse(
        request, "batches/grains/weigh.html", {"grains": kept, "form": form}, status=status_of(form)
    )


@login_required
@require_POST
def unweigh(request: SignedInRequest, grains_id: UUID, weighing_id: UUID) -> HttpResponse:
    kept = own_grains(request, grains_id)
    weighing = get_object_or_404(kept.weighings.select_related("grains"), pk=weighing_id)
    deed = Undoable(grains.unweigh, of=kept, also=[weighing])
    return did(request, kept, deed, _("The weight is taken back."), weighing=weighing)


@login_required
@require_POST
def stand(request: SignedInRequest, grains_id: UUID) -> HttpResponse:
    kept = own_grains(request, grains_id)
    form, deed = StandForm(request.POST), Undoable(grains.edit, of=kept)
    if changed := submit(form, deed, grains=kept, now=timezone.now()):
        words = _("%(name)s: %(status)s.") % {"name": changed.name, "status": changed.get_status_display()}
        messages.success(request, words, extra_tags=way_back_from(deed))
    else:
        messages.error(request, _("That is no place for a culture."))
    return redirect("batches:grains", kept.pk)


@login_required
@require_POST
def feed(request: SignedInRequest, grains_id: UUID) -> HttpResponse:
    kept = own_grains(request, grains_id)
    return did(request, kept, Undoable(grains.feed, of=kept), _("Fed."), grains=kept)


@login_required
@require_POST
def renew(request: SignedInRequest, grains_id: UUID) -> HttpResponse:
    """With `off` in the address, they were the old ones after all."""
    kept = own_grains(request, grains_id)
    if "off" in request.GET:
        deed, words = Undoable(grains.unrenew, of=kept), _("They are the old ones again.")
    else:
        deed = Undoable(grains.renew, of=kept)
        words = _("New grains. What the old ones did counts half from now on.")
    return did(request, kept, deed, words, grains=kept)


def did(
    request: SignedInRequest, kept: Grains, deed: Undoable[Any], words: str, **context: Any
) -> HttpResponse:
    """One press of a button, with a way back."""
    try:
        deed(now=timezone.now(), **context)
        messages.success(request, words, extra_tags=way_back_from(deed))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("batches:grains", kept.pk)


@login_required
def remove(request: SignedInRequest, grains_id: UUID) -> HttpResponse:
    """Asks first; a POST does it, for good."""
    kept = own_grains(request, grains_id)
    if request.method != "POST":
        return TemplateResponse(request, "batches/grains/remove.html", {"grains": kept})
    grains.remove(grains=kept)
    messages.success(request, _("%(name)s is deleted. Its batches stay.") % {"name": kept.name})
    return redirect("batches:all-grains")


@login_required
@require_safe
def away_plan(request: SignedInRequest, grains_id: UUID) -> HttpResponse:
    kept = own_grains(request, grains_id)
    form = AwayForm(request.GET or None, initial=twelve_days())
    made = submit(form, away.plan, kind=kept.culture, grams=kept.grams)
    context = {"grains": kept, "form": form, "plan": made}
    return TemplateResponse(
        request, "batches/grains/away.html", context, status=status_of(form) if not made else 200
    )


def twelve_days() -> dict[str, Any]:
    today = timezone.localdate()
    return {"leaves_on": today + timedelta(days=1), "back_on": today + timedelta(days=13)}


def own_grains(request: SignedInRequest, grains_id: UUID) -> Grains:
    return get_object_or_404(Grains.objects.of(request.user), pk=grains_id)
