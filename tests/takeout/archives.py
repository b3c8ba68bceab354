"""Archives as tests look at them: made, opened, spoilt, and refused."""

import hashlib
import io
import json
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

from accounts.models import User
from batches import actions as batches
from batches import grains
from batches.models import Batch
from events import photos
from kefir import bucket
from reminders import actions as reminders
from takeout import actions, imports, packing
from takeout.models import Export, Import
from tests.accounts.phones import make_device
from tests.events.album import make_photo
from tests.factories import NOON, make_batch, make_bottled, make_event, make_reminder
from tests.hooks.factories import make_endpoint
from tests.rows import everything
from tests.sensors.gadgets import hear, make_sensor

HOUR = timedelta(hours=1)
LATER = NOON + timedelta(days=1)
# What `fill` has made of each.
COUNTS = {
    "profile": 1,
    "grains": 1,
    "weighings": 2,
    "batches": 3,
    "events": 6,
    "reminders": 3,
    "devices": 1,
    "sensors": 1,
    "readings": 3,
    "webhooks": 2,
    "photos": 1,
}


def fill(owner: User) -> Batch:
    """Something of everything, in all places."""
    bottled = make_bottled(
        owner=owner,
        name="Figs & lemon 🫙",
        notes='Two\nlines, "quoted"',
        fruits=["fig", "lemon"],
        sugar_grams=80.5,
        temperature_c=22.5,
        is_public=True,
    )
    kept = grains.keep(owner=owner, now=NOON, name="Granny's", grams=80)
    grains.weigh(grains=kept, grams=95.5, now=NOON)
    child = batches.brew_again(batch=bottled, owner=owner, now=NOON, name="Child", grains=kept)
    put_away = batches.archive(batch=make_batch(owner=owner, name="Put away"), now=NOON)
    make_event(batch=bottled, kind="measurement", ph=3.25, brix=4.5, temperature_c=21.5, description="")
    make_event(batch=child, kind="taste", taste="nearly", fizz=3, description="")
    make_event(batch=child, description="\u2028 odd ' \" \\ =1+1")
    for n in range(3):
        make_reminder(batch=child, due_at=NOON + 600 * 24 * HOUR, message=f"Taste {n}")
    reminders.finish(reminder=child.reminders.get(message="Taste 1"), now=NOON)
    make_device(owner=owner, device_id="phone-1", name="Phone")
    sensor, _ = make_sensor(owner=owner, name="Blue float", batch=child)
    for n in range(3):
        hear(sensor, now=NOON + n * HOUR, gravity=1.04 + n / 1000, odd={"a": [n]})
    photos.edit(photo=make_photo(batch=bottled, caption="A fig"), is_cover=True, now=NOON)
    make_endpoint(owner=owner)
    make_endpoint(owner=owner, url="https://example.org/two", kinds=["event.recorded"])
    assert put_away.is_archived
    return bottled


def packed(user: User) -> bytes:
    """The archive of everything, as its bytes."""
    file = io.BytesIO()
    packing.pack(user, file, told=lambda done, total: None)
    return file.getvalue()


def made(user: User, *, now: Any = NOON) -> Export:
    export = actions.ask_for_archive(user=user, now=now)
    actions.make_archive(export_id=export.pk, now=now)
    export.refresh_from_db()
    return export


def bytes_of(export: Export) -> bytes:
    return bucket.read(export.key)


def members(archive: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def lines(archive: bytes, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in members(archive)[f"{name}.jsonl"].splitlines()]


def manifest_of(archive: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(members(archive)["manifest.json"])
    return found


def rebuilt(parts: dict[str, bytes], **manifest: Any) -> bytes:
    """An archive of these members, with a manifest that fits them but for what is given."""
    parts = {name: body for name, body in parts.items() if name != "manifest.json"}
    told = {
        "format": packing.FORMAT,
        "version": packing.VERSION,
        "counts": {
            name.removesuffix(".jsonl"): body.count(b"\n") for name, body in parts.items() if ".jsonl" in name
        },
        "members": [
            {"name": name, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
            for name, body in parts.items()
        ],
    }
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
        archive.writestr("manifest.json", json.dumps(told | manifest))
    return file.getvalue()


def brought(user: User, archive: bytes) -> Import:
    """Uploaded, and taken in by the job's own verb."""
    one = imports.bring(user=user, kind="archive", body=archive, filename="kefir.zip", now=LATER)
    imports.carry_on(import_id=one.pk, now=LATER)
    one.refresh_from_db()
    return one


def refused(user: User, archive: bytes) -> str:
    before = everything()
    one = brought(user, archive)
    assert one.state == "refused"
    assert one.report["sentence"]
    assert everything() == before
    return one.report["code"]


def complaints(user: User, archive: bytes) -> list[tuple[str, str, str]]:
    assert refused(user, archive) == "wrong_rows"
    return [(one["where"], one["field"], one["code"]) for one in Import.objects.get().errors]


def spoilt(body: bytes, *, line: int = 1, without: str = "", **values) -> bytes:
    rows = body.splitlines()
    row = json.loads(rows[line - 1]) | values
    row.pop(without, None)
    rows[line - 1] = json.dumps(row).encode()
    return b"\n".join(rows) + b"\n"
