"""Webhooks and what was sent to them, made by the verbs."""

from datetime import datetime

from accounts.models import User
from hooks import actions
from hooks.models import Endpoint, HookDelivery
from tests.factories import NOON
from tests.hooks.sink import URL


def make_endpoint(*, owner: User, now: datetime = NOON, url: str = URL, **wanted: object) -> Endpoint:
    return actions.add(user=owner, url=url, now=now, **wanted)


def make_webhook_delivery(*, owner: User, now: datetime = NOON, **wanted: object) -> HookDelivery:
    """A test message that waits to be sent."""
    return actions.ping(endpoint=make_endpoint(owner=owner, now=now, **wanted), now=now)
