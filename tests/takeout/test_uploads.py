"""What becomes of a file on its way in: uploaded, read, given up, taken up again, swept away."""

from datetime import timedelta

import pytest

from accounts.models import User
from events import photos
from events.models import Photo
from kefir import bucket
from takeout import imports, restoring
from takeout.models import Import
from tests.bucket.refusing import keeps
from tests.factories import NOON
from tests.takeout.archives import COUNTS, HOUR, LATER, brought
from work import actions as work
from work import queue
from work.models import Job

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


class TestUpload:
    def test_by_a_signed_address_is_read_when_it_is_there(self, archive, gone, run_jobs):
        one = imports.ask(user=gone, kind="archive", size_bytes=len(archive), now=NOON)
        with pytest.raises(imports.NotUploaded):
            imports.uploaded(brought=one, now=NOON)
        bucket.put(one.key, archive, content_type="application/zip")
        assert imports.uploaded(brought=one, now=NOON).state == "reading"
        assert imports.uploaded(brought=one, now=NOON).state == "reading"
        run_jobs()
        one.refresh_from_db()
        assert one.state == "done"

    def test_of_another_length_is_not_read(self, alice):
        one = imports.ask(user=alice, kind="archive", size_bytes=5, now=NOON)
        bucket.put(one.key, b"123456", content_type="application/zip")
        with pytest.raises(imports.NotUploaded):
            imports.uploaded(brought=one, now=NOON)

    def test_of_a_second_waits_for_the_first(self, archive, gone):
        imports.bring(user=gone, kind="archive", body=archive, filename="", now=NOON)
        with pytest.raises(imports.OneAtATime):
            imports.bring(user=gone, kind="archive", body=archive, filename="", now=NOON)

    def test_is_for_so_many_a_day(self, alice, monkeypatch):
        monkeypatch.setattr(imports, "IMPORTS_A_DAY", 1)
        imports.ask(user=alice, kind="archive", size_bytes=5, now=NOON)
        with pytest.raises(imports.EnoughForToday):
            imports.ask(user=alice, kind="archive", size_bytes=5, now=NOON + HOUR)

    def test_that_cannot_be_read_by_our_fault_is_given_up_kindly(self, archive, gone, run_jobs, monkeypatch):
        one = imports.bring(user=gone, kind="archive", body=archive, filename="", now=NOON)

        def away(key):
            raise bucket.BucketFailed("The bucket is away.")

        monkeypatch.setattr(bucket, "stream", away)
        for n in range(5):
            run_jobs(now=NOON + timedelta(days=n))
        one.refresh_from_db()
        assert (one.state, one.report["code"]) == ("refused", "failed")

    def test_is_told_so_in_ones_own_language(self, gone, run_jobs):
        User.objects.filter(pk=gone.pk).update(language="de")
        one = killing(imports.bring(user=gone, kind="table", body=b"name", filename="", now=NOON), run_jobs)
        assert "ging etwas schief" in one.report["sentence"]

    def test_that_is_gone_again_is_told_so_in_ones_own_language(self, gone):
        User.objects.filter(pk=gone.pk).update(language="de")
        one = imports.bring(user=gone, kind="table", body=b"name", filename="", now=NOON)
        bucket.delete([one.key])
        imports.carry_on(import_id=one.pk, now=NOON)
        one.refresh_from_db()
        assert one.report["sentence"].startswith("Die Datei ist nicht angekommen")

    def test_that_kills_its_worker_each_time_is_given_up_too(self, archive, gone, run_jobs):
        one = imports.bring(user=gone, kind="archive", body=archive, filename="", now=NOON)
        one = killing(one, run_jobs)
        assert (one.state, one.report["code"]) == ("refused", "failed")
        again = imports.bring(user=gone, kind="archive", body=archive, filename="", now=NOON)
        assert again.state == "reading"

    def test_that_was_given_up_is_taken_in_when_staff_replay_it(self, archive, gone, run_jobs):
        one = imports.bring(user=gone, kind="archive", body=archive, filename="", now=NOON)
        killing(one, run_jobs)
        work.replay(job=Job.objects.dead().get(), now=NOON + 9 * HOUR)
        run_jobs(now=NOON + 9 * HOUR)
        one.refresh_from_db()
        assert (one.state, one.report["added"]["batches"]) == ("done", COUNTS["batches"])

    def test_replayed_waits_for_another_one(self, archive, gone, run_jobs):
        killing(imports.bring(user=gone, kind="archive", body=archive, filename="", now=NOON), run_jobs)
        imports.bring(user=gone, kind="table", body=b"name", filename="", now=NOON + DAY)
        work.replay(job=Job.objects.dead().get(), now=NOON)
        [tried] = run_jobs(now=NOON + 9 * HOUR)
        assert (tried.outcome, tried.error) == ("retry", "Another file of theirs is being taken in.")


class TestTwoWorkers:
    def test_of_whom_one_lost_its_lease_refuse_nothing_that_was_taken_in(
        self, archive, gone, django_capture_on_commit_callbacks
    ):
        slow = imports.bring(user=gone, kind="archive", body=archive, filename="", now=LATER)
        imports.carry_on(import_id=slow.pk, now=LATER)
        with django_capture_on_commit_callbacks(execute=True):
            imports.refuse(brought=slow, refusal=imports.NotUploaded(), now=LATER)
        assert Import.objects.get().state == "done"
        assert bucket.head(Photo.objects.get().original_key)

    def test_leave_no_picture_of_what_was_deleted_meanwhile(self, archive, gone, monkeypatch):
        one = imports.bring(user=gone, kind="archive", body=archive, filename="", now=LATER)
        bring = restoring.bring_pictures

        def bring_and_see_it_go(*args, **context):
            bring(*args, **context)
            Import.objects.all().delete()

        monkeypatch.setattr(restoring, "bring_pictures", bring_and_see_it_go)
        imports.carry_on(import_id=one.pk, now=LATER)
        assert not Photo.objects.exists()
        assert list(bucket.list_keys(f"originals/{gone.pk}/")) == []


def killing(one: Import, run_jobs) -> Import:
    """Every worker that takes it up dies of it."""
    for hours in range(5):
        assert queue.claim(now=NOON + hours * HOUR).kind == "import"
    assert [tried.outcome for tried in run_jobs(now=NOON + 6 * HOUR)] == ["dead"]
    one.refresh_from_db()
    return one


class TestSweep:
    def test_takes_the_file_away_after_two_days(self, archive, gone):
        one = brought(gone, archive)
        imports.sweep(now=LATER + timedelta(days=2))
        assert bucket.head(one.key) is None
        assert not Import.objects.exists()

    def test_takes_away_pictures_of_a_try_that_came_to_nothing(self, archive, gone):
        one = brought(gone, archive)
        photo = Photo.objects.get()
        left = f"{photo.original_key[:-1]}{'0' if photo.original_key[-1] != '0' else '1'}"
        bucket.put(left, b"x", content_type="image/jpeg")
        imports.sweep(now=LATER + timedelta(days=2))
        assert list(bucket.list_keys(f"originals/{gone.pk}/")) == [photo.original_key]
        assert one.pk.hex in photo.original_key

    def test_keeps_the_row_of_what_the_bucket_keeps(self, archive, gone, bob, monkeypatch):
        kept, _other = brought(gone, archive), brought(bob, archive)
        keeps(monkeypatch, kept.key)
        with pytest.raises(bucket.BucketFailed):
            imports.sweep(now=LATER + timedelta(days=2))
        assert list(Import.objects.all()) == [kept]

    def test_leaves_pictures_of_photos_that_may_still_come_back(self, archive, gone):
        brought(gone, archive)
        photo = Photo.objects.get()
        photos.remove(photo=photo, now=LATER, objects_go_at=LATER + timedelta(days=9))
        imports.sweep(now=LATER + timedelta(days=2))
        assert bucket.head(photo.original_key)

    def test_leaves_alone_what_somebody_may_be_at(self, archive, gone):
        one = imports.bring(user=gone, kind="archive", body=archive, filename="", now=LATER)
        imports.sweep(now=LATER + timedelta(days=2))
        assert Import.objects.filter(pk=one.pk).exists()
        imports.sweep(now=LATER + timedelta(days=3))
        assert not Import.objects.exists()
