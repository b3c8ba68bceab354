"""Why nothing of a file is taken in: sentences for whoever brought it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from reminders.bounds import MOST_WAITING


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong, and where: "batches.jsonl, line 3"."""

    where: str
    field: str
    code: str
    sentence: str


class NotTaken(ValidationError):
    """Nothing was taken in."""

    complaints: Sequence[Complaint] = ()


class NoArchive(NotTaken):
    def __init__(self) -> None:
        super().__init__(_("This is no archive of Kefir, or not all of it has arrived."), code="no_archive")


class OtherVersion(NotTaken):
    def __init__(self) -> None:
        super().__init__(
            _("This archive is of a form that this Kefir does not know."), code="unknown_version"
        )


class TooMuch(NotTaken):
    def __init__(self) -> None:
        super().__init__(_("Unpacked, this archive would be too large."), code="too_large_unpacked")


class TooManyWait(NotTaken):
    def __init__(self) -> None:
        sentence = _("At most %(most)s reminders wait at a time: this archive has more, or more with yours.")
        super().__init__(sentence % {"most": MOST_WAITING}, code="too_many_waiting")


class TooManyMembers(NotTaken):
    def __init__(self) -> None:
        super().__init__(_("There are too many files in this archive."), code="too_many_files")


class StrangeMember(NotTaken):
    def __init__(self, name: str) -> None:
        shown = "".join(one for one in name[:80] if one.isprintable())
        super().__init__(
            _("“%(shown)s” does not belong into an archive of Kefir.") % {"shown": shown}, code="strange_file"
        )


class NamedTwice(NotTaken):
    def __init__(self, name: str) -> None:
        super().__init__(_("“%(name)s” is in this archive twice.") % {"name": name}, code="named_twice")


class HasChanged(NotTaken):
    def __init__(self, name: str) -> None:
        super().__init__(
            _("“%(name)s” is not what the manifest says of it.") % {"name": name}, code="does_not_match"
        )


class NoRoom(NotTaken):
    def __init__(self) -> None:
        super().__init__(_("There is no room left for so many photos."), code="photo_quota")


class RowsAreWrong(NotTaken):
    """The first of them; there may be more."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        self.complaints = complaints
        super().__init__(_("Some of what is in there cannot be taken in."), code="wrong_rows")
