"""What people say of their kitchen. Text in, values out; nothing is decided here."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.fields import InOwnUnits, TemperatureField
from accounts.models import User, timezones
from batches.cultures import Culture, offered


class KitchenForm(InOwnUnits, forms.ModelForm):
    """Three things, and how we count. A number is in the unit that is chosen beside it."""

    usual_culture = forms.ChoiceField(
        label=_("What do you make?"), choices=Culture.choices, widget=forms.RadioSelect, required=False
    )
    room_temperature_c = TemperatureField(
        label=_("How warm your kitchen is"),
        help_text=_("A guess will do. Every time that we name follows the warmth."),
    )
    timezone = forms.ChoiceField(label=_("Time zone"), required=False)
    temperature_unit = forms.ChoiceField(
        label=_("Temperatures in"),
        choices=User.TemperatureUnit.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    volume_unit = forms.ChoiceField(
        label=_("Amounts in"), choices=User.VolumeUnit.choices, widget=forms.RadioSelect, required=False
    )

    class Meta:
        model = User
        fields = [
            "usual_culture", "room_temperature_c", "quiet_from", "quiet_until",
            "timezone", "temperature_unit", "volume_unit",
        ]  # fmt: skip
        labels = {"quiet_from": _("Quiet from"), "quiet_until": _("Until")}
        widgets = {
            "quiet_from": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "quiet_until": forms.TimeInput({"type": "time"}, format="%H:%M"),
        }

    def __init__(self, data: Any = None, *, person: User, initial: dict[str, Any], **kwargs: Any) -> None:
        kept = {"temperature_unit": person.temperature_unit, "volume_unit": person.volume_unit}
        units = {name: (data or initial).get(name) or unit for name, unit in kept.items()}
        super().__init__(data, person=User(**units), initial=initial, **kwargs)
        zones = [(name, name.replace("_", " ")) for name in sorted(timezones())]
        self.offer("timezone", [("", _("as it is"))] * ("timezone" in initial) + zones)
        self.offer("usual_culture", offered(settings.CULTURES, also=person.usual_culture))
        if "timezone" in initial:
            self.fields["timezone"].widget.attrs["data-zone"] = ""

    def offer(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]
