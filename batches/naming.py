"""What a batch is called when nobody named it: its fruits, or its culture, and the day it began."""

from collections.abc import Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _


def default_name(*, culture: str, fruits: Sequence[str], day: date, longest: int) -> str:
    """“Lemon & ginger, 20 Nov”. `day` is the keeper's local day; the fruits give way when it gets too long."""
    when = f", {date_format(day, 'SHORT_DAY')}"
    what = listed(fruits) or culture
    if len(what + when) > longest:
        what = culture
    return what + when


def listed(fruits: Sequence[str]) -> str:
    if not fruits:
        return ""
    *others, last = [fruit.lower() for fruit in fruits]
    sentence = _("%(others)s & %(last)s") % {"others": ", ".join(others), "last": last} if others else last
    return sentence[:1].upper() + sentence[1:]
