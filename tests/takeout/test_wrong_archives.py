"""What was made to do harm does none, and what is wrong in an archive is named by its line."""

import io
import json
import zipfile
from datetime import timedelta

import pytest

from batches.models import Batch
from reminders import bounds
from reminders.models import Reminder
from takeout import imports, looking, unpacking
from tests.factories import NOON, make_batch, make_reminder
from tests.takeout.archives import brought, complaints, members, rebuilt, refused, spoilt

pytestmark = pytest.mark.django_db


def first_without_photo(body: bytes) -> int:
    """Rows stand in the order of their ids, so by chance; what happens to a photo's own line is another matter."""
    return next(
        number
        for number, row in enumerate(map(json.loads, body.splitlines()), 1)
        if row.get("kind") != "photo"
    )


def zipped(*entries, **how) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, body in entries:
            archive.writestr(name, body, **how)
    return file.getvalue()


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("profile.jsonl")
    info.external_attr = 0o120777 << 16
    return info


NO_ARCHIVES = {
    "no zip": (b"batches", "no_archive"),
    "an empty one": (zipped(), "no_archive"),
    "cut": (zipped(("manifest.json", "{}"))[:-30], "no_archive"),
    "no manifest": (zipped(("profile.jsonl", "")), "no_archive"),
    "manifest is a list": (zipped(("manifest.json", "[]")), "no_archive"),
    "manifest is deep": (zipped(("manifest.json", "[" * 100_000)), "no_archive"),
    "of another program": (zipped(("manifest.json", '{"format": "other"}')), "no_archive"),
    "of another version": (rebuilt({}, version=2), "unknown_version"),
    "above its folder": (zipped(("../profile.jsonl", ""), ("manifest.json", "{}")), "strange_file"),
    "from the root": (zipped(("/etc/passwd", "")), "strange_file"),
    "a Windows way up": (zipped(("photos\\..\\x.png", "")), "strange_file"),
    "a folder": (zipped(("photos/", "")), "strange_file"),
    "something else": (zipped(("run.exe", "")), "strange_file"),
    "a link": (zipped((link(), "/etc/passwd")), "strange_file"),
    "packed otherwise": (zipped(("README.txt", "x"), compress_type=zipfile.ZIP_LZMA), "strange_file"),
    "members unnamed": (zipped(("manifest.json", '{"format": "kefir-archive", "version": 1}')), "no_archive"),
    "one too many": (rebuilt({"profile.jsonl": b""}, members=[]), "does_not_match"),
    "one too few": (
        rebuilt({}, members=[{"name": "profile.jsonl", "bytes": 0, "sha256": ""}]),
        "does_not_match",
    ),
    "other bytes": (
        rebuilt({"profile.jsonl": b"x"}, members=[{"name": "profile.jsonl", "bytes": 1, "sha256": "0" * 64}]),
        "does_not_match",
    ),
}


class TestHostileArchives:
    def test_with_more_reminders_than_may_wait(self, gone, archive, monkeypatch):
        monkeypatch.setattr(looking, "MOST_WAITING", 0)
        assert refused(gone, archive) == "too_many_waiting"

    def test_with_more_than_may_wait_beside_those_that_do(self, alice, bob, archive, monkeypatch):
        make_reminder(batch=make_batch(owner=bob, now=NOON), due_at=NOON + timedelta(days=2))
        waiting = Reminder.objects.of(alice).waiting().count()
        monkeypatch.setattr(bounds, "MOST_WAITING", waiting)
        assert refused(bob, archive) == "too_many_waiting"

    @pytest.mark.parametrize(("archive", "code"), NO_ARCHIVES.values(), ids=NO_ARCHIVES)
    def test_are_refused_by_name(self, alice, archive, code):
        assert refused(alice, archive) == code

    def test_with_a_name_twice(self, alice):
        with pytest.warns(UserWarning, match="Duplicate name"):
            twice = zipped(("profile.jsonl", ""), ("profile.jsonl", ""))
        assert refused(alice, twice) == "named_twice"

    def test_with_too_many_members(self, alice, monkeypatch):
        monkeypatch.setattr(unpacking, "MOST_MEMBERS", 3)
        assert refused(alice, zipped(*((f"{n}", "") for n in range(4)))) == "too_many_files"

    def test_with_a_table_that_fills_the_memory(self, alice, monkeypatch):
        monkeypatch.setattr(unpacking, "LARGEST_TABLE", 1000)
        assert refused(alice, zipped(("x" * 2000, ""))) == "too_many_files"

    def test_that_unpack_to_too_much(self, alice, settings, monkeypatch):
        settings.PHOTO_QUOTA_MB = 0
        monkeypatch.setattr(unpacking, "MOST_BYTES_OF_ROWS", 1_000_000)
        bomb = zipped(("events.jsonl", b"\0" * 1_000_001), compress_type=zipfile.ZIP_DEFLATED)
        assert len(bomb) < 2_000
        assert refused(alice, bomb) == "too_large_unpacked"

    def test_that_say_less_than_they_unpack_to(self, alice):
        honest = rebuilt({"events.jsonl": b"\0" * 100_000})
        lying = honest.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
        assert lying != honest
        assert refused(alice, lying) in {"no_archive", "does_not_match"}

    def test_that_are_larger_than_may_be_uploaded(self, alice):
        with pytest.raises(imports.TooLarge):
            imports.ask(user=alice, kind="archive", size_bytes=unpacking.most_bytes() + 1, now=NOON)

    @pytest.mark.parametrize(("quota", "size"), [(0, 500), (2_000, 2_500), (4_000, 4_500), (9_000, 5_000)])
    def test_are_as_large_as_ours_may_be_and_one_upload_may_bring(self, alice, settings, quota, size):
        settings.PHOTO_QUOTA_MB = quota
        assert imports.ask(user=alice, kind="archive", size_bytes=size * 1_000_000, now=NOON)
        with pytest.raises(imports.TooLarge):
            imports.ask(user=alice, kind="archive", size_bytes=size * 1_000_000 + 1, now=NOON)


WRONG = {
    "unknown field": ("batches", {"owner": "x"}, ("owner", "unknown_field")),
    "number as text": ("batches", {"sugarGrams": "80"}, ("sugarGrams", "invalid")),
    "too warm": ("batches", {"temperatureC": 46}, ("temperatureC", "max_value")),
    "no such culture": ("batches", {"culture": "beer"}, ("culture", "invalid_choice")),
    "in the future": ("batches", {"startedAt": "2999-01-01T00:00:00Z"}, ("startedAt", "in_the_future")),
    "before all time": ("batches", {"createdAt": "0001-01-01T00:00:00Z"}, ("createdAt", "out_of_range")),
    "without a zone": ("batches", {"startedAt": "2026-03-01T12:00:00"}, ("startedAt", "invalid")),
    "a name of another shape": ("batches", {"id": "../../../x"}, ("id", "invalid")),
    "a line's end in a name": ("batches", {"name": "a\nb"}, ("name", "one_line")),
    "a nought in notes": ("batches", {"notes": "a\0b"}, ("", "invalid_json")),
    "half a character": ("batches", {"notes": "\ud800"}, ("", "invalid_json")),
    "version is true": ("batches", {"version": True}, ("version", "invalid")),
    "fruits of numbers": ("batches", {"fruits": [1]}, ("fruits", "invalid")),
    "a parent elsewhere": ("batches", {"parent": "000000000000"}, ("parent", "does_not_exist")),
    "bottled before it starts": (
        "batches",
        {"bottledAt": "2025-01-01T00:00:00Z", "stage": "bottled"},
        ("", "bottled_before_start"),
    ),
    "a reminder of nothing": ("reminders", {"batch": None}, ("", "about_what")),
    "a reminder of grains elsewhere": (
        "reminders",
        {"batch": None, "grains": "00000000-0000-4000-8000-000000000000"},
        ("grains", "does_not_exist"),
    ),
    "null": ("events", {"kind": None}, ("kind", "null")),
    "in no batch of these": ("events", {"batch": "000000000000"}, ("batch", "does_not_exist")),
    "data of anything": (
        "events",
        {"kind": "note", "data": {"x": 1}, "description": "x"},
        ("data", "invalid"),
    ),
    "data of no places": (
        "events",
        {"kind": "stage_change", "data": {"from": 5, "to": []}},
        ("data", "invalid"),
    ),
    "says nothing": (
        "events",
        {"kind": "note", "description": "", "data": {}, "ph": None, "brix": None, "temperatureC": None},
        ("", "says_nothing"),
    ),
    "no identity": ("events", {"id": "x"}, ("id", "invalid")),
    "too far ahead": ("reminders", {"dueAt": "2040-01-01T00:00:00Z"}, ("dueAt", "in_the_future")),
    "priority is no number": ("reminders", {"priority": [0]}, ("priority", "invalid")),
    "quiet hours with one end": ("profile", {"quietFrom": "x"}, ("quietFrom", "invalid")),
}


class TestWrongRows:
    @pytest.mark.parametrize(("name", "values", "told"), WRONG.values(), ids=WRONG)
    def test_are_named_by_their_line(self, archive, gone, name, values, told):
        parts = members(archive)
        line = first_without_photo(parts[f"{name}.jsonl"])
        parts[f"{name}.jsonl"] = spoilt(parts[f"{name}.jsonl"], line=line, **values)
        assert (f"{name}.jsonl, line {line}", *told) in complaints(gone, rebuilt(parts))

    def test_that_lack_a_field(self, archive, gone):
        parts = members(archive)
        parts["events.jsonl"] = spoilt(parts["events.jsonl"], line=2, without="occurredAt")
        # What stands on that line has an id by chance; a photo of it is then in nobody's timeline.
        assert ("events.jsonl, line 2", "occurredAt", "required") in complaints(gone, rebuilt(parts))

    def test_of_a_kefir_that_knew_fewer_fields_are_taken_in_as_new_ones_are(self, archive, gone):
        parts = members(archive)
        for name, field in (
            ("batches", "newGrains"),
            ("events", "sign"),
            ("events", "phBy"),
            ("grains", "renewedAt"),
        ):
            rows = [json.loads(row) for row in parts[f"{name}.jsonl"].splitlines()]
            parts[f"{name}.jsonl"] = b"".join(
                json.dumps({key: value for key, value in row.items() if key != field}).encode() + b"\n"
                for row in rows
            )
        assert brought(gone, rebuilt(parts)).state == "done"
        assert not Batch.objects.of(gone).filter(new_grains=True).exists()

    def test_that_come_twice(self, archive, gone):
        parts = members(archive)
        parts["devices.jsonl"] *= 2
        assert complaints(gone, rebuilt(parts)) == [("devices.jsonl, line 2", "id", "unique")]

    def test_that_have_no_end(self, archive, gone):
        parts = members(archive)
        parts["events.jsonl"] = b'"' + b"x" * 70_000
        assert ("events.jsonl, line 1", "", "invalid_json") in complaints(gone, rebuilt(parts))

    def test_are_told_in_some_number(self, archive, gone):
        parts = members(archive)
        parts["events.jsonl"] = b"{}\n" * 100
        assert len(complaints(gone, rebuilt(parts))) == looking.MOST_COMPLAINTS
