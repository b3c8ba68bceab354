"""How messages reach a browser or a phone: a test of every way."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from kefir import limits
from kefir.web import too_often
from reminders import trial
from reminders.channels import Failed, Later, Sent
from reminders.trial import Tried


@login_required
@require_POST
def test(request: SignedInRequest) -> HttpResponse:
    """One message over every way, and what came of each."""
    if seconds := limits.courtesy("test", "3/minute", str(request.user.pk)):
        return too_often(request, seconds)
    for tried in trial.send(user=request.user, now=timezone.now()):
        messages.add_message(request, *said_of(tried))
    return redirect("reminder-settings")


def said_of(tried: Tried) -> tuple[int, str]:
    """How good that is, and in words."""
    name, outcome = tried.way.name, tried.outcome
    match outcome:
        case None:
            return messages.WARNING, _("%(name)s: no answer yet. It may still come.") % {"name": name}
        case Sent():
            return messages.SUCCESS, _("%(name)s: sent.") % {"name": name}
        case Later():
            return messages.WARNING, _("%(name)s: not sent just now. %(reason)s") % {
                "name": name,
                "reason": _(outcome.reason),
            }
        case Failed(retires=True):
            return messages.ERROR, _("%(name)s: failed, and is given up. %(reason)s") % {
                "name": name,
                "reason": _(outcome.reason),
            }
        case Failed() if tried.way.address is None:
            return messages.INFO, _("%(name)s: not tried. %(reason)s") % {
                "name": name,
                "reason": _(outcome.reason),
            }
    return messages.ERROR, _("%(name)s: failed. %(reason)s") % {"name": name, "reason": outcome.reason}
