"""What happens to a job: asked for, taken back, tried again after it was given up, forgotten."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.models import User
from kefir import asked_often, logs
from work import statements
from work.models import Job, State

DONE_ARE_KEPT_FOR, DEAD_ARE_KEPT_FOR = timedelta(days=7), timedelta(days=90)
FORGOTTEN_AT_ONCE = 2_000


class NotGivenUp(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("It was not given up, so there is nothing to replay."), code="not_given_up")


class WaitsAlready(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("Such a job is waiting already."), code="waiting_already")


def enqueue(
    *,
    kind: str,
    key: str,
    now: datetime,
    payload: dict[str, Any] | None = None,
    owner: User | None = None,
    due_at: datetime | None = None,
) -> Job:
    """Ask for something to be done by a worker, in the transaction of whatever makes it necessary.

    There is one unfinished job for each kind and key: asked again, it is the same one, with the latest payload, not
    later than either time. If somebody is at it just now, it is done once more after that, for they may have read
    what was before. `payload` holds ids, no secrets. With an owner it is erased with the account.
    """
    job = Job(kind=kind, key=key, payload=payload or {}, owner=owner, due_at=due_at or now, created_at=now)
    [kept] = Job.objects.raw(statements.ENQUEUE, told(job))
    return kept


def enqueue_beside(row: Model, *, kind: str, key: str, now: datetime, owner: User | None = None) -> None:
    """As `enqueue`, by the one statement that also inserts the row that makes it necessary."""
    job = Job(kind=kind, key=key, owner=owner, due_at=now, created_at=now)
    asked_often.insert(row, then=statements.ENQUEUE, told=told(job))


def told(job: Job) -> dict[str, Any]:
    job.clean_fields(exclude=["owner"])
    return {
        "kind": job.kind, "key": job.key, "payload": json.dumps(job.payload, cls=DjangoJSONEncoder),
        "owner": job.owner_id, "due_at": job.due_at, "now": job.created_at, "request_id": logs.request_id.get(),
    }  # fmt: skip


def cancel(*, kind: str, key: str) -> bool:
    """Take back what is not done yet; whoever is at it may still end it. False when there is nothing."""
    deleted, _ = Job.objects.waiting().filter(kind=kind, key=key).delete()
    return bool(deleted)


@transaction.atomic
def replay(*, job: Job, now: datetime) -> Job:
    """Try a dead letter again, with all its tries; raises NotGivenUp or WaitsAlready."""
    job = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if not job.is_dead:
        raise NotGivenUp
    job.state, job.due_at, job.ended_at = State.WAITING, now, None
    job.attempts, job.error = 0, ""
    job.full_clean(exclude=["owner"], validate_constraints=False)
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError as refusal:
        raise WaitsAlready from refusal
    return job


def forget(*, now: datetime) -> int:
    """What is done is worth knowing for a week, what was given up for a season. Some thousands at a time."""
    forgotten = 0
    for state, kept_for in ((State.DONE, DONE_ARE_KEPT_FOR), (State.DEAD, DEAD_ARE_KEPT_FOR)):
        over = Job.objects.filter(state=state, ended_at__lt=now - kept_for).order_by("ended_at")
        count, _ = Job.objects.filter(pk__in=over.values("pk")[:FORGOTTEN_AT_ONCE]).delete()
        forgotten += count
    return forgotten
