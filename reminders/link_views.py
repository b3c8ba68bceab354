"""What is opened by whoever holds a link: one reminder, to be finished where it was read, and a calendar."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import switches
from kefir import limits
from kefir.web import too_often
from reminders import actions, calendar, links
from reminders.forms import TapForm
from reminders.labels import DONE, SKIP, later, laters
from reminders.models import Reminder

Door = Callable[..., HttpResponse]

IN_CALENDAR = 500


def by_link(view: Door) -> Door:
    """The link is all that is asked for: no cookie proves anything here, and nobody else may come by it.

    No form could prove where it comes from either: without a referrer, browsers call its origin “null”.
    """

    @csrf_exempt
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        seconds = seconds_to_wait(request)
        answer = too_often(request, seconds) if seconds else view(request, *args, **kwargs)
        answer["X-Robots-Tag"] = "noindex, nofollow"
        answer["Referrer-Policy"] = "no-referrer"
        answer.headers.setdefault("Cache-Control", "no-store, private")
        return answer

    return opened


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def action(request: HttpRequest, token: str) -> HttpResponse:
    """Shows; only a POST acts, for scanners follow every link in a mail."""
    reminder = reminder_by(token)
    if reminder is None:
        return render(request, "reminders/over.html", status=404)
    form = TapForm(request.POST)
    if request.method != "POST":
        return action_page(request, reminder)
    if not form.is_valid():
        return action_page(request, reminder, _("Choose one of these."), status=422)
    try:
        tap(reminder, form.cleaned_data["do"], now=timezone.now())
    except ValidationError as refusal:
        return action_page(request, reminder, refusal.messages[0], status=409)
    return redirect("reminders:action", token)


def action_page(
    request: HttpRequest, reminder: Reminder, refusal: str = "", *, status: int = 200
) -> HttpResponse:
    """As its owner sees it, in their zone, whoever looks."""
    reminder.refresh_from_db(fields=["status", "done_at", "snoozed_until"])
    zone = reminder.owner.zone
    context = {
        "reminder": reminder,
        "is_open": reminder.is_open,
        "is_owner": Reminder.objects.of(request.user).filter(pk=reminder.pk).exists(),
        "laters": laters(now=timezone.now(), zone=zone).items(),
        "refusal": refusal,
    }
    with timezone.override(zone):
        return render(request, "reminders/action.html", context, status=status)


@by_link
@require_POST
def button(request: HttpRequest, token: str, do: str) -> HttpResponse:
    """A button on a push message: the browser's service worker posts, without opening a page."""
    reminder = reminder_by(token)
    if reminder is None:
        raise Http404
    try:
        tap(reminder, do, now=timezone.now())
    except ValidationError as refusal:
        return HttpResponse(refusal.messages[0], status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


@by_link
@require_safe
def calendar_feed(request: HttpRequest, key: str) -> HttpResponse:
    """Asked for again and again by programs, which are told in one line that nothing has changed."""
    owner = switches.owner_of_calendar(key)
    if owner is None:
        raise Http404
    waiting = Reminder.objects.of(owner).waiting().with_what_it_is_about().soonest_first()
    feed = calendar.feed([] if owner.is_leaving else waiting[:IN_CALENDAR])
    etag = f'"{hashlib.sha256(feed).hexdigest()[:32]}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": etag}
    answer = HttpResponse(feed, content_type="text/calendar; charset=utf-8", headers=headers)
    return get_conditional_response(request, etag=etag, response=answer) or answer


def reminder_by(token: str) -> Reminder | None:
    if (reminder_id := links.read(token)) is None:
        return None
    found = Reminder.objects.filter(pk=reminder_id, owner__is_active=True)
    return found.select_related("batch", "grains", "owner").first()


def tap(reminder: Reminder, do: str, *, now: datetime) -> None:
    """Done, not this time, or later: one of `labels.LATERS`."""
    if do == DONE:
        actions.finish(reminder=reminder, now=now)
    elif do == SKIP:
        actions.skip(reminder=reminder, now=now)
    else:
        actions.snooze(reminder=reminder, until=later(do, now=now, zone=reminder.owner.zone), now=now)


def seconds_to_wait(request: HttpRequest) -> int:
    return limits.courtesy("links", "60/minute", limits.of_address(request.META["REMOTE_ADDR"]))
