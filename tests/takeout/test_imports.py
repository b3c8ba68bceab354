"""An archive comes back as it went, all or nothing; and what was made to do harm does none."""

import io
import json
import zipfile
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from accounts import actions as accounts
from accounts.models import User
from batches import actions as batches
from batches import grains
from batches.models import Batch
from events import originals
from events.models import Event, Photo
from hooks import actions as hooks
from kefir import bucket
from reminders import bounds
from reminders import grains as care
from reminders.models import Reminder
from takeout import imports, looking, restoring, unpacking
from takeout.models import Import
from tests.events import album
from tests.factories import NOON, make_batch, make_reminder, make_user
from tests.hooks.factories import make_endpoint
from tests.rows import everything
from tests.takeout.archives import COUNTS, LATER, brought, fill, lines, manifest_of, members, packed, rebuilt

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


class TestRoundTrip:
    def test_gives_the_same_bytes(self, archive, gone):
        one = brought(gone, archive)
        assert (one.state, one.report) == ("done", {"added": COUNTS | {"profile": 0}})
        assert packed(gone) == archive

    def test_by_the_job_too(self, archive, gone, run_jobs):
        imports.bring(user=gone, kind="archive", body=archive, filename="kefir.zip", now=NOON)
        assert {one.outcome for one in run_jobs()} == {"done"}
        assert packed(gone) == archive

    def test_brings_back_what_grains_asked_for(self, alice, run_jobs):
        User.objects.update(date_joined=NOON)
        kept = grains.rest(grains=grains.keep(owner=alice, now=NOON, name="Granny's"), now=NOON)
        care.plan(grains_id=kept.pk, now=NOON)
        archive = packed(alice)
        accounts.erase(user=alice)
        again = make_user("alice@example.com")
        assert brought(again, archive).report["added"]["reminders"] == 1
        run_jobs()
        back = Reminder.objects.get()
        assert (back.grains.name, back.batch, back.kind) == ("Granny's", None, "grains_rest")

    def test_teaches_at_once_what_its_batches_teach(self, alice, run_jobs):
        User.objects.update(date_joined=NOON)
        begun = NOON - timedelta(days=5)
        jar = make_batch(owner=alice, now=begun, temperature_c=22)
        batches.move(batch=jar, now=begun + 40 * HOUR, stage="bottled")
        archive = packed(alice)
        accounts.erase(user=alice)
        again = make_user("alice@example.com")
        brought(again, archive)
        run_jobs()
        assert [past.reference_hours for past in make_batch(owner=again).facts().history] == [40]

    def test_twice_adds_nothing_twice(self, archive, gone):
        brought(gone, archive)
        before = everything()
        assert brought(gone, archive).report["added"] == dict.fromkeys(restoring.WRITERS, 0)
        assert everything() == before

    def test_brings_back_what_was_thrown_away_and_leaves_what_has_changed(self, archive, alice):
        alice.batches.filter(name="Child").delete()
        alice.batches.filter(name="Put away").update(name="Mine now")
        assert brought(alice, archive).report["added"]["batches"] == 1
        assert set(alice.batches.values_list("name", flat=True)) == {"Figs & lemon 🫙", "Child", "Mine now"}

    def test_for_somebody_else_gives_new_names_throughout(self, archive, alice, bob):
        one = brought(bob, archive)
        assert one.report["added"] == COUNTS | {"profile": 0, "devices": 1}
        assert not set(bob.batches.values_list("pk")) & set(alice.batches.values_list("pk"))
        child = bob.batches.get(name="Child")
        assert child.parent == bob.batches.get(name="Figs & lemon 🫙")
        assert (child.events.count(), child.reminders.count()) == (2, 3)
        again = brought(bob, archive).report["added"]
        assert not any(again.values())

    def test_takes_the_settings_over_only_into_an_account_without_batches(self, archive, gone, bob):
        make_batch(owner=bob)
        brought(bob, archive)
        brought(gone, archive)
        bob.refresh_from_db()
        gone.refresh_from_db()
        assert (bob.name, bob.timezone, bob.email) == ("", "UTC", "bob@example.com")
        assert (gone.name, gone.timezone) == ("Alice", "Europe/Berlin")

    def test_gives_nobody_any_power(self, archive, alice, bob):
        parts = members(archive)
        parts["profile.jsonl"] = spoilt(parts["profile.jsonl"], isStaff=True)
        assert refused(bob, rebuilt(parts)) == "wrong_rows"
        bob.refresh_from_db()
        assert not bob.is_staff

    def test_does_not_tell_of_what_fell_due_long_ago(self, archive, gone):
        late = NOON + timedelta(days=700)
        one = imports.bring(user=gone, kind="archive", body=archive, filename="", now=late)
        imports.carry_on(import_id=one.pk, now=late)
        assert set(Reminder.objects.of(gone).values_list("status", flat=True)) == {"skipped", "done"}


class TestWebhooks:
    def test_leave_their_secrets_behind(self, archive, alice):
        for endpoint in alice.webhooks.all():
            assert endpoint.secret.encode() not in b"".join(members(archive).values())

    def test_call_nobody_until_their_owner_switches_them_on(self, archive, alice, gone):
        brought(gone, archive)
        gone.refresh_from_db()
        assert (gone.has_webhooks, gone.webhooks.live().count()) == (True, 0)
        one = hooks.edit(endpoint=gone.webhooks.get(kinds=["event.recorded"]), now=NOON, is_on=True)
        assert (one.is_on, one.url) == (True, "https://example.org/two")

    def test_that_are_there_already_stay_as_they_are(self, archive, alice):
        before = list(alice.webhooks.order_by("pk").values())
        assert brought(alice, archive).report["added"]["webhooks"] == 0
        assert list(alice.webhooks.order_by("pk").values()) == before

    def test_of_another_name_and_the_same_address_come_no_second_time(self, archive, gone):
        make_endpoint(owner=gone, url="https://example.org/two")
        assert brought(gone, archive).report["added"]["webhooks"] == 1

    def test_come_only_as_far_as_there_is_room(self, archive, gone):
        for n in range(hooks.MOST_ENDPOINTS - 1):
            make_endpoint(owner=gone, url=f"https://n{n}.example.org/")
        assert brought(gone, archive).report["added"]["webhooks"] == 1
        assert gone.webhooks.count() == hooks.MOST_ENDPOINTS

    def test_to_where_nobody_may_call_stay_off(self, archive, bob):
        parts = members(archive)
        parts["webhooks.jsonl"] = spoilt(parts["webhooks.jsonl"], url="https://127.0.0.1/")
        brought(bob, rebuilt(parts))
        with pytest.raises(ValidationError):
            hooks.edit(endpoint=bob.webhooks.get(url="https://127.0.0.1/"), now=NOON, is_on=True)
        assert not bob.webhooks.live().exists()

    def test_are_in_no_older_archive(self, archive, gone):
        parts = {name: body for name, body in members(archive).items() if name != "webhooks.jsonl"}
        assert brought(gone, rebuilt(parts)).report["added"]["webhooks"] == 0


class TestPhotos:
    def test_come_back_with_their_pictures(self, archive, gone, run_jobs):
        brought(gone, archive)
        photo = Photo.objects.get(batch__in=gone.batches.all())
        assert (photo.caption, photo.is_cover) == ("A fig", True)
        assert bucket.read(photo.original_key) == members(archive)[f"photos/{photo.pk}.jpg"]
        run_jobs()
        photo.refresh_from_db()
        assert photo.copied_at
        assert bucket.head(photo.thumbnail_key)

    def test_that_are_old_are_stored_from_now_on(self, archive, gone, run_jobs):
        """The bucket counts from the import: nobody is warned before, and everybody is in time."""
        parts, long_ago = members(archive), "2024-04-01T12:00:00Z"
        parts["photos.jsonl"] = spoilt(parts["photos.jsonl"], confirmedAt=long_ago)
        assert brought(gone, rebuilt(parts)).report["added"]["photos"] == 1
        mail.outbox.clear()
        for days, mails in ((0, 0), (334, 0), (335, 1)):
            originals.look_ahead(now=LATER + timedelta(days=days))
            run_jobs(now=LATER + timedelta(days=days))
            assert len([one for one in mail.outbox if "as you took it" in one.subject]) == mails

    def test_whose_original_is_gone_go_as_what_is_shown_of_them(self, alice, run_jobs):
        fill(alice)
        run_jobs()
        photo = Photo.objects.get()
        bucket.delete([photo.original_key])
        [line] = lines(packed(alice), "photos")
        assert line["contentType"] == "image/webp"
        assert members(packed(alice))[f"photos/{photo.pk}.webp"] == bucket.read(photo.web_key)

    def test_that_are_nowhere_are_left_out(self, alice):
        fill(alice)
        bucket.delete([Photo.objects.get().original_key])
        assert lines(packed(alice), "photos") == []

    @pytest.mark.parametrize(
        ("picture", "code"),
        [
            (b"<svg onload=alert(1)>", "not_a_picture"),
            (album.picture("PNG"), "other_kind"),
            (album.picture("JPEG")[:20], "not_a_picture"),
        ],
    )
    def test_that_no_upload_would_be_are_refused(self, archive, gone, picture, code):
        parts = members(archive)
        [name] = [name for name in parts if name.startswith("photos/")]
        parts[name] = picture
        parts["photos.jsonl"] = spoilt(parts["photos.jsonl"], sizeBytes=len(picture))
        assert complaints(gone, rebuilt(parts)) == [("photos.jsonl, line 1", "", code)]
        assert not list(bucket.list_keys(f"originals/{gone.pk}/"))

    def test_without_a_picture_are_refused(self, archive, gone):
        parts = {name: body for name, body in members(archive).items() if not name.startswith("photos/")}
        assert complaints(gone, rebuilt(parts)) == [("photos.jsonl, line 1", "", "no_picture")]

    def test_that_nobody_speaks_of_are_refused(self, archive, gone):
        parts = members(archive)
        parts[f"photos/{uuid4()}.jpg"] = b"anything"
        assert refused(gone, rebuilt(parts)) == "strange_file"

    def test_are_refused_where_there_is_no_room(self, archive, gone, settings):
        settings.PHOTO_QUOTA_MB = 0
        assert refused(gone, archive) == "photo_quota"


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


def test_the_archive_of_these_tests_is_whole(archive, alice):
    assert manifest_of(archive)["counts"]["batches"] == Batch.objects.of(alice).count()
    assert {UUID(one["id"]) for one in lines(archive, "events")} == set(
        Event.objects.values_list("pk", flat=True)
    )
