"""What people say of a tag. Text in, values out; nothing is decided here."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from batches.models import Batch
from batches.stages import Stage
from tags.models import JarTag

SHEETS = [12, 24, 48]


class BatchField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class TagForm(forms.ModelForm):
    name = forms.CharField(
        label=_("What do you call the jar?"),
        max_length=60,
        required=False,
        widget=forms.TextInput({"placeholder": _("the tall one"), "autocomplete": "off"}),
    )
    batch = BatchField(
        label=_("What is in it now?"),
        queryset=Batch.objects.none(),
        required=False,
        empty_label=_("nothing yet"),
    )

    class Meta:
        model = JarTag
        fields = ["name", "batch"]

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        batches = self.fields["batch"]
        if isinstance(batches, forms.ModelChoiceField):
            batches.queryset = Batch.objects.of(person).kept().filter(stage=Stage.OPEN).newest_first()


class BlanksForm(forms.Form):
    number = forms.TypedChoiceField(
        label=_("How many?"), coerce=int, choices=[(n, str(n)) for n in SHEETS], widget=forms.RadioSelect
    )


class PlaceForm(forms.Form):
    """On this tag's jar, or not any more."""

    tag = forms.UUIDField()
    out = forms.BooleanField(required=False)
