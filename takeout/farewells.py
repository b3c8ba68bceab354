"""Somebody goes: all that is theirs, here and in the bucket, and at last a word that it is gone.

What is left to do is a Farewell, which names them until it is done; the job names only the Farewell. So nothing that
stays (jobs that are done are kept for a week) tells who it was.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import QuerySet

from accounts import actions as accounts
from accounts import mail
from accounts.models import User
from batches.grain_models import Grains, Weighing
from batches.models import Batch
from events.models import DiscardedObject, Event, Photo
from kefir import bucket
from reminders.models import Reminder
from sensors.models import Reading
from takeout.models import Farewell
from work import actions as work

logger = logging.getLogger("takeout")

FAREWELL = "farewell"
BEGUN_AT_ONCE = 100
ROWS_AT_ONCE = 2_000
SWEPT_AT_ONCE = 1_000
# Then no mail reaches them, and nothing of them stays.
TRIED_FOR = timedelta(days=7)
# As many as that takes, with an hour between them: no heap of dead letters, one for each evening without a bucket.
TRIES = 200


def begin(*, now: datetime) -> int:
    """All whose day to think it over has passed; says how many are new."""
    leaving = User.objects.to_erase(now).exclude(pk__in=Farewell.objects.values("user_id"))
    return sum(
        begin_one(user_id=user_id, now=now)
        for user_id in leaving.values_list("pk", flat=True)[:BEGUN_AT_ONCE]
    )


@transaction.atomic
def begin_one(*, user_id: UUID, now: datetime) -> bool:
    """From here there is no way back: nobody signs in to it any more. False where they have just kept it."""
    user = User.objects.to_erase(now).select_for_update().filter(pk=user_id).first()
    if user is None or Farewell.objects.filter(user_id=user_id).exists():
        return False
    accounts.deactivate(user=user)
    farewell = Farewell(user_id=user.pk, email=user.email, language=user.language, created_at=now)
    farewell.save(force_insert=True)
    ask_for_work(farewell, now=now)
    return True


def ask_for_work(farewell: Farewell, *, now: datetime) -> None:
    work.enqueue(kind=FAREWELL, key=str(farewell.pk), payload={"farewell": farewell.pk}, now=now)


def say(*, farewell_id: UUID, now: datetime) -> None:
    """Each step leaves nothing to do for the next time, so one who dies in between is no matter.

    Raises bucket.BucketFailed, and mail.MailNotSent until that has gone on for too long. The mail is last, and always
    has the same identity.
    """
    farewell = Farewell.objects.filter(pk=farewell_id).first()
    if farewell is None:
        return
    erase_rows(user_id=farewell.user_id)
    erase_objects(user_id=farewell.user_id)
    try:
        mail.send(
            "account_erased",
            farewell.email,
            message_id=f"farewell-{farewell.pk}",
            language=farewell.language,
        )
    except mail.MailNotSent:
        if now < farewell.created_at + TRIED_FOR:
            raise
        logger.warning("farewell %s could not be said", farewell.pk)
    farewell.delete()


def erase_rows(*, user_id: UUID) -> None:
    """Some at a time, for all of a large account would be more than one statement may take; then the account."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        return
    everything: list[Callable[[], QuerySet[Any]]] = [
        lambda: Reading.objects.filter(sensor__in=user.sensors.all()),
        lambda: Photo.objects.of(user),
        lambda: Event.objects.of(user),
        lambda: Reminder.objects.of(user),
        lambda: Batch.objects.of(user),
        lambda: Weighing.objects.filter(grains__in=Grains.objects.of(user)),
        lambda: Grains.objects.of(user),
    ]
    for rows in everything:
        while some := list(rows().values_list("pk", flat=True)[:ROWS_AT_ONCE]):
            rows().filter(pk__in=some).delete()
    LogEntry.objects.filter(object_id=str(user_id)).delete()
    accounts.erase(user=user)


def erase_objects(*, user_id: UUID) -> None:
    """Whatever has their name on it, whether a row spoke of it or not, with all its old versions."""
    for prefix in bucket.keys.PREFIXES:
        theirs = bucket.keys.of_owner(prefix, user_id)
        bucket.erase(theirs)
        DiscardedObject.objects.filter(key__startswith=theirs).delete()


def sweep(*, now: datetime) -> None:
    """What is not said yet is tried again, however often that was in vain: nobody else would ask."""
    for farewell in Farewell.objects.order_by("created_at")[:SWEPT_AT_ONCE]:
        ask_for_work(farewell, now=now)
