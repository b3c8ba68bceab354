from django import forms

from takeout.models import Import


class BringForm(forms.Form):
    kind = forms.ChoiceField(
        label="What do you bring?",
        choices=Import.Kind.choices,
        widget=forms.RadioSelect,
        initial=Import.Kind.ARCHIVE,
    )
    file = forms.FileField(
        label="The file", widget=forms.FileInput({"accept": ".zip,.csv,text/csv,application/zip"})
    )
