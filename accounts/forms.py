"""What people type to sign in and about themselves. Text in, values out; nothing is decided here."""

from typing import Any

from django import forms

from accounts.models import Invitation, User, timezones


class AddressField(forms.EmailField):
    """An e-mail address; its case says nothing."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {
            "autocomplete": "email",
            "inputmode": "email",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        super().__init__(max_length=254, widget=forms.EmailInput(attrs), **kwargs)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).lower()


class CodeField(forms.CharField):
    def __init__(self) -> None:
        attrs = {
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
            "data-code-input": "",
            "autofocus": True,
            "class": "code-input",
        }
        super().__init__(label="The six digits", max_length=32, widget=forms.TextInput(attrs))


class SignInForm(forms.Form):
    """With the browser's guess at where it is, which a new profile begins with."""

    email = AddressField(label="Your e-mail address")
    timezone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput({"data-zone": ""}))
    temperature_unit = forms.CharField(
        required=False, max_length=2, widget=forms.HiddenInput({"data-unit-guess": "temperature"})
    )
    volume_unit = forms.CharField(
        required=False, max_length=2, widget=forms.HiddenInput({"data-unit-guess": "volume"})
    )


class CodeForm(forms.Form):
    code = CodeField()


class NewEmailForm(forms.Form):
    email = AddressField(label="Your new e-mail address")


class EraseForm(forms.Form):
    sure = forms.BooleanField(label="Yes, erase my account and everything in it")


class InvitationForm(forms.ModelForm):
    email = AddressField(label="Whom?")

    class Meta:
        model = Invitation
        fields = ["email"]


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name", "timezone", "temperature_unit", "volume_unit"]
        labels = {"name": "What shall we call you?"}
        widgets = {
            "name": forms.TextInput({"autocomplete": "name"}),
            "timezone": forms.Select(
                choices=[(name, name.replace("_", " ")) for name in sorted(timezones())]
            ),
            "temperature_unit": forms.RadioSelect,
            "volume_unit": forms.RadioSelect,
        }
