"""What a suggestion or a reminder may ask of its keeper."""

from django.db.models import TextChoices


class Kind(TextChoices):
    FIRST_LOOK = "first_look", "First look"
    STIR = "stir", "Stir"
    FEED = "feed", "Feed"
    SUBMERGE = "submerge", "Push under the brine"
    MOULD_LOOK = "mould_look", "Look for mould"
    CHECK_PH = "check_ph", "Check the pH"
    NOT_ACID = "not_acid", "Not sour enough"
    TOO_ACID = "too_acid", "Too sour to drink"
    TASTE = "taste", "Taste"
    READY = "ready", "Probably ready"
    OVERDUE = "overdue", "Later than usual"
    STRAIN = "strain", "Strain"
    GRAINS_STARVE = "grains_starve", "Grains are starving"
    SET_TEMPERATURE = "set_temperature", "Add the temperature"
    TOO_WARM = "too_warm", "Too warm"
    TOO_COLD = "too_cold", "Too cold"
    CHOOSE_BOTTLE = "choose_bottle", "Say which bottle"
    SQUEEZE = "squeeze", "Squeeze the tester"
    CARBONATION = "carbonation", "Check the fizz"
    BURP = "burp", "Let gas out"
    CHILL_BY = "chill_by", "Into the fridge"
    DRINK_BY = "drink_by", "Drink up"
    CUSTOM = "custom", "My own"
