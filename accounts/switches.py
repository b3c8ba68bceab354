"""How reminders come: quiet hours, channels, asking again, a pause; and the secret address of the calendar."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import actions, codes
from accounts.models import User

LONGEST_PAUSE = timedelta(days=366)


class PauseHasPassed(ValidationError):
    def __init__(self) -> None:
        sentence = _("Choose a time that is still to come.")
        super().__init__({"paused_until": ValidationError(sentence, code="in_the_past")})


class PauseTooLong(ValidationError):
    def __init__(self) -> None:
        sentence = _("Pause for a year at most.")
        super().__init__({"paused_until": ValidationError(sentence, code="too_far_ahead")})


def edit(*, user: User, now: datetime, **changes: Any) -> User:
    """Change the profile and its switches, all or none."""
    check_pause(changes.get("paused_until"), now=now)
    return actions.edit_profile(user=user, **changes)


def check_pause(until: datetime | None, *, now: datetime) -> None:
    """None is no pause, and always fine."""
    if until and until <= now:
        raise PauseHasPassed
    if until and until > now + LONGEST_PAUSE:
        raise PauseTooLong


# --- the calendar -------------------------------------------------------------------------------------------


@transaction.atomic
def renew_calendar_key(*, user: User) -> str:
    """A new address for their calendar; the former one leads nowhere from now on."""
    key = codes.new_token()
    User.objects.filter(pk=user.pk).update(calendar_key=key)
    return key


@transaction.atomic
def stop_calendar(*, user: User) -> None:
    User.objects.filter(pk=user.pk).update(calendar_key=None)


def owner_of_calendar(key: str) -> User | None:
    """Whose calendar it is, or None: a wrong key, an old one, and somebody who may not sign in look alike."""
    if not key or "\0" in key:
        return None
    return User.objects.filter(calendar_key=key, is_active=True).first()


def calendar_address(user: User, *, site: str) -> str:
    """Empty while they want none."""
    return f"{site}/calendar/{user.calendar_key}.ics" if user.calendar_key else ""
