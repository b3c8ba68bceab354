"""What people say of a sensor. Text in, values out; nothing is decided here."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import SpanField
from accounts.models import User
from batches.models import Batch
from sensors.models import SILENT_AFTER, Sensor


class BatchField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class SensorForm(forms.ModelForm):
    name = forms.CharField(
        label=_("What do you call it?"),
        max_length=100,
        widget=forms.TextInput({"placeholder": _("the blue float"), "autocomplete": "off"}),
    )
    batch = BatchField(
        label=_("Which batch is it in?"),
        queryset=Batch.objects.none(),
        required=False,
        empty_label=_("none yet"),
    )
    silent_after = SpanField(
        label=_("Tell me when nothing comes"),
        none="never",
        minutes=[60, 180, 360, 720, 1440, 2880],
        help_text=_("Only while it is in a batch that is at work."),
    )

    class Meta:
        model = Sensor
        fields = ["name", "batch", "silent_after"]

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        batches = self.fields["batch"]
        if isinstance(batches, forms.ModelChoiceField):
            batches.queryset = Batch.objects.of(person).kept().newest_first()
        span = self.fields["silent_after"]
        if isinstance(span, SpanField):
            span.offer(self.instance.silent_after)


class NewSensorForm(SensorForm):
    # Sent twice it is one sensor.
    id = forms.UUIDField(widget=forms.HiddenInput, required=False)

    field_order = ["id", "name", "batch", "silent_after"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("silent_after", SILENT_AFTER)


class PlaceForm(forms.Form):
    """Into this batch, or out of it."""

    sensor = forms.UUIDField()
    out = forms.BooleanField(required=False)
