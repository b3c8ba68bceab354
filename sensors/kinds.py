"""The kinds of gadget that send readings, known by what they send. No database here."""

from django.db.models import TextChoices


class Kind(TextChoices):
    UNKNOWN = "unknown", "Not heard of yet"
    ISPINDEL = "ispindel", "iSpindel"
    TILT = "tilt", "Tilt"
    RAPT = "rapt", "RAPT"
    STREAM = "stream", "Custom stream"
