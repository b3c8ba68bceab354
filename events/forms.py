"""What people type about what happened. Text in, values out; nothing is decided here."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import InOwnUnits, LocalTimeField, TemperatureField
from events.kinds import BY_HAND, Kind, Taste
from events.models import Event

FIZZ = [("", _("Not said")), *((str(n), f"{n}") for n in range(6))]

# A form for one thing asks for that alone; without a word it asks for everything.
ASKED: dict[str, tuple[Kind, list[str]]] = {
    "taste": (Kind.TASTE, ["taste", "fizz", "description"]),
    "temperature": (Kind.MEASUREMENT, ["temperature_c", "description"]),
    "ph": (Kind.MEASUREMENT, ["ph", "description"]),
    "note": (Kind.NOTE, ["description"]),
    "burped": (Kind.BURPED, ["description"]),
}


class EventForm(InOwnUnits, forms.ModelForm):
    kind = forms.ChoiceField(
        label=_("What was it?"),
        choices=[(kind.value, kind.label) for kind in BY_HAND],
        widget=forms.RadioSelect,
        initial=Kind.NOTE,
    )
    description = forms.CharField(
        label=_("In a few words"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )
    ph = forms.FloatField(label=_("pH"), required=False, widget=forms.NumberInput({"step": "any"}))
    brix = forms.FloatField(label=_("°Brix"), required=False, widget=forms.NumberInput({"step": "any"}))
    temperature_c = TemperatureField(label=_("Temperature"))
    taste = forms.ChoiceField(
        label=_("How does it taste?"),
        required=False,
        choices=[("", _("Not said")), *Taste.choices],
        widget=forms.RadioSelect,
    )
    fizz = forms.TypedChoiceField(
        label=_("How fizzy, from 0 to 5?"),
        required=False,
        choices=FIZZ,
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
    )
    occurred_at = LocalTimeField(label=_("When"), required=False, help_text=_("Left empty: now."))

    class Meta:
        model = Event
        fields = ["kind", "description", "ph", "brix", "temperature_c", "taste", "fizz", "occurred_at"]

    def __init__(self, *args: Any, what: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if what in ASKED:
            kind, asked = ASKED[what]
            self.fields["kind"].widget = forms.HiddenInput()
            self.initial["kind"] = kind.value
            self.fields[asked[0]].widget.attrs["autofocus"] = True
            for name in {"ph", "brix", "temperature_c", "taste", "fizz", "description"}.difference(asked):
                del self.fields[name]


class CaptionForm(forms.Form):
    caption = forms.CharField(
        label=_("What it shows"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )


class NewEventForm(EventForm):
    # Chosen before it is sent: a button pressed twice logs once.
    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
