"""Packs everything of a person's into one archive. The same data gives the same bytes, here and on any day."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.db import connection, transaction

from accounts.models import User
from events.models import COPIES_ARE
from kefir import bucket
from takeout.contents import CONTENTS, PHOTOS, Content, Line, picture_of

FORMAT, VERSION = "kefir-archive", 1
MANIFEST, README = "manifest.json", "README.txt"
# The beginning of time for ZIP, and a plain file that its owner may read and write.
EPOCH, PLAIN_FILE, UNIX = (1980, 1, 1, 0, 0, 0), 0o100600 << 16, 3
WORDS = """\
Everything you have kept in Kefir.

  *.jsonl          one line of JSON for each thing: your profile, batches, events, reminders, devices, …
  photos/          your photos, as you uploaded them; a smaller copy where the original is no longer kept
  manifest.json    how many there are of each, and the SHA-256 of every file in here

You can take it back in, on any Kefir: Settings, “Take your data with you”.
"""

# Told how much is done, and of how much.
Told = Callable[[int, int], None]


@dataclass
class Packed:
    """What goes into the manifest."""

    counts: dict[str, int] = field(default_factory=dict)
    members: list[dict[str, Any]] = field(default_factory=list)


def pack(user: User, file: IO[bytes], *, told: Told) -> None:
    packed = Packed()
    with ZipFile(file, "w") as archive:
        with snapshot():
            for content in CONTENTS:
                if content is not PHOTOS:
                    add_rows(archive, packed, content, content.lines(user))
            photos = list(photos_of(user))
        add_rows(archive, packed, PHOTOS, list(with_pictures(archive, packed, photos, told=told)))
        add(archive, packed, README, [WORDS.encode()])
        manifest = {"format": FORMAT, "version": VERSION, "counts": packed.counts, "members": packed.members}
        add(archive, packed, MANIFEST, [json.dumps(manifest, indent=1, sort_keys=True).encode(), b"\n"])


def photos_of(user: User) -> Iterator[tuple[Line, list[tuple[str, str]]]]:
    """Each with where its picture may be, and of which type it is there: the original, or what is shown of it."""
    keys = dict(PHOTOS.of(user).values_list("pk", "original_key"))
    copies = dict(PHOTOS.of(user).values_list("pk", "web_key"))
    for line in PHOTOS.lines(user):
        key = UUID(line["id"])
        yield line, [(keys[key], line["contentType"]), (copies[key], COPIES_ARE)]


def with_pictures(
    archive: ZipFile, packed: Packed, photos: list[tuple[Line, list[tuple[str, str]]]], *, told: Told
) -> Iterator[Line]:
    """Packs the pictures, outside of any transaction. One that is nowhere any more is left out."""
    for done, (line, places) in enumerate(photos):
        told(done, len(photos))
        for key, content_type in places:
            if key and (there := bucket.head(key)):
                line |= {"contentType": content_type, "sizeBytes": there.size}
                # It is packed already; doing it again would only take time.
                add(archive, packed, picture_of(line), bucket.stream(key), how=ZIP_STORED)
                yield line
                break


@contextmanager
def snapshot() -> Iterator[None]:
    """All rows as they are at one moment, however long reading them takes."""
    is_ours = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_ours:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        yield


def add_rows(archive: ZipFile, packed: Packed, content: Content, lines: Iterable[Line]) -> None:
    counted = 0

    def written() -> Iterator[bytes]:
        nonlocal counted
        for line in lines:
            counted += 1
            yield as_json(line)

    add(archive, packed, content.member, written())
    packed.counts[content.name] = counted


def as_json(line: Line) -> bytes:
    return json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def add(
    archive: ZipFile, packed: Packed, name: str, pieces: Iterable[bytes], *, how: int = ZIP_DEFLATED
) -> None:
    """One member, piece by piece: nothing is held whole."""
    digest, size = hashlib.sha256(), 0
    with archive.open(entry(name, how), "w", force_zip64=True) as member:
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            member.write(piece)
    packed.members.append({"name": name, "bytes": size, "sha256": digest.hexdigest()})


def entry(name: str, how: int) -> ZipInfo:
    """Nothing of the clock or the machine is in it."""
    info = ZipInfo(name, EPOCH)
    info.compress_type, info.create_system, info.external_attr = how, UNIX, PLAIN_FILE
    return info
