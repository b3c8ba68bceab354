"""What becomes of one's own data: asked for as an archive, brought back, and gone for good."""

import logging
import tempfile
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import mail
from accounts.models import User
from kefir import bucket
from takeout import packing
from takeout.models import Export, Import
from work import actions as work

logger = logging.getLogger("takeout")

ARCHIVES_ARE_KEPT_FOR = timedelta(days=7)
ARCHIVES_A_DAY = 5
DAY = timedelta(days=1)
LINK_LASTS = timedelta(minutes=5)
ARCHIVE, ARCHIVE_MAIL = "archive", "archive_mail"
SWEEPS = SWEEP_ARCHIVES, SWEEP_IMPORTS, SWEEP_NAMELESS = "sweep_archives", "sweep_imports", "sweep_nameless"
ZIP = "application/zip"


class BeingMade(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("Your archive is being made already."), code="export_under_way")


class EnoughForToday(ValidationError):
    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, round(wait.total_seconds()))
        sentence = _(
            "You have asked for %(number)s archives within a day. Take one of those, or ask tomorrow."
        ) % {"number": ARCHIVES_A_DAY}
        super().__init__(sentence, code="exports_a_day")


# --- out ----------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_for_archive(*, user: User, now: datetime) -> Export:
    """Raises BeingMade or EnoughForToday; counted under a lock, so that many at once are not all the first."""
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    user.refuse_if_demo()
    if Export.objects.of(user).waiting().exists():
        raise BeingMade
    recent = Export.objects.of(user).filter(created_at__gt=now - DAY).newest_first()[:ARCHIVES_A_DAY]
    if len(recent) == ARCHIVES_A_DAY:
        raise EnoughForToday(recent[ARCHIVES_A_DAY - 1].created_at + DAY - now)
    export = Export(
        user=user,
        key=bucket.keys.fresh(bucket.keys.ARCHIVES, user.pk, ".zip"),
        created_at=now,
        expires_at=now + ARCHIVES_ARE_KEPT_FOR,
    )
    export.full_clean(exclude=["user"])
    export.save(force_insert=True)
    work.enqueue(kind=ARCHIVE, key=str(export.pk), payload={"export": export.pk}, owner=user, now=now)
    return export


def make_archive(*, export_id: UUID, now: datetime) -> None:
    """Pack, put, say so. Done twice it puts the same bytes to the same place, and tells once."""
    export = Export.objects.select_related("user").filter(pk=export_id).first()
    if export is None or export.state == Export.State.READY:
        return
    with tempfile.TemporaryFile() as file:
        packing.pack(export.user, file, told=lambda done, total: note_progress(export, done, total))
        size = file.tell()
        file.seek(0)
        bucket.put_file(export.key, file, content_type=ZIP)
    if not say_ready(export=export, size_bytes=size, now=now):
        bucket.delete([export.key])


def note_progress(export: Export, done: int, total: int) -> None:
    Export.objects.filter(pk=export.pk).update(done=done, total=total)


@transaction.atomic
def say_ready(*, export: Export, size_bytes: int, now: datetime) -> bool:
    """False when its owner has gone meanwhile."""
    kept = Export.objects.select_for_update().select_related("user").filter(pk=export.pk).first()
    if kept is None:
        return False
    kept.state, kept.size_bytes, kept.made_at = Export.State.READY, size_bytes, now
    kept.done, kept.expires_at = kept.total, now + ARCHIVES_ARE_KEPT_FOR
    kept.full_clean(exclude=["user"])
    kept.save()
    work.enqueue(kind=ARCHIVE_MAIL, key=str(kept.pk), payload={"export": kept.pk}, owner=kept.user, now=now)
    return True


@transaction.atomic
def give_up_archive(*, export_id: UUID) -> None:
    """It could not be made; they may ask for another."""
    Export.objects.filter(pk=export_id).waiting().update(state=Export.State.FAILED)


def mail_archive(*, export_id: UUID) -> None:
    """Raises mail.MailNotSent. The identity is always the same, so that a mail sent twice is one."""
    export = Export.objects.select_related("user").filter(pk=export_id).first()
    if export is None:
        return
    mail.send(
        "archive_ready",
        export.user.email,
        message_id=f"archive-{export.pk}",
        language=export.user.language,
        export=export,
        until=export.expires_at,
        zone=export.user.timezone,
        size_bytes=export.size_bytes,
    )


def link_to(export: Export) -> str:
    """Good for some minutes, for whoever has it: only its owner is given it."""
    return bucket.presign_get(
        export.key,
        content_type=ZIP,
        filename=f"kefir-{export.created_at:%Y-%m-%d}.zip",
        seconds=int(LINK_LASTS.total_seconds()),
    )


def have_swept(*, now: datetime) -> None:
    """Each by a job of its own, so that none waits for another, or for the bucket."""
    for kind in SWEEPS:
        work.enqueue(kind=kind, key="all", now=now)


def sweep_archives(*, now: datetime) -> None:
    """First the object, then the row that names it: a crash in between forgets nothing."""
    over = {export.key: export.pk for export in Export.objects.over(now)[:1000]}
    refused = bucket.delete_each(over)
    Export.objects.filter(pk__in=[over[key] for key in over.keys() - refused.keys()]).delete()
    if refused:
        raise bucket.BucketFailed(f"The bucket does not delete {len(refused)} archives.")


def sweep_nameless() -> None:
    """Each row names its object before there is one; what no row names is what a crash, or somebody who went, left."""
    for prefix, rows in ((bucket.keys.ARCHIVES, Export.objects), (bucket.keys.IMPORTS, Import.objects)):
        keys = bucket.list_keys(prefix)
        while some := set(islice(keys, 1000)):
            bucket.delete(some - set(rows.filter(key__in=some).values_list("key", flat=True)))
