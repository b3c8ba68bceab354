"""Labels to be printed: ordered by their owner, made by a worker."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from batches.models import Batch
from kefir import languages
from tags import pdf, sheets
from tags.models import JarTag, LabelSheet
from work import actions as work

KIND = "label_sheet"
MOST_LABELS = 480


class NothingToPrint(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("Choose at least one batch or tag."), code="nothing_to_print")


class TooManyLabels(ValidationError):
    def __init__(self) -> None:
        sentence = _("At most %(most)s labels at once.")
        super().__init__(sentence, code="too_many_labels", params={"most": MOST_LABELS})


@transaction.atomic
def order(
    *, owner: User, now: datetime, batches: Sequence[Batch] = (), tags: Sequence[JarTag] = (), **chosen: Any
) -> LabelSheet:
    """Takes the place of the one before."""
    owner = User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    wanted = {"batches": [batch.pk for batch in batches], "tags": [str(tag.pk) for tag in tags]}
    sheet = LabelSheet(owner=owner, wanted=wanted, ordered_at=now, **chosen)
    sheet.full_clean(exclude=["owner", "wanted"], validate_unique=False)
    refuse_odd_number((len(batches) + len(tags)) * sheet.copies)
    LabelSheet.objects.of(owner).delete()
    sheet.save(force_insert=True)
    work.enqueue(kind=KIND, key=str(sheet.pk), owner=owner, payload={"sheet": str(sheet.pk)}, now=now)
    return sheet


def refuse_odd_number(labels: int) -> None:
    if not labels:
        raise NothingToPrint
    if labels > MOST_LABELS:
        raise TooManyLabels


def make(*, sheet_id: UUID, now: datetime) -> None:
    """Twice comes to the same. Raises pdf.PressBroke and pdf.PressCannotStart.

    No row is held meanwhile: it takes seconds.
    """
    sheet = LabelSheet.objects.select_related("owner").filter(pk=sheet_id).first()
    if sheet is None or sheet.state == LabelSheet.State.READY:
        return
    with languages.spoken(sheet.owner.language):
        html = sheets.html_of(sheet)
    made = pdf.made_of(html, css=sheets.style_of(sheet))
    LabelSheet.objects.filter(pk=sheet_id).update(state=LabelSheet.State.READY, pdf=made, made_at=now)


def give_up(*, sheet_id: UUID) -> None:
    theirs = LabelSheet.objects.filter(pk=sheet_id)
    theirs.exclude(state=LabelSheet.State.READY).update(state=LabelSheet.State.FAILED)
