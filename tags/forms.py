"""What people say of a tag. Text in, values out; nothing is decided here."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from batches.models import Batch
from batches.stages import Stage
from tags.models import JarTag, JarTagQuerySet, LabelSheet

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


class BatchesField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class TagsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name) or _("blank %(code)s") % {"code": obj.code}


class LabelsForm(forms.ModelForm):
    """For what, on which paper, from which label on."""

    batches = BatchesField(
        label=_("Batches"), queryset=Batch.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    tags = TagsField(
        label=_("Jar tags"),
        queryset=JarTag.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = LabelSheet
        fields = ["preset", "own_paper", "own_width_mm", "own_height_mm", "first", "copies", "code_only"]
        labels = {
            "preset": _("Which labels?"),
            "own_paper": _("Printed on"),
            "own_width_mm": _("Each is so wide, in mm"),
            "own_height_mm": _("And so high, in mm"),
            "first": _("Begin at label number"),
            "copies": _("Copies of each"),
            "code_only": _("Only the code, no words"),
        }
        help_texts = {
            "first": _("When some of the sheet are used up: counted from the top left, row by row.")
        }

    def __init__(self, *args: Any, person: User, newest: list[str], blank: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        batches, tags = self.fields["batches"], self.fields["tags"]
        if isinstance(batches, forms.ModelChoiceField) and isinstance(tags, forms.ModelChoiceField):
            batches.queryset = Batch.objects.of(person).filter(pk__in=newest).newest_first()
            tags.queryset = tags_of(person, blank=blank).oldest_first()


def tags_of(person: User, *, blank: bool) -> JarTagQuerySet:
    return JarTag.objects.in_hands_of(person) if blank else JarTag.objects.of(person)
