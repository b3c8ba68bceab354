"""What becomes of a file that somebody brings along: uploaded, read, taken in all or not at all."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from kefir import bucket, languages
from takeout import looking, pictures, restoring, sowing, tables
from takeout.models import GIVEN_UP, Import
from takeout.refusals import NotTaken, RowsAreWrong
from takeout.unpacking import Archive, most_bytes
from work import actions as work

logger = logging.getLogger("takeout")

IMPORT = "import"
IMPORTS_ARE_KEPT_FOR = timedelta(days=2)
IMPORTS_A_DAY = 20
UPLOAD_WITHIN = timedelta(minutes=15)
DAY = timedelta(days=1)
LARGEST_TABLE = 5_000_000
CONTENT_TYPE = {Import.Kind.ARCHIVE: "application/zip", Import.Kind.TABLE: "text/csv"}


class TooLarge(ValidationError):
    def __init__(self, most: int) -> None:
        sentence = _("At most %(most)s MB.") % {"most": most // 1000000}
        super().__init__({"size_bytes": ValidationError(sentence, code="too_large")})


class EnoughForToday(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("That was a lot for one day. Go on tomorrow."), code="imports_a_day")


class OneAtATime(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            _("Another file is being taken in just now. Wait until that is done."), code="import_under_way"
        )


class NotUploaded(ValidationError):
    def __init__(self) -> None:
        super().__init__(
            _("The file has not arrived, or not all of it. Upload it again."), code="not_uploaded"
        )


class WentWrong(ValidationError):
    def __init__(self) -> None:
        sentence = _("Something went wrong on our side. Nothing was taken in; try again later.")
        super().__init__(sentence, code=GIVEN_UP)


class NotWaiting(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("There is nothing to confirm here."), code="not_waiting")


@transaction.atomic
def ask(*, user: User, kind: str, size_bytes: int, now: datetime, filename: str = "") -> Import:
    """Room for a file; `upload_address` says where to put it."""
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    user.refuse_if_demo()
    if Import.objects.of(user).filter(created_at__gt=now - DAY).count() >= IMPORTS_A_DAY:
        raise EnoughForToday
    brought = Import(
        user=user,
        kind=kind,
        size_bytes=size_bytes,
        filename=filename,
        key=bucket.keys.fresh(bucket.keys.IMPORTS, user.pk),
        created_at=now,
        expires_at=now + IMPORTS_ARE_KEPT_FOR,
    )
    brought.full_clean(exclude=["user"])
    most = most_bytes() if kind == Import.Kind.ARCHIVE else LARGEST_TABLE
    if not 0 < size_bytes <= most:
        raise TooLarge(most)
    brought.save(force_insert=True)
    return brought


def upload_address(brought: Import) -> tuple[str, dict[str, str]]:
    return bucket.presign_put(
        brought.key,
        content_type=CONTENT_TYPE[Import.Kind(brought.kind)],
        size=brought.size_bytes,
        seconds=int(UPLOAD_WITHIN.total_seconds()),
    )


def bring(*, user: User, kind: str, body: bytes, filename: str, now: datetime) -> Import:
    """A small file, that came with the form itself."""
    brought = ask(user=user, kind=kind, size_bytes=len(body), filename=filename, now=now)
    bucket.put(brought.key, body, content_type=CONTENT_TYPE[Import.Kind(kind)])
    return uploaded(brought=brought, now=now)


def uploaded(*, brought: Import, now: datetime) -> Import:
    """It is there, and as long as was said: have it read. Said twice, it is read once."""
    there = bucket.head(brought.key)
    if there is None or there.size != brought.size_bytes:
        raise NotUploaded
    return go_on(brought=brought, at=Import.State.UPLOADING, to=Import.State.READING, now=now)


def confirm(*, brought: Import, now: datetime) -> Import:
    """They have seen what would happen, and want it."""
    if brought.state in {Import.State.UPLOADING, Import.State.READING, Import.State.REFUSED}:
        raise NotWaiting
    return go_on(brought=brought, at=Import.State.READ, to=Import.State.WRITING, now=now)


def go_on(*, brought: Import, at: str, to: str, now: datetime) -> Import:
    """To the next state, with a job for what is to be done there; elsewhere than `at` it has gone on already."""
    try:
        with transaction.atomic():
            kept = Import.objects.select_for_update(of=("self",)).get(pk=brought.pk)
            if kept.state == at:
                kept.state, kept.done, kept.total = to, 0, 0
                kept.save(update_fields=["state", "done", "total"])
                ask_for_work(kept, now=now)
            return kept
    except IntegrityError as refusal:
        raise OneAtATime from refusal


def ask_for_work(brought: Import, *, now: datetime) -> None:
    work.enqueue(
        kind=IMPORT, key=str(brought.pk), payload={"import": brought.pk}, owner=brought.user, now=now
    )


# --- by a worker --------------------------------------------------------------------------------------------


def carry_on(*, import_id: UUID, now: datetime) -> None:
    """Do what its state wants. Done twice it comes to the same: rows that are there are not written again."""
    brought = taken_up(import_id)
    if brought is None or not brought.is_at_work:
        return
    with languages.spoken(brought.user.language):
        try:
            with fetched(brought) as file:
                READERS[Import.Kind(brought.kind)](brought, file, now=now)
        except NotTaken as refusal:
            refuse(brought=brought, refusal=refusal, now=now)
        except bucket.NotThere:
            refuse(brought=brought, refusal=NotUploaded(), now=now)


def taken_up(import_id: UUID) -> Import | None:
    """One that we gave up is read once more, for its job only comes again when staff have it replayed."""
    try:
        with transaction.atomic():
            locked = Import.objects.select_for_update(of=("self",)).select_related("user")
            brought = locked.filter(pk=import_id).first()
            if brought is not None and brought.was_given_up:
                brought.state, brought.report, brought.ended_at = Import.State.READING, {}, None
                brought.save(update_fields=["state", "report", "ended_at"])
            return brought
    except IntegrityError as refusal:
        raise OneAtATime from refusal


@contextmanager
def fetched(brought: Import) -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        for piece in bucket.stream(brought.key):
            file.write(piece)
        file.seek(0)
        yield file


def take_archive(brought: Import, file: IO[bytes], *, now: datetime) -> None:
    archive = Archive(file)
    looking.check(archive, now=now, told=lambda done, total: note_progress(brought, done, total))
    restoring.bring_pictures(archive, user=brought.user, import_id=brought.pk, now=now)
    with transaction.atomic():
        kept = locked_at_work(brought)
        if kept is None:
            pictures.take_back(brought.user, brought.pk)
            return
        added = restoring.take_in(archive, user=brought.user, import_id=kept.pk, now=now)
        end(kept, Import.State.DONE, {"added": added}, now=now)


def locked_at_work(brought: Import) -> Import | None:
    """None where it, or who brought it, has gone meanwhile, or another worker was faster."""
    return Import.objects.at_work().select_for_update(of=("self",)).filter(pk=brought.pk).first()


def take_table(brought: Import, file: IO[bytes], *, now: datetime) -> None:
    """First read, and shown what would happen; once they have said so, written. Each by a job of its own."""
    table = tables.read(file.read(), zone=brought.user.zone, now=now)
    if table.complaints:
        raise RowsAreWrong(table.complaints)
    if brought.state == Import.State.READING:
        show(brought=brought, report=sowing.rehearse(table, user=brought.user, now=now))
    else:
        with transaction.atomic():
            kept = locked_at_work(brought)
            if kept is None:
                return
            sown = sowing.sow(table, user=brought.user, now=now)
            end(kept, Import.State.DONE, {"added": {"batches": len(sown)}}, now=now)


@transaction.atomic
def show(*, brought: Import, report: dict[str, Any]) -> None:
    at = Import.objects.filter(pk=brought.pk, state=Import.State.READING)
    at.update(state=Import.State.READ, report=report)


READERS: dict[str, Any] = {Import.Kind.ARCHIVE: take_archive, Import.Kind.TABLE: take_table}


def note_progress(brought: Import, done: int, total: int) -> None:
    Import.objects.filter(pk=brought.pk).update(done=done, total=total)


def end(brought: Import, state: str, report: dict[str, Any], *, now: datetime) -> None:
    brought.state, brought.report, brought.ended_at = state, report, now
    brought.save(update_fields=["state", "report", "ended_at"])


@transaction.atomic
def refuse(*, brought: Import, refusal: ValidationError, now: datetime) -> None:
    """Nothing was taken in, and why."""
    report = {
        "code": refusal.code if hasattr(refusal, "code") else "invalid",
        "sentence": refusal.messages[0],
        "errors": [asdict(one) for one in getattr(refusal, "complaints", ())],
    }
    kept = locked_at_work(brought)
    if kept is not None:
        end(kept, Import.State.REFUSED, report, now=now)
        # Where that fails, the sweep does it.
        transaction.on_commit(lambda: pictures.take_back(kept.user, kept.pk), robust=True)


@transaction.atomic
def give_up(*, import_id: UUID, now: datetime) -> None:
    """It could not be read, and that is not its fault."""
    for brought in Import.objects.at_work().select_related("user").filter(pk=import_id):
        with languages.spoken(brought.user.language):
            refuse(brought=brought, refusal=WentWrong(), now=now)


def sweep(*, now: datetime) -> None:
    """First the object, and pictures that no photo speaks of, then the row that names them."""
    kept = 0
    for brought in Import.objects.over(now).select_related("user")[:1000]:
        if bucket.delete_each([brought.key, *pictures.left_of(brought.user, brought.pk)]):
            kept += 1
        else:
            brought.delete()
    if kept:
        raise bucket.BucketFailed(f"The bucket does not delete the objects of {kept} imports.")
