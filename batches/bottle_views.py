"""The page of bottling day: groups of bottles from one jar, and the next jar."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.requests import SignedInRequest
from batches import bottling
from batches.bottling import Bottled
from batches.doors import own_batch, way_back_from
from batches.forms import BottleForm, MoreBottlesForm, NextJarForm
from batches.grain_forms import StrainedForm
from batches.models import Batch
from batches.stages import Stage
from batches.undoing import Undoable
from kefir.web import add_refusal, status_of

MORE_GROUPS = 5
LOOKED_BACK = 12


@login_required
def bottle(request: SignedInRequest, batch_id: str) -> HttpResponse:
    pouring = Pouring(request, own_batch(request, batch_id))
    if bottled := pouring.submitted():
        messages.success(request, said_of(bottled), extra_tags=way_back_from(pouring.deed))
        return redirect(reminders_of([*bottled.groups, *filter(None, [bottled.next_jar])]))
    return TemplateResponse(request, "batches/bottle.html", pouring.context, status=status_of(pouring.first))


class Pouring:
    """The forms of the page: the first group with what holds for all, more groups, the next jar."""

    def __init__(self, request: SignedInRequest, batch: Batch) -> None:
        self.batch, self.now, person = batch, timezone.now(), request.user
        self.deed = Undoable(bottling.bottle_groups, of=batch)
        typed = request.POST or None
        last = list(Batch.objects.of(person).filter(stage=Stage.BOTTLED).newest_first()[:LOOKED_BACK])
        bottles = bottles_of(last[0]) if last else {}
        today = {"bottled_at": self.now, "bottled_temperature_c": batch.temperature_c}
        self.first = BottleForm(
            typed, instance=own_batch(request, batch.pk), initial=bottles | today, person=person
        )
        self.more = [
            MoreBottlesForm(
                typed, prefix=f"more{number}", initial=bottles, empty_permitted=True, person=person,
                use_required_attribute=False,
            )
            for number in range(1, MORE_GROUPS + 1)
        ]  # fmt: skip
        self.next_jar = NextJarForm(
            typed,
            prefix="next",
            initial={"wanted": True, "grains_grams": batch.grains_grams},
            person=person,
        )
        # Only where it is known whose weight it is.
        self.strained = StrainedForm(typed, prefix="strained", person=person) if batch.grains_id else None
        self.flavours = sorted({fruit for one in last for fruit in one.fruits})

    @property
    def poured(self) -> list[BottleForm | MoreBottlesForm]:
        return [self.first, *(form for form in self.more if form.has_changed())]

    @property
    def context(self) -> dict[str, Any]:
        return {
            "batch": self.batch,
            "form": self.first,
            "more": self.more,
            "next_jar": self.next_jar,
            "strained": self.strained,
            "flavours": self.flavours,
        }

    def submitted(self) -> Bottled | None:
        forms = [*self.poured, self.next_jar, *filter(None, [self.strained])]
        if not self.first.is_bound or not all([form.is_valid() for form in forms]):  # noqa: C419 each says what is wrong
            return None
        first = dict(self.first.cleaned_data)
        at, warmth = first.pop("bottled_at"), first["bottled_temperature_c"]
        more = [{"bottled_temperature_c": warmth, **form.cleaned_data} for form in self.poured[1:]]
        again = dict(self.next_jar.cleaned_data)
        try:
            return self.deed(
                batch=self.batch,
                groups=[first, *more],
                bottled_at=at,
                next_jar=again if again.pop("wanted") else None,
                grains_weigh_grams=self.strained.cleaned_data["grams"] if self.strained else None,
                now=self.now,
            )
        except ValidationError as refusal:
            self.show(refusal)
            return None

    def show(self, refusal: ValidationError) -> None:
        """Each refusal on the form it is about."""
        by_field = getattr(refusal, "error_dict", {NON_FIELD_ERRORS: refusal})
        for name, errors in by_field.items():
            place, _dot, field = name.rpartition(".")
            add_refusal(self.form_of(place), ValidationError({field: errors}))

    def form_of(self, place: str) -> BottleForm | MoreBottlesForm | NextJarForm:
        if place == "next_jar":
            return self.next_jar
        number = place.removeprefix("groups.")
        return self.poured[int(number)] if number.isdecimal() else self.first


def bottles_of(last: Batch) -> dict[str, Any]:
    return {"bottle_volume_ml": last.bottle_volume_ml, "bottle_kind": last.bottle_kind}


def said_of(bottled: Bottled) -> str:
    if len(bottled.groups) == 1:
        words = _("%(name)s is in its bottles. What shall we remind you of?")
        return words % {"name": bottled.groups[0].name}
    words = _("%(number)s kinds of bottles from one jar. What shall we remind you of?")
    return words % {"number": len(bottled.groups)}


def reminders_of(batches: Sequence[Batch]) -> str:
    """To the plan of the first, and from there to that of the next."""
    address = ""
    for batch in reversed(batches):
        plan = reverse("reminders:plan", args=[batch.pk])
        address = f"{plan}?next={quote(address, safe='')}" if address else plan
    return address
