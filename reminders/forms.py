"""What people type about reminders. Text in, values out; nothing is decided here."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import CLOCK_FORMAT, LocalTimeField
from reminders.labels import DONE, LATERS, SKIP


class WishForm(forms.Form):
    """One reminder that somebody may want; its prefix says of which kind."""

    message = forms.CharField(label=_("Remind me to"), max_length=200)
    due_at = LocalTimeField(label=_("When"))


class SuggestedForm(WishForm):
    wanted = forms.BooleanField(required=False)
    # As it was suggested, so that a time nobody touched can follow the plan.
    suggested_at = LocalTimeField(
        required=False, widget=forms.DateTimeInput(format=CLOCK_FORMAT, attrs={"type": "hidden"})
    )


class TapForm(forms.Form):
    do = forms.ChoiceField(choices=[(DONE, _("Done")), (SKIP, _("Skip")), *LATERS.items()])


class LaterForm(forms.Form):
    until = forms.ChoiceField(choices=list(LATERS.items()))
