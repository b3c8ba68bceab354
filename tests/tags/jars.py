"""Tags for the tests, made with the verbs."""

from datetime import datetime
from typing import Any

from accounts.models import User
from tags import actions
from tags.models import JarTag
from tests.factories import NOON


def make_tag(*, owner: User, now: datetime = NOON, **said: Any) -> JarTag:
    return actions.make(owner=owner, now=now, **said)


def make_blank(*, printed_by: User, now: datetime = NOON) -> JarTag:
    [tag] = actions.print_blanks(user=printed_by, number=1, now=now)
    return tag
