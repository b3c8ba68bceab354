"""How reminders are drawn: in groups by their day, each with what may be done about it."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django import template
from django.template import Context
from django.utils.translation import gettext as _

from accounts.labels import device_name
from batches.grain_models import Grains
from batches.labels import state_of, state_of_grains
from batches.models import Batch
from reminders.labels import GROUPS, LATER, group_of, laters
from reminders.models import Reminder

register = template.Library()

AT_MOST = 50
NOT_SENT = 3


@register.simple_tag(takes_context=True)
def by_day(context: Context, reminders: Iterable[Reminder]) -> list[tuple[str, str, list[Reminder]]]:
    """Soonest first, as (key, heading, reminders) without the empty groups."""
    user, now = context["user"], context["now"]
    groups = groupby(reminders, key=lambda one: group_of(one.alert_at, now=now, zone=user.zone))
    return [(key, str(GROUPS[key]), list(members)) for key, members in groups]


@register.filter
def has_today(groups: list[tuple[str, str, list[Reminder]]]) -> bool:
    """Whether anything is overdue, now or later today."""
    return any(key != LATER for key, _heading, _members in groups)


@register.filter
def state_of_what(about: Batch | Grains) -> str:
    """The word that gives it its colour."""
    return state_of(about.place) if isinstance(about, Batch) else state_of_grains(about.status)


@register.inclusion_tag("components/reminder_item.html", takes_context=True)
def reminder_item(context: Context, reminder: Reminder, *, names_batch: bool = True) -> dict[str, Any]:
    user, now, about = context["user"], context["now"], reminder.about
    return {
        "reminder": reminder,
        "id": f"reminder-{reminder.pk}",
        "message": reminder.message,
        "due_at": reminder.due_at,
        "overdue": reminder.alert_at <= now,
        "urgent": reminder.priority == 0,
        "snoozed_until": reminder.snoozed_until,
        "batch_name": about.name if names_batch else "",
        "batch_url": reminder.path if names_batch else "",
        "state": state_of_what(about),
        "why": reminder.why,
        "problem": problem(reminder),
        "actions": "reminders/_actions.html",
        "laters": laters(now=now, zone=user.zone).items(),
        "here": context["request"].get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("reminders/_not_sent.html", takes_context=True)
def not_sent(context: Context) -> dict[str, Any]:
    """What never reached its keeper, and why."""
    failed = Reminder.objects.of(context["user"]).failed().with_what_it_is_about().soonest_first()
    found = list(failed[: NOT_SENT + 1])
    return {
        "reminders": found[:NOT_SENT],
        "more": len(found) > NOT_SENT,
        "here": context["request"].get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("reminders/_push.html", takes_context=True)
def push_offer(context: Context) -> dict[str, Any]:
    """Whether reminders come to this browser; nothing where Web Push is not set up."""
    # Imported late: its cryptography is needed on this page alone.
    from reminders.channels import webpush  # noqa: PLC0415

    user_agent = context["request"].headers.get("User-Agent", "")
    return {"key": webpush.public_key(), "name": device_name(user_agent)}


@register.inclusion_tag("reminders/_of_batch.html", takes_context=True)
def reminders_of(context: Context, batch: Batch) -> dict[str, Any]:
    """What the batch asks for, on its own page."""
    reminders = batch.reminders.unfinished().select_related("batch").soonest_first()[:AT_MOST]
    drawn_with = {name: context[name] for name in ("now", "request", "user", "csrf_token")}
    rest = list(reminders)
    due = [one for one in rest if one.alert_at <= context["now"] or one.error]
    return drawn_with | {"batch": batch, "due": due, "to_come": [one for one in rest if one not in due]}


def problem(reminder: Reminder) -> str:
    """What went wrong was written down by a worker, for whoever reads it."""
    return _("It could not be sent. %(reason)s") % {"reason": _(reminder.error)} if reminder.error else ""
