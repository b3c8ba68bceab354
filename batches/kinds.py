"""What a suggestion or a reminder may ask of its keeper."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    FIRST_LOOK = "first_look", _("First look")
    STIR = "stir", _("Stir")
    FEED = "feed", _("Feed")
    SUBMERGE = "submerge", _("Push under the brine")
    MOULD_LOOK = "mould_look", _("Look for mould")
    MOULD = "mould", _("Mould")
    CHECK_PH = "check_ph", _("Check the pH")
    NOT_ACID = "not_acid", _("Not sour enough")
    TOO_ACID = "too_acid", _("Too sour to drink")
    TASTE = "taste", _("Taste")
    READY = "ready", _("Probably ready")
    OVERDUE = "overdue", _("Later than usual")
    REFRESH = "refresh", _("Refresh the grains")
    STRAIN = "strain", _("Strain")
    GRAINS_STARVE = "grains_starve", _("Grains are starving")
    SET_TEMPERATURE = "set_temperature", _("Add the temperature")
    TOO_WARM = "too_warm", _("Too warm")
    TOO_COLD = "too_cold", _("Too cold")
    CHOOSE_BOTTLE = "choose_bottle", _("Say which bottle")
    SQUEEZE = "squeeze", _("Squeeze the tester")
    CARBONATION = "carbonation", _("Check the fizz")
    BURP = "burp", _("Let gas out")
    CHILL_BY = "chill_by", _("Into the fridge")
    DRINK_BY = "drink_by", _("Drink up")
    GRAINS_REST = "grains_rest", _("Grains rest too long")
    GRAINS_IDLE = "grains_idle", _("Grains stand about")
    CUSTOM = "custom", _("My own")
