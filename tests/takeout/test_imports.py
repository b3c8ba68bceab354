"""An archive comes back as it went, all or nothing."""

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
from reminders import grains as care
from reminders.models import Reminder
from takeout import imports, restoring
from tests.events import album
from tests.factories import NOON, make_batch, make_user
from tests.hooks.factories import make_endpoint
from tests.rows import everything
from tests.takeout.archives import (
    COUNTS,
    LATER,
    brought,
    complaints,
    fill,
    lines,
    manifest_of,
    members,
    packed,
    rebuilt,
    refused,
    spoilt,
)

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


def test_the_archive_of_these_tests_is_whole(archive, alice):
    assert manifest_of(archive)["counts"]["batches"] == Batch.objects.of(alice).count()
    assert {UUID(one["id"]) for one in lines(archive, "events")} == set(
        Event.objects.values_list("pk", flat=True)
    )
