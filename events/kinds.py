"""The kinds of thing that happen to a batch. No database here."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from batches import facts


class Kind(TextChoices):
    NOTE = "note", _("Note")
    OBSERVATION = "observation", _("Observation")
    MEASUREMENT = "measurement", _("Measurement")
    TASTE = "taste", _("Taste")
    BURPED = "burped", _("Burped")
    PHOTO = "photo", _("Photo")
    STAGE_CHANGE = "stage_change", _("Moved to bottles")
    STATUS_CHANGE = "status_change", _("Moved")


class Taste(TextChoices):
    TOO_SWEET = "too_sweet", _("Too sweet")
    NEARLY = "nearly", _("Nearly there")
    JUST_RIGHT = "just_right", _("Just right")
    TOO_SOUR = "too_sour", _("Too sour")


class Sign(TextChoices):
    """What was seen, where no number tells it. The first two are observations, the last is how bottles were burped."""

    MOULD = facts.Sign.MOULD.value, _("Mould")
    NO_MOULD = facts.Sign.NO_MOULD.value, _("No mould")
    CALM = facts.Sign.CALM.value, _("Left open until calm")


# What a person writes down; the others are written by the deed itself.
BY_HAND = (Kind.NOTE, Kind.OBSERVATION, Kind.MEASUREMENT, Kind.TASTE, Kind.BURPED)
BY_HAND_CHOICES = [(kind.value, kind.label) for kind in BY_HAND]
BY_MOVING = (Kind.STAGE_CHANGE, Kind.STATUS_CHANGE)
