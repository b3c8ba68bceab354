from django import forms

from hooks.kinds import in_groups
from hooks.models import Endpoint


class EndpointForm(forms.ModelForm):
    url = forms.CharField(
        label="Address",
        max_length=1000,
        help_text="It begins with https:// and is reached from the internet.",
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
    )
    kinds = forms.MultipleChoiceField(
        label="Tell it of",
        choices=in_groups,
        required=False,
        help_text="Nothing chosen means everything.",
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Endpoint
        fields = ["url", "kinds"]
