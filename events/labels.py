"""How the timeline speaks: a title and a sign for each thing that happened, and what may be logged at a touch."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from batches.labels import moved_words, state_of
from batches.stages import Place, Stage, Status
from events.kinds import Kind, Sign

ICONS = {
    Kind.NOTE: "note",
    Kind.OBSERVATION: "drop",
    Kind.MEASUREMENT: "ruler",
    Kind.TASTE: "taste",
    Kind.BURPED: "bubbles",
    Kind.PHOTO: "camera",
}
STATE_ICONS = {
    "open": "jar",
    "bottled": "bottle",
    "in_fridge": "snowflake",
    "ready": "leaf",
    "archived": "archive",
}
NO_PICTURE = _("It could not be read as a picture, and was not kept.")
TITLES = {Kind.TASTE: _("Tasted"), Kind.MEASUREMENT: _("Measured"), Kind.OBSERVATION: _("Observed")}


Sentence = str | Promise


class Heading(NamedTuple):
    """What stands over one line of the timeline; `state` where a move led to."""

    title: Sentence
    icon: str
    state: str = ""


SIGNS = {
    Sign.MOULD: Heading(_("Mould seen"), "mould", "danger"),
    Sign.NO_MOULD: Heading(_("No mould"), "check"),
    Sign.CALM: Heading(_("Left open until calm"), "bubbles"),
}


def heading(kind: str, data: Mapping[str, Any], sign: str = "") -> Heading:
    if "from" in data and "to" in data:
        before, after = place(data["from"]), place(data["to"])
        state = state_of(after)
        return Heading(moved_words(before, after).capitalize(), STATE_ICONS[state], state)
    if sign:
        return SIGNS[Sign(sign)]
    known = Kind(kind)
    return Heading(TITLES.get(known, known.label), ICONS.get(known, "note"))


def place(written: Mapping[str, str]) -> Place:
    return Place(Stage(written["stage"]), Status(written["status"]))


class Tile(NamedTuple):
    """One thing to log: what the form asks for, and the words and sign of its button."""

    what: str
    label: Sentence
    icon: str


TASTED = Tile("taste", _("Tasted"), "taste")
TEMPERATURE = Tile("temperature", _("Temperature"), "thermometer")
PH = Tile("ph", "pH", "drop")
PHOTO = Tile("photo", _("Photo"), "camera")
MOULD = Tile("mould", _("Mould?"), "mould")
BURPED = Tile("burped", _("Burped"), "bubbles")

# Five, for each page adds one of its own: six are what a thumb finds without reading.
TILES = {
    Stage.OPEN: [TASTED, TEMPERATURE, PH, MOULD, PHOTO],
    Stage.BOTTLED: [BURPED, TASTED, TEMPERATURE, MOULD, PHOTO],
}
