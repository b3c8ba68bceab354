"""Where a person can be reached: their devices, and whether their e-mail address works."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import push_addresses
from accounts.models import Device, User

logger = logging.getLogger("accounts.devices")

# Each push goes to all of them, so there is an end; who is new makes the longest unseen one leave.
MOST_DEVICES = 20


class NoExpoToken(ValidationError):
    def __init__(self) -> None:
        sentence = _("Send the token as Expo gave it: ExponentPushToken[…].")
        super().__init__({"push_token": ValidationError(sentence, code="invalid_token")})


class NoPushEndpoint(ValidationError):
    def __init__(self) -> None:
        sentence = _("This is not the address of a push service that Kefir knows.")
        super().__init__({"subscription": ValidationError(sentence, code="invalid_endpoint")})


class NoPushKeys(ValidationError):
    def __init__(self) -> None:
        sentence = _("Send p256dh and auth as the browser gave them.")
        super().__init__({"subscription": ValidationError(sentence, code="invalid_keys")})


class WrongForPlatform(ValidationError):
    """A browser has a subscription, a phone has a token."""

    def __init__(self, field: str) -> None:
        sentence = _("A browser sends its subscription, an app its pushToken.")
        super().__init__({field: ValidationError(sentence, code="wrong_for_platform")})


# --- registered ---------------------------------------------------------------------------------------------


@transaction.atomic
def register_device(
    *,
    user: User,
    device_id: str,
    platform: str,
    push_token: str = "",
    subscription: Mapping[str, Any] | None = None,
    name: str = "",
    app_version: str = "",
    now: datetime,
) -> tuple[Device, bool]:
    """Register a device, or what has changed of it, and say whether it is new.

    An address belongs to one device: it leaves whichever had it, whoever's that was. A device that had been
    given up is believed again.
    """
    user.refuse_if_demo()
    address, keys = reached_at(platform=platform, push_token=push_token, subscription=subscription)
    _lock(user=user, address=address)
    device = Device.objects.of(user).filter(device_id=device_id).first()
    is_new = device is None
    device = device or Device(user=user, device_id=device_id, created_at=now)
    if address:
        Device.objects.filter(address=address).exclude(pk=device.pk).delete()
    device.platform, device.address, device.keys = platform, address, keys
    device.name, device.app_version = name or device.name, app_version or device.app_version
    device.last_seen_at, device.disabled_at, device.disabled_reason = now, None, ""
    device.full_clean(exclude=["user"])
    device.save()
    _make_room(user=user)
    return device, is_new


def reached_at(
    *, platform: str, push_token: str, subscription: Mapping[str, Any] | None
) -> tuple[str, dict[str, str]]:
    """The address of a device and its keys; an empty one where it has none."""
    is_browser = platform == Device.Platform.WEB
    if push_token and is_browser:
        raise WrongForPlatform("push_token")
    if subscription and not is_browser:
        raise WrongForPlatform("subscription")
    if subscription:
        return _of_subscription(subscription)
    if push_token and not push_addresses.is_expo_token(push_token):
        raise NoExpoToken
    return push_token, {}


def _of_subscription(subscription: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    endpoint, keys = subscription["endpoint"], subscription["keys"]
    if not push_addresses.is_web_push_endpoint(endpoint, settings.WEB_PUSH_HOSTS):
        raise NoPushEndpoint
    if not push_addresses.are_web_push_keys(keys["p256dh"], keys["auth"]):
        raise NoPushKeys
    return endpoint, {"p256dh": keys["p256dh"], "auth": keys["auth"]}


def _lock(*, user: User, address: str) -> None:
    """First the address, which may have no row yet; then the person; then the rows, always in one order.

    So two who register one token at once come one after the other, and two phones that swap theirs never
    wait for each other in a circle.
    """
    if address:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [address])
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    concerned = Q(user=user) | Q(address=address) if address else Q(user=user)
    list(Device.objects.filter(concerned).order_by("pk").select_for_update().values_list("pk"))


def _make_room(*, user: User) -> None:
    staying = Device.objects.of(user).last_seen_first()[:MOST_DEVICES]
    Device.objects.of(user).exclude(pk__in=list(staying.values_list("pk", flat=True))).delete()


@transaction.atomic
def remove_device(*, user: User, device_id: str) -> bool:
    """False when they have no such device (any more)."""
    removed, _ = Device.objects.of(user).filter(device_id=device_id).delete()
    return bool(removed)


# --- given up -----------------------------------------------------------------------------------------------


@transaction.atomic
def retire_device(
    *,
    reason: str,
    now: datetime,
    device_pk: int | str | None = None,
    address: str = "",
    sent_at: datetime | None = None,
) -> bool:
    """Send nothing more to a device whose channel says that it is gone; told which by its key, address or both.

    `sent_at` is when the message left that was answered so. A device that has registered since is left alone:
    the answer is about what it was before.
    """
    if device_pk is None and not address:
        raise TypeError("retire which device?")
    devices = Device.objects.live()
    if device_pk is not None:
        devices = devices.filter(pk=device_pk)
    if address:
        devices = devices.filter(address=address)
    if sent_at is not None:
        devices = devices.filter(last_seen_at__lte=sent_at)
    return bool(devices.update(disabled_at=now, disabled_reason=reason[:300] or "unknown"))


@transaction.atomic
def retire_email(*, user_id: Any, reason: str, now: datetime) -> bool:
    """Mail to them comes back. They keep their address, and are asked to mend it; until then none is sent."""
    working = User.objects.filter(pk=user_id, email_failed_at=None)
    failed = working.update(email_failed_at=now, email_failure=reason[:300])
    if failed:
        logger.info("Mail comes back", extra={"user": str(user_id)})
    return bool(failed)


@transaction.atomic
def trust_email(*, user: User) -> None:
    """Their address has just been proved to work."""
    User.objects.filter(pk=user.pk).exclude(email_failed_at=None).update(
        email_failed_at=None, email_failure=""
    )
