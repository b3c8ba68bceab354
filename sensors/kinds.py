"""The kinds of gadget that send readings, known by what they send. No database here."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    UNKNOWN = "unknown", _("Not heard of yet")
    ISPINDEL = "ispindel", _("iSpindel")
    TILT = "tilt", _("Tilt")
    RAPT = "rapt", _("RAPT")
    STREAM = "stream", _("Custom stream")
