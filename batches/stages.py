"""Which stage and status a batch is in, and which moves it may make."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Stage(TextChoices):
    OPEN = "open", _("Open jar")
    BOTTLED = "bottled", _("Bottled")


class Status(TextChoices):
    ACTIVE = "active", _("Fermenting")
    IN_FRIDGE = "in_fridge", _("In the fridge")
    READY = "ready", _("Ready")
    ARCHIVED = "archived", _("Archived")


class Place(NamedTuple):
    """Where a batch stands."""

    stage: Stage
    status: Status

    def __str__(self) -> str:
        return f"{self.stage}/{self.status}"

    @property
    def is_alive(self) -> bool:
        """It works, or presses: what is called ready to drink stays sealed until somebody opens it."""
        return self.status in {Status.ACTIVE, Status.IN_FRIDGE} or self == Place(Stage.BOTTLED, Status.READY)


# Nothing leaves the archive here: restoring is the undo of a verb that remembers the place before it.
# Nothing goes back from bottled to open: what was strained and sealed is another drink.
MOVES: Mapping[Place, frozenset[Place]] = {
    Place(Stage.OPEN, Status.ACTIVE): frozenset(
        {
            Place(Stage.OPEN, Status.IN_FRIDGE),
            Place(Stage.BOTTLED, Status.ACTIVE),
            Place(Stage.OPEN, Status.READY),
            Place(Stage.OPEN, Status.ARCHIVED),
        }
    ),
    Place(Stage.OPEN, Status.IN_FRIDGE): frozenset(
        {
            Place(Stage.OPEN, Status.ACTIVE),
            Place(Stage.BOTTLED, Status.ACTIVE),
            Place(Stage.OPEN, Status.ARCHIVED),
        }
    ),
    Place(Stage.OPEN, Status.READY): frozenset(
        {
            Place(Stage.OPEN, Status.IN_FRIDGE),
            Place(Stage.OPEN, Status.ARCHIVED),
        }
    ),
    Place(Stage.BOTTLED, Status.ACTIVE): frozenset(
        {
            Place(Stage.BOTTLED, Status.IN_FRIDGE),
            Place(Stage.BOTTLED, Status.READY),
            Place(Stage.BOTTLED, Status.ARCHIVED),
        }
    ),
    Place(Stage.BOTTLED, Status.IN_FRIDGE): frozenset(
        {
            Place(Stage.BOTTLED, Status.ACTIVE),
            Place(Stage.BOTTLED, Status.READY),
            Place(Stage.BOTTLED, Status.ARCHIVED),
        }
    ),
    Place(Stage.BOTTLED, Status.READY): frozenset(
        {
            Place(Stage.BOTTLED, Status.IN_FRIDGE),
            Place(Stage.BOTTLED, Status.ARCHIVED),
        }
    ),
}


def moves_from(place: Place) -> frozenset[Place]:
    return MOVES.get(place, frozenset())


def may_move(from_: Place, to: Place) -> bool:
    return to in moves_from(from_)
