"""How the timeline is drawn, and what is offered to log; tags, so that batches' templates need no import upwards."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import template
from django.template import Context
from django.utils.translation import gettext as _

from accounts.models import PhBy, User
from accounts.templatetags.units import temperature
from accounts.units import number, units_of
from batches import drawing
from batches.models import Batch
from batches.stages import Stage
from events import labels
from events.forms import ASKED, NewEventForm
from events.kinds import BY_HAND, Kind
from events.models import Event, Photo
from events.pictures import KINDS

register = template.Library()

PAGE = 20
MEASURES = frozenset({"ph", "brix", "temperature_c"})
MOST_ROWS = 50
ON_A_BATCH, IN_AN_ALBUM = 8, 60
# In its place static/js/offline.js puts the one in the address.
ANY_BATCH = "000000000000"


@register.inclusion_tag("events/_timeline.html", takes_context=True)
def timeline(context: Context, batch: Batch, before: str = "") -> dict[str, Any]:
    """The newest entries, or those before one of them."""
    events = batch.events.newest_first().select_related("photo")
    last = event_of(batch, before)
    page = list((events.older_than(last) if last else events)[: PAGE + 1])
    return {
        "batch": batch,
        "lines": [line(event, context["user"]) for event in page[:PAGE]],
        "last": page[PAGE - 1] if len(page) > PAGE else None,
    }


def event_of(batch: Batch, written: str) -> Event | None:
    try:
        return Event.objects.filter(batch=batch, pk=UUID(written)).first()
    except ValueError:
        return None


def line(event: Event, person: User) -> dict[str, Any]:
    heading = labels.heading(event.kind, event.data, event.sign)
    photo = getattr(event, "photo", None)
    return {
        "event": event,
        "photo": photo,
        "text": "\n".join(
            filter(None, [event.description, str(labels.NO_PICTURE) if event.data.get("refused") else ""])
        ),
        "title": heading.title,
        "icon": heading.icon,
        "state": heading.state,
        "values": values(event, person),
    }


def values(event: Event, person: User) -> tuple[tuple[str, str], ...]:
    """What was measured, in its reader's units."""
    told = [
        ("pH", ph_words(event)),
        ("°Brix", "" if event.brix is None else number(event.brix)),
        ("", temperature(event.temperature_c, person)),
        ("", event.get_taste_display() if event.taste else ""),
        ("fizz", "" if event.fizz is None else _("%(fizz)s of 5") % {"fizz": event.fizz}),
    ]
    return tuple((label, value) for label, value in told if value)


def ph_words(event: Event) -> str:
    if event.ph is None:
        return ""
    told = {"ph": number(event.ph)}
    if event.ph_by == PhBy.STRIP:
        return _("%(ph)s by strip") % told
    return _("%(ph)s by meter") % told if event.ph_by == PhBy.METER else told["ph"]


@register.inclusion_tag("events/_measured.html", takes_context=True)
def measured(context: Context, batch: Batch) -> dict[str, Any]:
    """What its keeper measured, as curves. For a batch that came with its readings."""
    person, readings = context["user"], [event for event in batch.measured if event.said & MEASURES]
    rows = [{"at": event.occurred_at, "words": said_of(event, person)} for event in reversed(readings)]
    return {
        "charts": [chart for chart in charts_of(readings, person) if chart],
        "newest": values(readings[-1], person) if readings else [],
        "rows": rows[:MOST_ROWS],
        "paper": drawing,
    }


def said_of(event: Event, person: User) -> str:
    return " · ".join(" ".join(filter(None, pair)) for pair in values(event, person))


def charts_of(readings: list[Event], person: User) -> Iterator[dict[str, Any] | None]:
    """One point is no curve."""
    warmth = units_of(person).temperature
    for field, title, unit, at_least, shown in (
        ("ph", "pH", "", 0.5, float),
        ("brix", _("Sugar left"), "°Brix", 2.0, float),
        ("temperature_c", _("Temperature"), warmth.symbol, 2.0 / warmth.factor, warmth.shown),
    ):
        found = [(one.occurred_at, getattr(one, field)) for one in readings]
        line = [(at, shown(amount)) for at, amount in found if amount is not None]
        panel = (
            drawing.panel([("", line)], words=number, at_least=at_least, breaks=False) if line[1:] else None
        )
        yield drawing.described(f"own-{field}", title, unit, panel, number)


def album_of(batch: Batch, before: str, most: int) -> list[Photo]:
    photos = batch.photos.ready().newest_first().select_related("event")
    last = photo_of(batch, before)
    return list((photos.older_than(last) if last else photos)[: most + 1])


def newest_of(batch: Batch, most: int) -> list[Photo]:
    """As the batch brought them along, or else asked for."""
    brought = getattr(batch, "newest_photos", None)
    return album_of(batch, "", most) if brought is None else brought[: most + 1]


@register.inclusion_tag("events/_photos.html")
def photos_of(batch: Batch, now: datetime, before: str = "", *, album: bool = False) -> dict[str, Any]:
    """The newest photos, or those before one of them; and what is still at work on them."""
    most = IN_AN_ALBUM if album else ON_A_BATCH
    page = album_of(batch, before, most) if album or before else newest_of(batch, most)
    return {
        "batch": batch,
        "photos": page[:most],
        "last": page[most - 1] if len(page) > most else None,
        "album": album,
        "waits": any(one.is_developing(now) for one in page),
    }


def photo_of(batch: Batch, written: str) -> Photo | None:
    try:
        return batch.photos.filter(pk=UUID(written)).first()
    except ValueError:
        return None


@register.inclusion_tag("events/_upload.html")
def upload_form(batch: Batch) -> dict[str, Any]:
    return {"batch": batch, "kinds": ",".join(KINDS)}


@register.inclusion_tag("events/_record_form.html", takes_context=True)
def record_form(context: Context, batch: Batch) -> dict[str, Any]:
    """What may be logged of this batch, as buttons; each opens its form in their place."""
    return offered(context, batch)


@register.inclusion_tag("events/_tiles.html", takes_context=True)
def log_tiles(context: Context, batch: Batch) -> dict[str, Any]:
    """The same for wet hands."""
    return offered(context, batch)


@register.inclusion_tag("events/_waiting.html")
def waiting_of(batch: Batch | None = None) -> dict[str, Any]:
    """What was written down of it without a net; without a batch, of all of them."""
    headings = [(kind.value, labels.heading(kind, {})) for kind in (*BY_HAND, Kind.PHOTO)]
    return {"batch": batch, "kinds": [(kind, one.title, one.icon) for kind, one in headings]}


@register.inclusion_tag("events/_kit.html", takes_context=True)
def log_kit(context: Context) -> dict[str, Any]:
    """Each form to write something down, for a batch that is yet to be named."""
    forms = [(what, NewEventForm(what=what, person=context["user"])) for what in ("", *ASKED)]
    return {"batch": Batch(pk=ANY_BATCH), "forms": forms, "next": ""}


def offered(context: Context, batch: Batch) -> dict[str, Any]:
    return {
        "batch": batch,
        "tiles": [
            tile
            for tile in labels.TILES[Stage(batch.stage)]
            if not (tile is labels.TASTED and batch.is_mouldy)
        ],
        "here": context["request"].path,
        "new_id": context.get("new_id") or uuid4(),
        "csrf_token": context.get("csrf_token"),
    }
