"""What a batch is called when nobody named it: its fruits, or its culture, and the day it began."""

from collections.abc import Sequence
from datetime import date


def default_name(*, culture: str, fruits: Sequence[str], day: date, longest: int) -> str:
    """“Lemon & ginger, 20 Nov”. `day` is the keeper's local day; the fruits give way when it gets too long."""
    when = f", {day.day} {day:%b}"
    what = listed(fruits) or culture
    if len(what + when) > longest:
        what = culture
    return what + when


def listed(fruits: Sequence[str]) -> str:
    if not fruits:
        return ""
    *others, last = [fruit.lower() for fruit in fruits]
    sentence = f"{', '.join(others)} & {last}" if others else last
    return sentence[:1].upper() + sentence[1:]
