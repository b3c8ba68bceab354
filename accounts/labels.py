"""What a device is called, from what it says about itself. A guess; nothing hangs on it."""

import re

from django.utils.translation import gettext as _

BROWSERS = [
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
]
SYSTEMS = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
]
APP = ("Kefir/", "Expo", "okhttp", "CFNetwork")


def device_name(user_agent: str) -> str:
    """“Firefox on Linux”; “Kefir app on iPhone”; what is unknown is said so."""
    program = (
        _("%(house)s app") % {"house": "Kefir"}
        if any(mark in user_agent for mark in APP)
        else _first(BROWSERS, user_agent)
    )
    system = _first(SYSTEMS, user_agent)
    if program and system:
        return _("%(program)s on %(system)s") % {"program": program, "system": system}
    return program or system or _("Unknown device")


def _first(names: list[tuple[str, str]], user_agent: str) -> str:
    return next((name for mark, name in names if mark in user_agent), "")


def without_versions(user_agent: str) -> str:
    """The same device after an update of its software is still the same device."""
    return re.sub(r"[\d._]+", "", user_agent)
