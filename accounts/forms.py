"""What people type to sign in and about themselves. Text in, values out; nothing is decided here."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.fields import LocalTimeField
from accounts.models import Invitation, User, timezones
from accounts.scopes import Scope


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


class GuessesForm(forms.Form):
    """The browser's guess at where it is, which a new profile begins with."""

    timezone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput({"data-zone": ""}))
    temperature_unit = forms.CharField(
        required=False, max_length=2, widget=forms.HiddenInput({"data-unit-guess": "temperature"})
    )
    volume_unit = forms.CharField(
        required=False, max_length=2, widget=forms.HiddenInput({"data-unit-guess": "volume"})
    )


class SignInForm(GuessesForm):
    email = AddressField(label="Your e-mail address")


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


class SpanField(forms.IntegerField):
    """A span of time, chosen from a few and sent in minutes."""

    def __init__(self, *, none: str, minutes: list[int], **kwargs: Any) -> None:
        self.choices = [("", none), *((number, span_words(number)) for number in minutes)]
        super().__init__(required=False, widget=forms.Select(choices=self.choices), **kwargs)

    def offer(self, span: timedelta | None) -> None:
        """What is set already can be kept, even if it is none of the few."""
        minutes = minutes_of(span)
        if minutes and minutes not in dict(self.choices):
            self.widget.choices = [*self.choices, (minutes, span_words(minutes))]

    def prepare_value(self, value: Any) -> Any:
        return minutes_of(value) if isinstance(value, timedelta) else value

    def to_python(self, value: Any) -> timedelta | None:  # type: ignore[override]
        minutes = super().to_python(value)
        try:
            return None if minutes is None else timedelta(minutes=minutes)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


def minutes_of(span: timedelta | None) -> int | None:
    return None if span is None else int(span / timedelta(minutes=1))


def span_words(minutes: int) -> str:
    """“after 45 minutes”, “after 1 hour”, “after 2 hours”."""
    number, unit = (minutes, "minute") if minutes % 60 else (minutes // 60, "hour")
    return f"after {number} {unit}{'' if number == 1 else 's'}"


class SwitchesForm(forms.ModelForm):
    nag_every = SpanField(
        label="Ask again until it is done",
        none="never",
        minutes=[15, 30, 60, 120, 240, 480, 1440],
    )

    class Meta:
        model = User
        fields = ["quiet_from", "quiet_until", "push_on", "email_when", "nag_every"]
        labels = {"quiet_from": "From", "quiet_until": "Until"}
        widgets = {
            "quiet_from": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "quiet_until": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "email_when": forms.RadioSelect,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        span = self.fields["nag_every"]
        if isinstance(span, SpanField):
            span.offer(self.instance.nag_every)


class PauseForm(forms.Form):
    paused_until = LocalTimeField(label="Until when?")


class AccessTokenForm(forms.Form):
    name = forms.CharField(label="What is it for?", max_length=100)
    scope = forms.ChoiceField(
        label="What may it do?", choices=Scope, initial=Scope.READ, widget=forms.RadioSelect
    )
    lasts = forms.TypedChoiceField(
        label="How long?",
        choices=[("", "until I revoke it"), ("30", "30 days"), ("90", "90 days"), ("365", "a year")],
        coerce=lambda days: timedelta(days=int(days)),
        empty_value=None,
        required=False,
    )
