"""What stands on each label, and on which page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from batches.codes import scan_address as address_of_batch
from batches.models import Batch
from batches.readiness import usually_ready_at
from batches.stages import Stage
from tags.codes import Drawing, drawing, scan_address
from tags.models import JarTag, LabelSheet
from tags.presets import css_of


@dataclass(frozen=True)
class Label:
    drawing: Drawing
    code: str
    name: str = ""
    lines: Sequence[str] = ()
    warning: str = ""


@dataclass(frozen=True)
class Slot:
    """A label in its place, counted from 1."""

    number: int
    label: Label


def labels_of(sheet: LabelSheet) -> list[Label]:
    """Of what is still there and still theirs, in the order in which it was asked for."""
    person, wanted = sheet.owner, sheet.wanted
    batches = Batch.objects.of(person).with_readings().in_bulk(wanted["batches"])
    tags = JarTag.objects.in_hands_of(person).in_bulk([UUID(pk) for pk in wanted["tags"]])
    zone = ZoneInfo(person.timezone)
    found = [of_batch(batches[pk], zone) for pk in wanted["batches"] if pk in batches]
    found += [of_tag(tags[UUID(pk)]) for pk in wanted["tags"] if UUID(pk) in tags]
    return [label for label in found for _copy in range(sheet.copies)]


def of_tag(tag: JarTag) -> Label:
    return Label(drawing(scan_address(tag.code, site=settings.SITE_URL)), tag.code, tag.name)


def of_batch(batch: Batch, zone: ZoneInfo) -> Label:
    address = address_of_batch(batch.pk, site=settings.SITE_URL)
    warning = _("Under pressure: keep it cold, open it slowly.") if batch.is_sealed else ""
    return Label(drawing(address), batch.pk, batch.name, list(lines_of(batch, zone)), warning)


def lines_of(batch: Batch, zone: ZoneInfo) -> Iterator[str]:
    culture = batch.get_culture_display()
    if batch.fruits:
        yield ", ".join(batch.fruits)
    if batch.stage == Stage.BOTTLED and batch.bottled_at:
        yield _("%(culture)s, bottled %(day)s") % {"culture": culture, "day": day(batch.bottled_at, zone)}
    else:
        yield _("%(culture)s, started %(day)s") % {"culture": culture, "day": day(batch.started_at, zone)}
    if by := drink_by(batch):
        yield _("Drink by %(day)s") % {"day": day(by, zone)}


def day(at: datetime, zone: ZoneInfo) -> str:
    return date_format(at.astimezone(zone), "SHORT_DATE")


def drink_by(batch: Batch) -> datetime | None:
    """Of bottles: as long as they keep in the fridge, from when it went there, or should go."""
    if batch.stage != Stage.BOTTLED:
        return None
    facts = batch.facts()
    days = facts.course.fridge_days
    return (facts.cooled_at or usually_ready_at(facts)) + timedelta(days=days) if days else None


def pages_of(sheet: LabelSheet) -> list[list[Slot]]:
    """The first one begins where the last sheet was used up to."""
    size = sheet.layout.on_a_page
    labels = iter(labels_of(sheet))
    skipped = min(sheet.first, size) - 1
    pages = []
    while some := list(islice(labels, size - skipped)):
        pages.append([Slot(number, label) for number, label in enumerate(some, start=skipped + 1)])
        skipped = 0
    return pages


def html_of(sheet: LabelSheet) -> str:
    return render_to_string("tags/sheet_pages.html", context_of(sheet))


def context_of(sheet: LabelSheet) -> dict[str, Any]:
    return {"pages": pages_of(sheet), "layout": sheet.layout, "alone": sheet.has_codes_alone, "sheet": sheet}


def style_of(sheet: LabelSheet) -> str:
    return css_of(sheet.layout, alone=sheet.has_codes_alone)
