"""Trying it, and keeping what one tried: begun with a week of jars, cleared of what was not one's own, or moved into
the account that one has already. What nobody keeps goes like everybody who leaves (`farewells.py`)."""

from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet

from accounts import actions as accounts
from accounts import demos
from accounts.models import User
from batches.grain_models import Grains
from batches.models import Batch
from reminders import demo_week
from sensors.models import Sensor
from tags.models import JarTag

# What hangs on a person and comes along into another account of theirs: by the reverse accessors' names.
COMES_ALONG = ("batches", "past_stages", "undos", "grains", "sensors", "jar_tags", "reminders", "jobs")


class Keep(StrEnum):
    ALL = "all"
    OWN = "own"
    NOTHING = "nothing"


@transaction.atomic
def begin(*, key: str, now: datetime, guesses: dict[str, str]) -> User:
    """An account with a believable week in it; asked twice with one key, it is one. Raises TooManyDemos."""
    user, is_new = demos.open_demo(key=key, now=now)
    if is_new:
        accounts.adopt_guesses(user=user, guesses=guesses)
        user.refresh_from_db()
        demo_week.fill(keeper=user, now=now)
    return user


@transaction.atomic
def clear(*, user: User, keep: Keep) -> None:
    """Of an account that was a trial, what its keeper does not want. What we had put there is older than it."""
    user = User.objects.select_for_update().get(pk=user.pk)
    for rows in theirs(user):
        if keep == Keep.NOTHING:
            rows.delete()
        elif keep == Keep.OWN:
            rows.filter(**{f"{when_made(rows)}__lte": user.date_joined}).delete()


def theirs(user: User) -> list[QuerySet[Batch] | QuerySet[Grains] | QuerySet[Sensor] | QuerySet[JarTag]]:
    """The rest hangs on these."""
    return [
        Sensor.objects.of(user),
        JarTag.objects.of(user),
        Batch.objects.of(user),
        Grains.objects.of(user),
    ]


def when_made(rows: QuerySet[Batch] | QuerySet[Grains] | QuerySet[Sensor] | QuerySet[JarTag]) -> str:
    return "claimed_at" if rows.model is JarTag else "created_at"


@transaction.atomic
def bring_along(*, demo: User, user: User, keep: Keep, now: datetime) -> None:
    """Into the account of somebody who has proved that it is theirs; the trial itself is gone then.

    Objects in the bucket stay where they are: the rows name them. Raises DemoIsOver.
    """
    both = User.objects.filter(pk__in=[demo.pk, user.pk]).order_by("pk").select_for_update()
    held = {one.pk: one for one in both}
    if demo.pk not in held or not held[demo.pk].is_demo(now):
        raise demos.DemoIsOver
    demo, user = held[demo.pk], held[user.pk]
    clear(user=demo, keep=keep)
    for name in COMES_ALONG:
        getattr(demo, name).update(owner=user)
    accounts.erase(user=demo)
