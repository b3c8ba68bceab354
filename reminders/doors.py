"""What comes back from e-mails: somebody wants no more of them, or a provider says that they do not arrive."""

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import actions, devices
from accounts.models import EmailWhen, User
from reminders import unsubscribe
from reminders.channels import providers

logger = logging.getLogger("kefir.reminders")


# Mail programs post here by themselves (RFC 8058), without a cookie; the token says who wants it.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def no_more_mail(request: HttpRequest, token: str) -> HttpResponse:
    user = get_object_or_404(User, pk=unsubscribe.whose(token), is_active=True)
    if request.method == "POST":
        user = actions.edit_profile(user=user, email_when=EmailWhen.NEVER)
    is_over = user.email_when == EmailWhen.NEVER
    return TemplateResponse(request, "reminders/unsubscribe.html", {"is_over": is_over})


def told_by_provider(sender: Any, *, event: Any, **_: Any) -> None:
    """Receives anymail's tracking signal."""
    user = User.objects.filter(email=(event.recipient or "").lower()).first()
    if user is None:
        return
    if providers.wants_no_more(event):
        actions.edit_profile(user=user, email_when=EmailWhen.NEVER)
    elif providers.gives_up(event):
        devices.retire_email(user_id=user.pk, reason=providers.reason_of(event), now=timezone.now())
