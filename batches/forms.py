"""What people type about a batch. Text in, values out; nothing is decided here."""

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.fields import InOwnUnits, LocalTimeField, TemperatureField, VolumeField, WeightField
from accounts.models import User
from batches.actions import BOTTLING, RECIPE
from batches.cultures import BottleKind, Culture, offered
from batches.grain_models import Grains, GrainsQuerySet
from batches.models import Batch
from batches.stages import Stage, Status


class FruitsField(forms.CharField):
    """“lemon, ginger”."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        return [fruit.strip() for fruit in str(super().to_python(value)).split(",") if fruit.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(self.prepare_value(initial)) != self.to_python(data)


def hours_field(label: Any, help_text: Any = "") -> forms.FloatField:
    widget = forms.NumberInput({"step": "any"})
    return forms.FloatField(label=label, help_text=help_text, required=False, widget=widget)


class GrainsField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class RecipeForm(InOwnUnits, forms.ModelForm):
    """What is in the jar."""

    grains = GrainsField(
        label=_("Made with"),
        queryset=Grains.objects.none(),
        required=False,
        empty_label=_("none of yours"),
        help_text=_("So you see what it fed and how it grew."),
    )

    culture = forms.ChoiceField(
        label=_("What do you make?"),
        choices=Culture.choices,
        widget=forms.RadioSelect,
        initial=Culture.WATER_KEFIR,
    )
    water_volume_ml = VolumeField(label=_("Water, tea, milk or brine"))
    sugar_grams = WeightField(label=_("Sugar"))
    sugar_type = forms.CharField(
        label=_("Kind of sugar"),
        required=False,
        max_length=40,
        widget=forms.TextInput({"placeholder": _("raw cane")}),
    )
    grains_grams = WeightField(label=_("Grains or starter"))
    fruits = FruitsField(
        label=_("Fruits and spices"),
        required=False,
        help_text=_("With commas between. Most people add them only when they bottle."),
        widget=forms.TextInput({"placeholder": _("lemon, ginger")}),
    )
    temperature_c = TemperatureField(
        label=_("How warm it stands"), help_text=_("The times follow the warmth.")
    )
    new_grains = forms.BooleanField(
        label=_("New grains or a new starter"),
        required=False,
        help_text=_("They keep their own time: what earlier batches taught counts half from here on."),
    )
    target_hours = hours_field(
        _("Your own time, in hours"), _("Left empty, we go by what the culture usually needs at this warmth.")
    )
    started_at = LocalTimeField(label=_("Started"))
    notes = forms.CharField(
        label=_("Notes for yourself"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )

    class Meta:
        model = Batch
        fields = [*RECIPE, "name", "started_at", "notes", "grains", "new_grains"]

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        self.offer_grains(Grains.objects.of(person))
        already = "" if self.instance._state.adding else self.instance.culture
        offer = offered(settings.CULTURES, also=already)
        self.fields["culture"].choices = offer  # type: ignore[attr-defined]
        if self.initial.get("culture") not in dict(offer):
            self.initial["culture"] = offer[0][0]

    def offer_grains(self, mine: GrainsQuerySet) -> None:
        """Those that live, and those it was made with. Who keeps none is not asked."""
        mine = mine.filter(~Q(status=Grains.Status.GONE) | Q(pk=self.instance.grains_id))
        grains = self.fields["grains"]
        if isinstance(grains, GrainsField) and mine.exists():
            grains.queryset = mine.oldest_first()
        else:
            del self.fields["grains"]


class StartForm(RecipeForm):
    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=100,
        help_text=_("Left empty, it is named after its fruits and the day."),
    )


class EditForm(RecipeForm):
    name = forms.CharField(label=_("Name"), max_length=100)
    # What the reader saw: somebody else's change in between must not be lost unseen.
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class BottlingFields(forms.Form):
    bottle_count = forms.IntegerField(label=_("How many bottles"), required=False)
    bottle_volume_ml = VolumeField(label=_("Each holds"))
    bottle_kind = forms.ChoiceField(
        label=_("What kind of bottle?"),
        choices=BottleKind.choices,
        widget=forms.RadioSelect,
        required=False,
        help_text=_("It decides how long it may stand on the counter."),
    )
    added_sugar_grams = WeightField(
        label=_("Sugar added"),
        help_text=_("In all bottles together; juice and fruit count with what is sweet in them."),
    )
    bottled_temperature_c = TemperatureField(label=_("How warm the bottles stand"))
    bottled_target_hours = hours_field(
        _("Your own time, in hours"), _("From sealing to the fridge, if you know it.")
    )
    bottled_at = LocalTimeField(label=_("Bottled"))


class BottleForm(InOwnUnits, BottlingFields, forms.ModelForm):
    """From the jar into bottles; the flavour is chosen here."""

    fruits = FruitsField(
        label=_("Flavour"),
        required=False,
        help_text=_("Fruits, juice, spices, with commas between."),
        widget=forms.TextInput(
            {"placeholder": _("lemon, ginger"), "list": "flavours", "autocomplete": "off"}
        ),
    )

    class Meta:
        model = Batch
        fields = [*BOTTLING, "fruits", "bottled_at"]


class MoreBottlesForm(InOwnUnits, forms.ModelForm):
    """Another group from the same jar; left as it is offered, it is none."""

    fruits = FruitsField(
        label=_("Flavour"),
        required=False,
        widget=forms.TextInput({"list": "flavours", "autocomplete": "off"}),
    )
    bottle_count = forms.IntegerField(label=_("How many bottles"), required=False)
    bottle_volume_ml = VolumeField(label=_("Each holds"))
    bottle_kind = forms.ChoiceField(
        label=_("What kind of bottle?"), choices=BottleKind.choices, widget=forms.RadioSelect, required=False
    )
    added_sugar_grams = WeightField(label=_("Sugar added"), help_text=_("In these bottles together."))
    bottled_target_hours = hours_field(_("Your own time, in hours"), _("From sealing to the fridge."))

    class Meta:
        model = Batch
        fields = [
            "fruits",
            "bottle_count",
            "bottle_volume_ml",
            "bottle_kind",
            "added_sugar_grams",
            "bottled_target_hours",
        ]


class NextJarForm(InOwnUnits, forms.ModelForm):
    """The next jar, by the same recipe."""

    wanted = forms.BooleanField(label=_("Start the next jar with the same recipe"), required=False)
    grains_grams = WeightField(label=_("Grains or starter"))

    class Meta:
        model = Batch
        fields = ["grains_grams"]


class EditBottledForm(EditForm, BottlingFields):
    class Meta(EditForm.Meta):
        fields = [*EditForm.Meta.fields, *BOTTLING, "bottled_at"]


class MoveForm(forms.Form):
    stage = forms.ChoiceField(choices=Stage.choices)
    status = forms.ChoiceField(choices=Status.choices)


class ShareForm(forms.ModelForm):
    public_note = forms.CharField(
        label=_("A word for whoever scans it"),
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 3, "placeholder": _("Lemon and ginger. Drink it within two weeks.")}),
    )

    class Meta:
        model = Batch
        fields = ["public_note"]


SHOWN: dict[str, tuple[str | Promise, dict[str, str]]] = {
    "all": (_("All"), {}),
    "open": (_("Open"), {"stage": Stage.OPEN, "status": Status.ACTIVE}),
    "bottled": (_("Bottled"), {"stage": Stage.BOTTLED, "status": Status.ACTIVE}),
    "in_fridge": (_("In the fridge"), {"status": Status.IN_FRIDGE}),
    "ready": (_("Ready"), {"status": Status.READY}),
    "archived": (_("Archived"), {"status": Status.ARCHIVED}),
}


class ShelfForm(forms.Form):
    """Which batches to show. What makes no sense counts as not asked for."""

    search = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Names and notes")}),
    )
    culture = forms.ChoiceField(
        label=_("Culture"), required=False, choices=[("", _("Every culture")), *Culture.choices]
    )
    show = forms.ChoiceField(
        required=False,
        choices=[(key, words) for key, (words, _place) in SHOWN.items()],
        widget=forms.HiddenInput,
    )


class SizeForm(forms.Form):
    """How wide a picture, in pixels."""

    size = forms.IntegerField(required=False, min_value=100, max_value=2000)
