"""How somebody probably measures, by the languages that their browser asks for: said of a place, as "en-US"."""

from django.utils.translation.trans_real import parse_accept_lang_header

# As static/js/zone.js has it, for whoever has scripts.
FAHRENHEIT = frozenset({"us", "bs", "bz", "ky", "pw", "fm", "mh", "lr"})
OUNCES = frozenset({"us", "lr"})


def units_by(accept_language: str) -> dict[str, str]:
    """The first language that names a place decides; where none does, it is the rest of the world."""
    asked = (code.split("-") for code, _weight in parse_accept_lang_header(accept_language))
    place = next((parts[-1].lower() for parts in asked if len(parts) > 1 and len(parts[-1]) == 2), "")
    return {
        "temperature_unit": "F" if place in FAHRENHEIT else "C",
        "volume_unit": "oz" if place in OUNCES else "ml",
    }
