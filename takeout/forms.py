from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import AddressField
from takeout.demos import Keep
from takeout.models import Import


class BringForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What do you bring?"),
        choices=Import.Kind.choices,
        widget=forms.RadioSelect,
        initial=Import.Kind.ARCHIVE,
    )
    file = forms.FileField(
        label=_("The file"), widget=forms.FileInput({"accept": ".zip,.csv,text/csv,application/zip"})
    )


class KeepForm(forms.Form):
    email = AddressField(label=_("Your e-mail address"))


class ChoiceForm(forms.Form):
    keep = forms.ChoiceField(choices=[(one.value, one.value) for one in Keep])
