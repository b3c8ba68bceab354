"""One message on its way to one endpoint: sent, and what came of it written down."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_noop

from hooks import addresses, signatures, timing, transport
from hooks.models import Endpoint, HookDelivery
from kefir.retry_after import pause_from
from work import actions as work
from work.registry import Failed

GIVEN_UP_AFTER = timedelta(days=3)
GIVEN_UP = "webhook_given_up"
WAITS_AT_LEAST = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one try; without an error it was delivered."""

    took: timedelta
    error: str = ""
    status_code: int | None = None
    asked: timedelta | None = None

    @property
    def is_gone(self) -> bool:
        return self.status_code == HTTPStatus.GONE


def deliver(*, delivery_id: str, now: datetime, chance: float) -> None:
    """Done twice, it goes twice under the same id. Raises Failed to be called again, or to be a dead letter."""
    found = HookDelivery.objects.select_related("endpoint__user", "message")
    delivery = found.exclude(status=HookDelivery.Status.DELIVERED).filter(pk=delivery_id).first()
    if delivery is None:
        return
    rests_until = delivery.endpoint.rests_until
    if reason := why_not(delivery.endpoint):
        end(delivery, error=reason)
    elif rests_until and rests_until > now:
        put_off(delivery, until=rests_until, now=now, chance=chance)
    else:
        note(delivery, attempt(delivery, now=now), now=now, chance=chance)


def why_not(endpoint: Endpoint) -> str:
    if not endpoint.is_on:
        return gettext_noop("The webhook was switched off.")
    # Of whoever leaves nothing goes out any more; of those who come back it can be replayed.
    return (
        ""
        if endpoint.user.is_active and not endpoint.user.is_leaving
        else gettext_noop("The account is closed.")
    )


# --- sent ---------------------------------------------------------------------------------------------------


def attempt(delivery: HookDelivery, *, now: datetime) -> Outcome:
    began = time.monotonic()
    try:
        answer = call(delivery, now=now)
    except (transport.NotDelivered, ValidationError) as failure:
        sentence = " ".join(failure.messages) if isinstance(failure, ValidationError) else str(failure)
        return Outcome(error=sentence, took=since(began))
    asked = pause_from(answer.retry_after, now, longest=timing.LONGEST_WISH)
    return Outcome(status_code=answer.status, error=why(answer.status), asked=asked, took=since(began))


def call(delivery: HookDelivery, *, now: datetime) -> transport.Answer:
    """The address is looked at again: what may be called may have changed since it was given."""
    endpoint, body = delivery.endpoint, delivery.message.body.encode()
    target = addresses.target(
        endpoint.url, own_host=settings.SITE_HOST, allow_local=settings.HOOKS_ALLOW_LOCAL
    )
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"Kefir-Webhook/1 (+{settings.SITE_URL})",
        "Kefir-Delivery": str(delivery.pk),
        "Kefir-Signature": signatures.header(body, secrets=endpoint.signing_secrets(now), now=now),
    }
    return transport.post(target, body=body, headers=headers)


def why(status: int) -> str:
    """Why an answer is no success; nothing when it is one."""
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"It answered {status}, a redirect; those are not followed."
    return f"It answered {status}."


def since(began: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - began)


# --- noted --------------------------------------------------------------------------------------------------


def note(delivery: HookDelivery, outcome: Outcome, *, now: datetime, chance: float) -> None:
    tries = delivery.attempts + 1 if delivery.is_waiting else 1
    pause = timing.pause_after(tries, chance=chance, asked=outcome.asked) if outcome.error else None
    with transaction.atomic():
        note_of_endpoint(delivery.endpoint, outcome, is_last=pause is None, now=now)
        note_of_delivery(delivery, outcome, tries=tries, pause=pause, now=now)
    if outcome.error and not outcome.is_gone:
        raise Failed(outcome.error, permanent=pause is None, retry_after=pause)


def note_of_delivery(
    delivery: HookDelivery, outcome: Outcome, *, tries: int, pause: timedelta | None, now: datetime
) -> None:
    given_up = HookDelivery.Status.FAILED if pause is None or outcome.is_gone else HookDelivery.Status.WAITING
    delivery.status = given_up if outcome.error else HookDelivery.Status.DELIVERED
    delivery.attempts, delivery.status_code, delivery.error = tries, outcome.status_code, outcome.error[:300]
    delivery.next_try_at = now + pause if pause and delivery.is_waiting else None
    delivery.delivered_at = None if outcome.error else now + outcome.took
    # An update and not a save: removed meanwhile, it must not come back.
    HookDelivery.objects.filter(pk=delivery.pk).update(
        status=delivery.status, attempts=tries, status_code=delivery.status_code, error=delivery.error,
        next_try_at=delivery.next_try_at, delivered_at=delivery.delivered_at,
    )  # fmt: skip


def note_of_endpoint(known: Endpoint, outcome: Outcome, *, is_last: bool, now: datetime) -> None:
    """How it does, and whether it goes on."""
    # All of one person's, for they rest together: ten slow ones would take ten times as long.
    theirs = Endpoint.objects.of(known.user).order_by("pk").select_for_update(no_key=True)
    endpoint = next((one for one in theirs if one.pk == known.pk), None)
    if endpoint is None:
        return
    if rest := timing.rest_after(outcome.took, failures=endpoint.failures):
        Endpoint.objects.of(known.user).update(rests_until=now + outcome.took + rest)
    if outcome.error:
        endpoint.failures += 1
        endpoint.failing_since_at = endpoint.failing_since_at or now
        if outcome.is_gone:
            switch_off(endpoint, gettext_noop("It says that it is gone for good (410)."), now=now)
        elif is_last and now - endpoint.failing_since_at >= GIVEN_UP_AFTER:
            switch_off(endpoint, f"Nothing has arrived there for three days. {outcome.error}", now=now)
        save_state(endpoint)
    elif endpoint.failures:
        endpoint.failures, endpoint.failing_since_at = 0, None
        save_state(endpoint)


def switch_off(endpoint: Endpoint, reason: str, *, now: datetime) -> None:
    if not endpoint.is_on:
        return
    endpoint.is_on, endpoint.disabled_at, endpoint.disabled_reason = False, now, reason[:300]
    work.enqueue(kind=GIVEN_UP, key=str(endpoint.pk), now=now, owner=endpoint.user)


def save_state(endpoint: Endpoint) -> None:
    endpoint.save(update_fields=["is_on", "disabled_at", "disabled_reason", "failures", "failing_since_at"])


def end(delivery: HookDelivery, *, error: str) -> None:
    HookDelivery.objects.filter(pk=delivery.pk).update(
        status=HookDelivery.Status.FAILED, error=error, next_try_at=None
    )


def put_off(delivery: HookDelivery, *, until: datetime, now: datetime, chance: float) -> None:
    """No try: it was not called. The same job is done once more, then."""
    at = max(until, now + WAITS_AT_LEAST) + WAITS_AT_LEAST * chance
    HookDelivery.objects.filter(pk=delivery.pk).update(next_try_at=at)
    work.enqueue(kind="webhook", key=str(delivery.pk), now=now, due_at=at, owner=delivery.endpoint.user)
