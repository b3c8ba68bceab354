"""Who is told of what: addresses added, changed, removed; what happened announced; what was given up sent again."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import User
from batches.models import Batch
from batches.signals import Change, What
from hooks import addresses
from hooks.kinds import SHOWN_BY, Kind, subject
from hooks.models import Endpoint, HookDelivery, Message, new_secret
from work import actions as work

MOST_ENDPOINTS = 10
BOTH_SECRETS_SIGN_FOR = timedelta(hours=24)
KEPT_FOR = timedelta(days=30)
FORGOTTEN_AT_ONCE = 1_000
WEBHOOK = "webhook"
BY_HAND = frozenset({"url", "kinds", "is_on"})

# A kind, and the batch, event or reminder as it is now.
Told = tuple[Kind, models.Model]

OF_EVENTS = {
    What.LOGGED: Kind.EVENT_RECORDED,
    What.CORRECTED: Kind.EVENT_CORRECTED,
    What.WITHDRAWN: Kind.EVENT_WITHDRAWN,
}
# A sensor's word, or a new forecast, changes nothing that a batch shows; the reminders that it moves are told of.
UNTOLD = {What.SENSED, What.FORETOLD}
OF_BATCHES = {What.TAKEN_BACK: Kind.BATCH_EDITED}


class TooManyEndpoints(ValidationError):
    def __init__(self) -> None:
        sentence = _("At most %(most)s webhooks. Remove one first.") % {"most": MOST_ENDPOINTS}
        super().__init__(sentence, code="too_many")


class IsOff(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("This webhook is switched off. Switch it on first."), code="switched_off")


class NotGivenUp(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("This was not given up, so there is nothing to replay."), code="not_given_up")


# --- addresses ----------------------------------------------------------------------------------------------


@transaction.atomic
def add(*, user: User, now: datetime, url: str, kinds: Iterable[str] = ()) -> Endpoint:
    user.refuse_if_demo()
    hold(user)
    if Endpoint.objects.of(user).count() >= MOST_ENDPOINTS:
        raise TooManyEndpoints
    endpoint = Endpoint(user=user, url=url, kinds=in_order(kinds), created_at=now)
    check(endpoint)
    endpoint.save(force_insert=True)
    note_whether_there_are_any(user)
    return endpoint


@transaction.atomic
def edit(*, endpoint: Endpoint, now: datetime, **changes: Any) -> Endpoint:
    """`is_on=False` stops it, and whatever is on its way; on again, it begins with a clean slate."""
    if unknown := changes.keys() - BY_HAND:
        raise TypeError(f"a webhook has no such fields to set: {sorted(unknown)}")
    endpoint = locked(endpoint)
    if changes.get("is_on") and not endpoint.is_on:
        endpoint.disabled_at, endpoint.disabled_reason = None, ""
        endpoint.failures, endpoint.failing_since_at = 0, None
    for field, value in changes.items():
        setattr(endpoint, field, in_order(value) if field == "kinds" else value)
    check(endpoint)
    endpoint.save()
    return endpoint


@transaction.atomic
def roll_secret(*, endpoint: Endpoint, now: datetime) -> Endpoint:
    """A new secret; for a day the former signs too, so that the other side has time to change over."""
    endpoint = locked(endpoint)
    endpoint.former_secret, endpoint.former_until = endpoint.secret, now + BOTH_SECRETS_SIGN_FOR
    endpoint.secret = new_secret()
    endpoint.save()
    return endpoint


@transaction.atomic
def remove(*, endpoint: Endpoint) -> None:
    """With all that was to be told to it."""
    hold(endpoint.user)
    locked(endpoint).delete()
    note_whether_there_are_any(endpoint.user)


def check(endpoint: Endpoint) -> None:
    endpoint.full_clean()
    addresses.target(endpoint.url, own_host=settings.SITE_HOST, allow_local=settings.HOOKS_ALLOW_LOCAL)


def hold(user: User) -> None:
    """Of two that add or remove at once, the second is to see what the first did."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def note_whether_there_are_any(user: User) -> None:
    user.has_webhooks = Endpoint.objects.of(user).exists()
    user.save(update_fields=["has_webhooks"])


def note_again() -> int:
    """Of those whose row was saved as somebody had read it before: how many they were."""
    return User.objects.filter(has_webhooks=False, webhooks__isnull=False).update(has_webhooks=True)


def in_order(kinds: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(kinds))


def locked(endpoint: Endpoint) -> Endpoint:
    return Endpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)


# --- messages -----------------------------------------------------------------------------------------------


def announce(*, user: User, told: Sequence[Told], now: datetime) -> None:
    """Write down what is to be told, in the transaction of whatever happened. Of most people nobody wants to know."""
    if not told or not user.has_webhooks:
        return
    endpoints = list(Endpoint.objects.of(user).live().select_related("user"))
    for kind, about in told:
        if wanting := [endpoint for endpoint in endpoints if endpoint.wants(kind)]:
            write(kind, shown(kind, about), wanting, now=now)


def announce_changed_batch(sender: type[Batch], *, batch: Batch, change: Change, **_: Any) -> None:
    """Receives batch_changed."""
    if change.what in UNTOLD or (change.what == What.TAKEN_BACK and batch.pk not in change.fields):
        return
    if change.what not in OF_EVENTS:
        kind = OF_BATCHES.get(change.what) or Kind(f"batch.{change.what.value}")
        announce(user=batch.owner, told=[(kind, batch)], now=change.now)
    elif change.event is not None:
        announce(user=batch.owner, told=[(OF_EVENTS[change.what], change.event)], now=change.now)


@transaction.atomic
def ping(*, endpoint: Endpoint, now: datetime) -> HookDelivery:
    """A message that says nothing but that messages arrive."""
    endpoint = locked(endpoint)
    if not endpoint.is_on:
        raise IsOff
    [delivery] = write(Kind.PING, {"webhook": str(endpoint.pk)}, [endpoint], now=now)
    return delivery


def write(kind: Kind, data: Any, endpoints: Sequence[Endpoint], *, now: datetime) -> list[HookDelivery]:
    message = Message(user=endpoints[0].user, kind=kind, created_at=now)
    message.body = body_of(message, data)
    message.save(force_insert=True)
    deliveries = [HookDelivery(endpoint=one, message=message, created_at=now) for one in endpoints]
    for delivery in HookDelivery.objects.bulk_create(deliveries):
        send_on(delivery, owner=message.user, now=now)
    return deliveries


def body_of(message: Message, data: Any) -> str:
    said = {
        "id": message.pk,
        "kind": message.kind,
        "occurredAt": message.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": data,
    }
    return json.dumps(said, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))


def shown(kind: Kind, about: models.Model) -> Any:
    """As the API shows it."""
    return import_string(SHOWN_BY[subject(kind)])(about).data


def send_on(delivery: HookDelivery, *, owner: User, now: datetime) -> None:
    work.enqueue(kind=WEBHOOK, key=str(delivery.pk), now=now, owner=owner)


@transaction.atomic
def replay(*, delivery: HookDelivery, now: datetime) -> HookDelivery:
    """Send what was given up once more, with all its tries and under the same id."""
    delivery = (
        HookDelivery.objects.select_for_update(of=("self",))
        .select_related("endpoint__user")
        .get(pk=delivery.pk)
    )
    if not delivery.is_failed:
        raise NotGivenUp
    if not delivery.endpoint.is_on:
        raise IsOff
    delivery.status, delivery.attempts, delivery.next_try_at = HookDelivery.Status.WAITING, 0, None
    delivery.save()
    send_on(delivery, owner=delivery.endpoint.user, now=now)
    return delivery


def forget(*, now: datetime) -> int:
    """What was told a month ago, oldest first, some hundreds at a time."""
    oldest = Message.objects.oldest_first().values_list("pk", "created_at")[:FORGOTTEN_AT_ONCE]
    over = [pk for pk, created_at in oldest if created_at < now - KEPT_FOR]
    Message.objects.filter(pk__in=over).delete()
    return len(over)
