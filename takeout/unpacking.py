"""Opens an archive that somebody brings along, and believes nothing of it until it has been looked at."""

import hashlib
import json
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.conf import settings

from events.pictures import MOST_BYTES as MOST_BYTES_OF_A_PICTURE
from takeout import refusals
from takeout.contents import CONTENTS, Content, Line, picture_of
from takeout.lines import LONGEST_LINE, parsed
from takeout.packing import FORMAT, MANIFEST, README, VERSION

# What rows may take beside the photos, and what one PUT may bring.
MOST_BYTES_OF_ROWS, LARGEST_PUT = 500_000_000, 5_000_000_000
MOST_MEMBERS = 20_000
# What ZIP says of one of them takes a hundred bytes; more than that much is a table to drown in.
LARGEST_TABLE = 200 * MOST_MEMBERS
LARGEST_MANIFEST = 200 * MOST_MEMBERS + 100_000
CHUNK = 256 * 1024
NAMES = re.compile(
    "|".join([re.escape(MANIFEST), re.escape(README), *(re.escape(one.member) for one in CONTENTS)])
    + r"|photos/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[a-z]{3,4}"
)
# What Python says of one that is broken, or was made to break it.
SPOILT = (
    *(BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, zlib.error),
    *(KeyError, TypeError, ValueError, RecursionError),
)


def most_bytes() -> int:
    """Packed, and unpacked: what this Kefir makes for somebody it takes back, and photos are packed as they are."""
    return min(settings.PHOTO_QUOTA_MB * 1_000_000 + MOST_BYTES_OF_ROWS, LARGEST_PUT)


class Archive:
    """One that has been looked at: its members are known, its sizes bounded, its hashes right."""

    def __init__(self, file: IO[bytes]) -> None:
        """Raises a refusal of NotTaken."""
        try:
            refuse_large_table(file)
            self.zip = ZipFile(file)
            self.members = {info.filename: info for info in self.zip.infolist()}
            refuse_strange(self.zip.infolist())
            self.manifest = self.read_manifest()
            for told in self.manifest["members"]:
                self.compare(told)
        except SPOILT as error:
            raise refusals.NoArchive from error

    def read_manifest(self) -> dict[str, Any]:
        if self.members[MANIFEST].file_size > LARGEST_MANIFEST:
            raise refusals.TooMuch
        manifest = json.loads(self.zip.read(MANIFEST))
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise refusals.NoArchive
        if manifest.get("version") != VERSION:
            raise refusals.OtherVersion
        named = [str(one["name"]) for one in manifest["members"]]
        if sorted(named) != sorted(self.members.keys() - {MANIFEST}):
            raise refusals.HasChanged(MANIFEST)
        return manifest

    def compare(self, told: dict[str, Any]) -> None:
        digest, size = hashlib.sha256(), 0
        with self.zip.open(told["name"]) as member:
            while piece := member.read(CHUNK):
                digest.update(piece)
                size += len(piece)
        if (size, digest.hexdigest()) != (told["bytes"], told["sha256"]):
            raise refusals.HasChanged(told["name"])

    def count(self, content: Content) -> int:
        counts = self.manifest.get("counts")
        number = counts.get(content.name) if isinstance(counts, dict) else None
        return number if isinstance(number, int) else 0

    def lines(self, content: Content) -> Iterator[tuple[int, Line | None]]:
        """Each with its number, from 1; None for one that is no line of JSON."""
        if content.member not in self.members:
            return
        with self.zip.open(content.member) as member:
            number = 0
            while raw := member.readline(LONGEST_LINE + 1):
                number += 1
                yield number, as_line(raw)
                if len(raw) > LONGEST_LINE:
                    return

    def picture(self, line: Line) -> bytes | None:
        """Nothing where it is not there, or longer than any of ours."""
        info = self.members.get(picture_of(line))
        return self.zip.read(info) if info and info.file_size <= MOST_BYTES_OF_A_PICTURE else None

    @property
    def pictures(self) -> set[str]:
        return {name for name in self.members if name.startswith("photos/")}


def as_line(raw: bytes) -> Line | None:
    try:
        return parsed(raw) if len(raw) <= LONGEST_LINE else None
    except (ValueError, RecursionError):
        return None


def refuse_large_table(file: IO[bytes]) -> None:
    """Python reads the whole table of contents into memory, whatever size it says it has."""
    end = zipfile._EndRecData(file)  # type: ignore[attr-defined]
    if end is None:
        raise refusals.NoArchive
    if end[zipfile._ECD_SIZE] > LARGEST_TABLE:  # type: ignore[attr-defined]
        raise refusals.TooManyMembers


def refuse_strange(members: list[ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise refusals.TooManyMembers
    seen: set[str] = set()
    for member in members:
        if not NAMES.fullmatch(member.orig_filename) or not is_plain(member):
            raise refusals.StrangeMember(member.orig_filename)
        if member.filename in seen:
            raise refusals.NamedTwice(member.filename)
        seen.add(member.filename)
    # A member gives at most the size that is told of it; beyond that zipfile reads nothing.
    if sum(member.file_size for member in members) > most_bytes():
        raise refusals.TooMuch


def is_plain(member: ZipInfo) -> bool:
    """A file, packed in one of our ways, and not locked."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    return (
        kind in {0, stat.S_IFREG}
        and member.compress_type in {ZIP_STORED, ZIP_DEFLATED}
        and not member.flag_bits & 0x1
    )
