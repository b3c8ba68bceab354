"""Devices and what they say of themselves, as plain functions."""

import base64
import re
from typing import Any

from accounts import devices
from accounts.models import Device, User
from tests.api import call
from tests.factories import NOON

ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc:DEF_123"


def token(name: str = "alice") -> str:
    return f"ExponentPushToken[{name}]"


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def subscription(endpoint: str = ENDPOINT, **keys: str) -> dict[str, Any]:
    """As a browser gives it."""
    own = {"p256dh": base64url(b"\x04" + bytes(range(64))), "auth": base64url(bytes(16))}
    return {"endpoint": endpoint, "expirationTime": None, "keys": own | keys}


def make_device(*, owner: User, device_id: str = "phone-1", platform: str = "ios", **said: Any) -> Device:
    own = re.sub(r"\W", "-", f"{owner.email} {device_id}")
    said = {"now": NOON, "push_token": token(own)} | said
    device, _ = devices.register_device(user=owner, device_id=device_id, platform=platform, **said)
    return device


def make_browser(
    *, owner: User, device_id: str = "browser-1", endpoint: str = ENDPOINT, **said: Any
) -> Device:
    said = {"push_token": "", "subscription": subscription(endpoint)} | said
    return make_device(owner=owner, device_id=device_id, platform="web", **said)


def register(client: Any, **body: Any) -> Any:
    """The answer of the API to an app that says where it can be reached."""
    return call(client, "post", "/me/devices", {"deviceId": "phone-1", "platform": "ios", **body})
