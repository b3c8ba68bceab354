from django import forms
from django.utils.translation import gettext_lazy as _

from hooks.kinds import in_groups
from hooks.models import Endpoint


class EndpointForm(forms.ModelForm):
    url = forms.CharField(
        label=_("Address"),
        max_length=1000,
        help_text=_("It begins with https:// and is reached from the internet."),
        widget=forms.URLInput(attrs={"placeholder": _("https://"), "autocomplete": "off"}),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Tell it of"),
        choices=in_groups,
        required=False,
        help_text=_("Nothing chosen means everything."),
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Endpoint
        fields = ["url", "kinds"]
