"""Who: people, and how they prove who they are."""

from accounts.models.access import AccessToken
from accounts.models.answers import AnsweredRequest
from accounts.models.people import (
    NAG_AT_LEAST,
    NAG_AT_MOST,
    EmailWhen,
    Invitation,
    OnlyWhenKept,
    PhBy,
    User,
    UserManager,
    timezones,
    validate_timezone,
)
from accounts.models.proofs import MAX_GUESSES, Challenge, KnownDevice, SignIn
from accounts.models.reach import Device, DeviceQuerySet
from accounts.models.texts import one_line

__all__ = [
    "MAX_GUESSES",
    "NAG_AT_LEAST",
    "NAG_AT_MOST",
    "AccessToken",
    "AnsweredRequest",
    "Challenge",
    "Device",
    "DeviceQuerySet",
    "EmailWhen",
    "Invitation",
    "KnownDevice",
    "OnlyWhenKept",
    "PhBy",
    "SignIn",
    "User",
    "UserManager",
    "one_line",
    "timezones",
    "validate_timezone",
]
