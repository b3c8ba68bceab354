"""The kinds of thing that happen to a batch. No database here."""

from django.db.models import TextChoices


class Kind(TextChoices):
    NOTE = "note", "Note"
    OBSERVATION = "observation", "Observation"
    MEASUREMENT = "measurement", "Measurement"
    TASTE = "taste", "Taste"
    BURPED = "burped", "Burped"
    PHOTO = "photo", "Photo"
    STAGE_CHANGE = "stage_change", "Moved to bottles"
    STATUS_CHANGE = "status_change", "Moved"


class Taste(TextChoices):
    TOO_SWEET = "too_sweet", "Too sweet"
    NEARLY = "nearly", "Nearly there"
    JUST_RIGHT = "just_right", "Just right"
    TOO_SOUR = "too_sour", "Too sour"


# What a person writes down; the others are written by the deed itself.
BY_HAND = (Kind.NOTE, Kind.OBSERVATION, Kind.MEASUREMENT, Kind.TASTE, Kind.BURPED)
BY_HAND_CHOICES = [(kind.value, kind.label) for kind in BY_HAND]
BY_MOVING = (Kind.STAGE_CHANGE, Kind.STATUS_CHANGE)
