"""What a culture of one's own wants: its reminder, planned and planned anew."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.units import units_of
from batches.grain_care import Care
from batches.grain_models import Grains
from batches.undoing import beside_the_deed
from hooks import actions as hooks
from hooks.kinds import Kind as Told
from kefir import languages
from reminders.actions import set_time, taken_up
from reminders.models import Reminder

# What was due so long ago when it is first looked at is told on the page alone.
TOLD_WITHIN = timedelta(days=2)


@transaction.atomic
def plan(*, grains_id: UUID, now: datetime) -> None:
    """One reminder for what they want next, and none for what was done meanwhile. Done twice it comes to the same."""
    kept = Grains.objects.select_for_update(of=("self",), no_key=True).select_related("owner")
    culture = kept.filter(pk=grains_id).first()
    if culture is None:
        return
    with beside_the_deed(culture, now=now):
        plan_for(culture, now=now)


def plan_for(culture: Grains, *, now: datetime) -> None:
    with languages.spoken(culture.owner.language):
        wanted = culture.care(units_of(culture.owner).temperature)
    rows = Reminder.objects.filter(grains=culture).unfinished().order_by("pk").select_for_update()
    changed = [told for row in rows if (told := follow(row, wanted, culture, now=now))]
    if wanted and wanted.due_at > now - TOLD_WITHIN and not was_planned(culture, wanted):
        changed.append((Told.REMINDER_REPLANNED, planned(culture, wanted, now=now)))
    hooks.announce(user=culture.owner, told=changed, now=now)


@transaction.atomic
def take_up(*, ids: Sequence[str], now: datetime) -> None:
    """Those of cultures that are as they were: none is overlooked."""
    of_grains = Reminder.objects.filter(pk__in=ids, grains__isnull=False).select_related("grains", "owner")
    taken_up(list(of_grains.order_by("pk").select_for_update(of=("self",))), now=now)


def follow(
    reminder: Reminder, wanted: Care | None, culture: Grains, *, now: datetime
) -> tuple[Told, Reminder] | None:
    """What they no longer want was done, if it was told; what they want at another time is told then."""
    reminder.grains = culture
    if wanted and (reminder.kind, reminder.due_at) == (wanted.kind, wanted.due_at):
        return None
    if wanted and reminder.kind == wanted.kind and reminder.is_waiting and not reminder.sent_at:
        set_time(reminder, wanted.due_at)
        reminder.message, reminder.why, reminder.changed_at = wanted.message, wanted.why, now
        told = Told.REMINDER_REPLANNED
    elif reminder.sent_at:
        reminder.status, reminder.done_at, told = Reminder.Status.DONE, now, Told.REMINDER_DONE
    else:
        reminder.status, told = Reminder.Status.CANCELLED, Told.REMINDER_CANCELLED
        # By the plan, not by its keeper: should they want it after all, it is planned once more.
        reminder.cancelled_with_batch = True
    reminder.save()
    return told, reminder


def was_planned(culture: Grains, wanted: Care) -> bool:
    """Also what its keeper skipped or cancelled: it is not asked for again."""
    planned = Reminder.objects.filter(grains=culture, kind=wanted.kind, due_at=wanted.due_at)
    return planned.exclude(cancelled_with_batch=True).exists()


def planned(culture: Grains, wanted: Care, *, now: datetime) -> Reminder:
    reminder = Reminder(
        grains=culture, owner=culture.owner, kind=wanted.kind, message=wanted.message, why=wanted.why,
        due_at=wanted.due_at, follows_plan=True, created_at=now, changed_at=now,
        # The engine has left behind it what was due before.
        held_until=now if wanted.due_at <= now else None,
    )  # fmt: skip
    reminder.full_clean()
    reminder.save(force_insert=True)
    return reminder
