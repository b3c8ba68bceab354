"""How far a token of a script reaches, and how far it must reach for a request."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

SAFE = {"GET", "HEAD", "OPTIONS"}


class Scope(models.TextChoices):
    """Each reaches as far as the one before, and further."""

    READ = "read", _("Read everything")
    LOG = "log", _("Read, and write down what happened: events, photos, reminders done, skipped or put off")
    ALL = "all", _("Everything but the account itself, its tokens, and archives out or in")


# So far no token reaches: whoever does this has signed in.
SIGN_IN = "sign_in"
REACH = [*Scope.values, SIGN_IN]


def wanted(method: str, placed: Mapping[str, str]) -> str:
    """`placed` is what a view says of itself; else a script may read with any token, and change things with `all`."""
    otherwise = Scope.READ.value if method in SAFE else Scope.ALL.value
    return placed.get("GET" if method == "HEAD" else method, otherwise)


def reaches(scope: str, wanted: str) -> bool:
    return REACH.index(scope) >= REACH.index(wanted)
