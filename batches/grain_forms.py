"""What people type about a culture of their own. Text in, values out; nothing is decided here."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import InOwnUnits, LocalTimeField, WeightField
from batches.grain_kinds import GrainKind
from batches.grain_models import Grains, Weighing


class GrainsForm(forms.ModelForm):
    culture = forms.ChoiceField(
        label=_("What is it?"),
        choices=GrainKind.choices,
        widget=forms.RadioSelect,
        initial=GrainKind.WATER_KEFIR,
    )
    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=100,
        help_text=_("Left empty, it is called what it is."),
        widget=forms.TextInput({"placeholder": _("the ones from Marta"), "autocomplete": "off"}),
    )
    got_at = LocalTimeField(label=_("With you since"))
    notes = forms.CharField(
        label=_("Notes for yourself"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )

    class Meta:
        model = Grains
        fields = ["culture", "name", "got_at", "notes"]


class EditGrainsForm(GrainsForm):
    name = forms.CharField(label=_("Name"), max_length=100)


class FirstWeightForm(InOwnUnits, forms.ModelForm):
    grams = WeightField(
        label=_("What they weigh"), help_text=_("Shaken off, not squeezed. You may leave it empty.")
    )

    class Meta:
        model = Weighing
        fields = ["grams"]


class StrainedForm(FirstWeightForm):
    grams = WeightField(
        label=_("What they weigh now"),
        help_text=_("Strained and shaken off: so you see them grow. Or leave it empty."),
    )


class WeighForm(InOwnUnits, forms.ModelForm):
    grams = WeightField(label=_("They weigh"))
    weighed_at = LocalTimeField(label=_("Weighed"))

    class Meta:
        model = Weighing
        fields = ["grams", "weighed_at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grams"].required = True


class StandForm(forms.Form):
    status = forms.ChoiceField(choices=Grains.Status.choices)


def day_field(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


class AwayForm(forms.Form):
    leaves_on = day_field(_("You leave on"))
    back_on = day_field(_("You are back on"))
