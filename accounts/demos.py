"""Who only tries it: an account for two days to which no word is ever sent, until an address is proved for it."""

import logging
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import actions, codes
from accounts.models import EmailWhen, User
from accounts.models.people import NOBODY
from kefir import languages

logger = logging.getLogger("accounts")

LASTS = timedelta(days=2)
# Each is a kitchen of some hundred rows. Whoever opens more is no crowd of people.
MOST_AT_ONCE = 2_000


class TooManyDemos(ValidationError):
    def __init__(self) -> None:
        sentence = _("Very many are trying it just now. Come back in an hour, or start with your address.")
        super().__init__(sentence, code="too_many")


class DemoIsOver(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("This trial is over. Start another, or an account of your own."), code="over")


def is_nobodys(email: str) -> bool:
    """Stands for an address where there is none; nothing is mailed there."""
    return email.endswith(NOBODY)


def address_of(key: str) -> str:
    return f"{codes.keyed('demo', key)[:32]}{NOBODY}"


@transaction.atomic
def open_demo(*, key: str, now: datetime) -> tuple[User, bool]:
    """An account to try things with, and whether it is new: asked twice with one key, it is the same one.

    Raises TooManyDemos.
    """
    email = address_of(key)
    one_after_the_other(email)
    known = User.objects.filter(email=email).first()
    if known and known.is_demo(now) and known.is_active:
        return known, False
    if User.objects.filter(demo_until__gt=now).count() >= MOST_AT_ONCE:
        raise TooManyDemos
    user = User.objects.create_user(
        address_of(codes.new_token()) if known else email,
        date_joined=now,
        demo_until=now + LASTS,
        language=languages.known(get_language() or ""),
        push_on=False,
        email_when=EmailWhen.NEVER,
    )
    logger.info("A trial was opened", extra={"user": str(user.pk)})
    return user, True


def one_after_the_other(email: str) -> None:
    """There is no row yet to lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [email])


@transaction.atomic
def keep(*, user: User, email: str, now: datetime) -> User:
    """It becomes the account of somebody who has proved this address; what is in it stays as it is.

    Raises DemoIsOver, and AddressTaken where the address has an account already.
    """
    one_after_the_other(email)
    demo = User.objects.select_for_update().get(pk=user.pk)
    if not demo.is_demo(now) or not demo.is_active:
        raise DemoIsOver
    if User.objects.filter(email=email).exists():
        raise actions.AddressTaken
    demo.email, demo.demo_until, demo.erase_at = email, None, None
    demo.push_on, demo.email_when = True, EmailWhen.NEEDED
    demo.full_clean(exclude=["password"])
    demo.save()
    actions.accept_invitation(user=demo, now=now)
    actions.confirm_address(user=demo)
    logger.info("A trial became an account", extra={"user": str(demo.pk)})
    return demo
