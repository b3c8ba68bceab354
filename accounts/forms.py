"""What people type to sign in and about themselves. Text in, values out; nothing is decided here."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.fields import LocalTimeField
from accounts.models import Invitation, PhBy, User, timezones
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
        super().__init__(label=_("The six digits"), max_length=32, widget=forms.TextInput(attrs))


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
    email = AddressField(label=gettext_lazy("Your e-mail address"))


class CodeForm(forms.Form):
    code = CodeField()


class NewEmailForm(forms.Form):
    email = AddressField(label=gettext_lazy("Your new e-mail address"))


class EraseForm(forms.Form):
    sure = forms.BooleanField(label=gettext_lazy("Yes, erase my account and everything in it"))


class InvitationForm(forms.ModelForm):
    email = AddressField(label=gettext_lazy("Whom?"))

    class Meta:
        model = Invitation
        fields = ["email"]


class ProfileForm(forms.ModelForm):
    ph_by = forms.ChoiceField(
        label=gettext_lazy("I measure pH with"),
        help_text=gettext_lazy("A meter reads finer than a strip, and the forecast believes it more."),
        required=False,
        choices=[("", gettext_lazy("It differs")), *PhBy.choices],
        widget=forms.RadioSelect,
    )

    class Meta:
        model = User
        fields = ["name", "language", "timezone", "temperature_unit", "volume_unit", "ph_by"]
        labels = {"name": gettext_lazy("What shall we call you?")}
        widgets = {
            "name": forms.TextInput({"autocomplete": "name"}),
            "language": forms.Select(
                choices=[("", gettext_lazy("as the browser asks")), *settings.LANGUAGES]
            ),
            "timezone": forms.Select(
                choices=[(name, name.replace("_", " ")) for name in sorted(timezones())]
            ),
            "temperature_unit": forms.RadioSelect,
            "volume_unit": forms.RadioSelect,
        }


Sentence = str | Promise


class SpanField(forms.IntegerField):
    """A span of time, chosen from a few and sent in minutes."""

    def __init__(self, *, none: Sentence, minutes: list[int], **kwargs: Any) -> None:
        self.choices = [("", none), *((number, lazy(span_words, str)(number)) for number in minutes)]
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
    if minutes % 60:
        return ngettext("after %(number)s minute", "after %(number)s minutes", minutes) % {"number": minutes}
    hours = minutes // 60
    return ngettext("after %(number)s hour", "after %(number)s hours", hours) % {"number": hours}


class SwitchesForm(forms.ModelForm):
    nag_every = SpanField(
        label=gettext_lazy("Ask again until it is done"),
        none=gettext_lazy("never"),
        minutes=[15, 30, 60, 120, 240, 480, 1440],
    )

    class Meta:
        model = User
        fields = ["quiet_from", "quiet_until", "push_on", "email_when", "nag_every"]
        labels = {"quiet_from": gettext_lazy("From"), "quiet_until": gettext_lazy("Until")}
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
    paused_until = LocalTimeField(label=gettext_lazy("Until when?"))


class AccessTokenForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("What is it for?"), max_length=100)
    scope = forms.ChoiceField(
        label=gettext_lazy("What may it do?"), choices=Scope, initial=Scope.READ, widget=forms.RadioSelect
    )
    lasts = forms.TypedChoiceField(
        label=gettext_lazy("How long?"),
        choices=[
            ("", gettext_lazy("until I revoke it")),
            ("30", gettext_lazy("30 days")),
            ("90", gettext_lazy("90 days")),
            ("365", gettext_lazy("a year")),
        ],
        coerce=lambda days: timedelta(days=int(days)),
        empty_value=None,
        required=False,
    )
