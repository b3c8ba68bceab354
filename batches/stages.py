"""Which stage and status a batch is in, and which moves it may make."""

from collections.abc import Mapping

from django.db.models import TextChoices


class Stage(TextChoices):
    OPEN = "open", "Open jar"
    BOTTLED = "bottled", "Bottled"


class Status(TextChoices):
    ACTIVE = "active", "Fermenting"
    IN_FRIDGE = "in_fridge", "In the fridge"
    READY = "ready", "Ready"
    ARCHIVED = "archived", "Archived"


Place = tuple[Stage, Status]

# Nothing leaves the archive here: restoring is the undo of a verb that remembers the place before it.
# Nothing goes back from bottled to open: what was strained and sealed is another drink.
MOVES: Mapping[Place, frozenset[Place]] = {
    (Stage.OPEN, Status.ACTIVE): frozenset(
        {
            (Stage.OPEN, Status.IN_FRIDGE),
            (Stage.BOTTLED, Status.ACTIVE),
            (Stage.OPEN, Status.READY),
            (Stage.OPEN, Status.ARCHIVED),
        }
    ),
    (Stage.OPEN, Status.IN_FRIDGE): frozenset(
        {
            (Stage.OPEN, Status.ACTIVE),
            (Stage.BOTTLED, Status.ACTIVE),
            (Stage.OPEN, Status.ARCHIVED),
        }
    ),
    (Stage.OPEN, Status.READY): frozenset(
        {
            (Stage.OPEN, Status.IN_FRIDGE),
            (Stage.OPEN, Status.ARCHIVED),
        }
    ),
    (Stage.BOTTLED, Status.ACTIVE): frozenset(
        {
            (Stage.BOTTLED, Status.IN_FRIDGE),
            (Stage.BOTTLED, Status.READY),
            (Stage.BOTTLED, Status.ARCHIVED),
        }
    ),
    (Stage.BOTTLED, Status.IN_FRIDGE): frozenset(
        {
            (Stage.BOTTLED, Status.ACTIVE),
            (Stage.BOTTLED, Status.READY),
            (Stage.BOTTLED, Status.ARCHIVED),
        }
    ),
    (Stage.BOTTLED, Status.READY): frozenset(
        {
            (Stage.BOTTLED, Status.IN_FRIDGE),
            (Stage.BOTTLED, Status.ARCHIVED),
        }
    ),
}


def moves_from(place: Place) -> frozenset[Place]:
    return MOVES.get(place, frozenset())


def may_move(from_: Place, to: Place) -> bool:
    return to in moves_from(from_)
