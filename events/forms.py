"""What people type about what happened. Text in, values out; nothing is decided here."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import InOwnUnits, LocalTimeField, TemperatureField
from accounts.models import PhBy, User
from events.kinds import BY_HAND, Kind, Sign, Taste
from events.models import Event

FIZZ = [("", _("Not said")), *((str(n), f"{n}") for n in range(6))]

# A form for one thing asks for that alone; without a word it asks for everything.
ASKED: dict[str, tuple[Kind, list[str]]] = {
    "taste": (Kind.TASTE, ["taste", "fizz", "description"]),
    "temperature": (Kind.MEASUREMENT, ["temperature_c", "description"]),
    "ph": (Kind.MEASUREMENT, ["ph", "ph_by", "description"]),
    "mould": (Kind.OBSERVATION, ["sign", "description"]),
    "note": (Kind.NOTE, ["description"]),
    "burped": (Kind.BURPED, ["description", "sign"]),
}
TOLD = frozenset({"ph", "ph_by", "brix", "temperature_c", "taste", "fizz", "sign", "description"})


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
    sign = forms.ChoiceField(
        label=_("What was seen?"), required=False, choices=[("", _("Not said")), *Sign.choices]
    )
    ph_by = forms.ChoiceField(
        label=_("Measured with"),
        required=False,
        choices=[("", _("Not said")), *PhBy.choices],
        widget=forms.RadioSelect,
    )
    occurred_at = LocalTimeField(label=_("When"), required=False, help_text=_("Left empty: now."))

    class Meta:
        model = Event
        fields = [
            "kind", "description", "ph", "ph_by", "brix", "temperature_c", "taste", "fizz", "sign", "occurred_at",
        ]  # fmt: skip

    def __init__(self, *args: Any, what: str = "", person: User, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        if what in ASKED:
            kind, asked_for = ASKED[what]
            asked = frozenset(asked_for)
            self.fields["kind"].widget = forms.HiddenInput()
            self.initial["kind"] = kind.value
            self.initial["ph_by"] = person.ph_by
            self.fields[asked_for[0]].widget.attrs["autofocus"] = True
        else:
            asked = TOLD - self.not_said()
        for name in TOLD.difference(asked):
            del self.fields[name]

    def not_said(self) -> set[str]:
        """What is asked only where something was said of it."""
        found = {"sign": self.instance.sign, "ph_by": self.instance.ph}
        return {name for name, said in found.items() if said in {"", None}}


class CaptionForm(forms.Form):
    caption = forms.CharField(
        label=_("What it shows"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )


class NewEventForm(EventForm):
    # Chosen before it is sent: a button pressed twice logs once.
    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
