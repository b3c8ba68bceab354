"""Photos while many ask at once, and while whoever is at them dies."""

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from batches import actions as batches
from events import photos
from events.models import DiscardedObject, Event, Photo
from kefir import bucket
from kefir.api.problems import described
from tests.accounts.test_races import at_once
from tests.api import app_of, call
from tests.events.album import ask, in_bucket, make_copied, make_photo, picture, uploaded
from tests.factories import NOON, make_batch, make_user
from tests.services import running
from tests.work.jobs import run_jobs
from work.models import Job
from work.tasks import carry_on

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def jar():
    batch = make_batch(owner=make_user(), now=timezone.now())
    Job.objects.all().delete()  # what it asks for by itself
    return batch


def outcome(act):
    try:
        return act()
    except photos.ValidationError as refusal:
        return refusal.code


class TestAtOnce:
    def test_confirmed_twelve_times_it_is_one_photo(self, jar):
        photo_id = str(uploaded(jar, picture(), now=timezone.now()).pk)

        def confirm(_):
            return call(
                app_of(jar.owner), "post", f"/batches/{jar.pk}/photos", {"photoId": photo_id}
            ).status_code

        answers = Counter(at_once(12, confirm))
        # Who waited too long for the others is told to come again.
        assert set(answers) <= {201, 200, 409}
        assert answers[201] == 1
        assert (Event.objects.count(), Job.objects.count(), Photo.objects.ready().count()) == (1, 1, 1)

    def test_no_more_are_asked_for_than_may_be_pending(self, jar):
        for _ in range(photos.MOST_PENDING - 3):
            ask(jar, picture())
        seen = at_once(10, lambda _: outcome(lambda: bool(ask(jar, picture()))))
        assert Counter(seen) == {True: 3, "too_many_pending": 7}

    def test_no_more_are_asked_for_than_there_is_room(self, jar, settings):
        settings.PHOTO_QUOTA_MB = 1
        seen = at_once(10, lambda _: outcome(lambda: bool(ask(jar, b"x" * 300_000))))
        assert Counter(seen) == {True: 3, "photo_quota": 7}
        assert Photo.objects.aggregate(sum=Sum("size_bytes"))["sum"] <= 1_000_000

    def test_one_of_many_is_the_cover(self, jar):
        hung = [make_photo(batch=jar) for _ in range(6)]
        at_once(6, lambda number: photos.edit(photo=hung[number], now=NOON, is_cover=True))
        assert Photo.objects.filter(is_cover=True).count() == 1

    def test_removed_and_withdrawn_and_confirmed_it_is_gone_or_there(self, jar):
        """Whatever comes first, nothing breaks, and nothing is left that no row names."""
        photo = uploaded(jar, picture(), now=timezone.now())
        acts = [
            lambda: photos.confirm(photo=photo, now=timezone.now())[1],
            lambda: photos.remove(
                photo=Photo.objects.filter(pk=photo.pk).select_related("batch").get(), now=NOON
            ),
        ]
        seen = at_once(2, lambda number: outcome_or_gone(acts[number]))
        assert set(seen) <= {True, None, "does_not_exist", "gone"}
        DiscardedObject.objects.update(due_at=NOON)
        throw_away()
        kept = Photo.objects.first()
        assert in_bucket(jar.owner) == ({kept.original_key} if kept else set())


def throw_away():
    while photos.throw_away(now=timezone.now()):
        pass


def outcome_or_gone(act):
    try:
        return act()
    except Photo.DoesNotExist:
        return "gone"
    except photos.ValidationError as refusal:
        return getattr(refusal, "code", "") or next(iter(refusal.error_dict.values()))[0].code


class TestKilled:
    @pytest.mark.processes
    def test_while_the_copies_are_made_they_are_made_once_more_and_come_to_one_result(self, jar):
        photo = make_photo(batch=jar, body=picture("PNG", (8000, 6000), mode="RGBA", colour=(9, 9, 9, 9)))
        with running("jobs") as run:
            carry_on.apply_async()
            wait_for(lambda: Job.objects.exclude(lease=None).exists())
            run.kill("jobs")
        assert Photo.objects.get().copied_at is None
        Job.objects.update(leased_until=timezone.now())
        [tried] = run_jobs()

        assert (tried.kind, tried.outcome) == ("photo_copies", "done")
        assert Job.objects.get().attempts == 2
        DiscardedObject.objects.update(due_at=NOON)
        throw_away()
        kept = Photo.objects.get()
        assert in_bucket(jar.owner) == {kept.original_key, kept.web_key, kept.thumbnail_key}
        assert kept.web_key == photo.web_key

    def test_between_object_and_row_the_object_is_deleted_once_more(self, jar, monkeypatch):
        photos.remove(photo=make_copied(batch=jar, now=timezone.now()), now=timezone.now())
        DiscardedObject.objects.update(due_at=NOON)
        delete = photos.bucket.delete_each

        def dies(keys):
            delete(keys)
            raise SystemExit

        monkeypatch.setattr(photos.bucket, "delete_each", dies)
        with pytest.raises(SystemExit):
            throw_away()
        assert DiscardedObject.objects.count() == 4
        monkeypatch.undo()
        throw_away()
        assert (DiscardedObject.objects.count(), in_bucket(jar.owner)) == (0, set())

    def test_between_copy_and_row_the_confirmation_is_made_again(self, jar, monkeypatch):
        photo = uploaded(jar, picture(), now=timezone.now())
        monkeypatch.setattr(photos, "put_on_timeline", dies)
        with pytest.raises(SystemExit):
            photos.confirm(photo=photo, now=timezone.now())
        monkeypatch.undo()
        assert len(in_bucket(jar.owner)) == 2
        kept, is_new = photos.confirm(photo=photo, now=timezone.now())
        DiscardedObject.objects.update(due_at=NOON)
        throw_away()
        assert (is_new, in_bucket(jar.owner)) == (True, {kept.original_key})

    def test_between_copy_and_row_for_good_it_is_swept(self, jar, monkeypatch):
        photo = uploaded(jar, picture(), now=timezone.now() - timedelta(days=2))
        monkeypatch.setattr(photos, "put_on_timeline", dies)
        with pytest.raises(SystemExit):
            photos.confirm(photo=photo, now=timezone.now())
        photos.sweep(now=timezone.now())
        DiscardedObject.objects.update(due_at=NOON)
        throw_away()
        assert in_bucket(jar.owner) == set()


def dies(*_, **__):
    raise SystemExit


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class TestASlowStore:
    """A transaction in which nothing is asked for ten seconds is ended by the database; here it waits for less."""

    @pytest.fixture
    def slow(self, monkeypatch):
        for name in ("head", "read", "put"):
            monkeypatch.setattr(bucket, name, slowly(getattr(bucket, name)))
        with connection.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = 150")
        yield
        connection.close()

    def test_confirms_all_the_same(self, jar, slow):
        photo = uploaded(jar, picture(), now=timezone.now())
        body, key = {"photoId": str(photo.pk)}, {"Idempotency-Key": "a"}
        path = f"/batches/{jar.pk}/photos"
        answers = [
            call(app_of(jar.owner), "post", path, body, headers=headers).status_code
            for headers in (key, key, {})
        ]
        assert answers == [201, 201, 200]

    def test_takes_copies_all_the_same(self, jar, slow):
        photo = make_copied(batch=jar, now=timezone.now())
        assert {photo.web_key, photo.thumbnail_key} <= in_bucket(jar.owner)

    def test_in_a_transaction_it_is_the_store_that_is_away(self, jar, slow):
        """Of whatever else would wait there."""
        with pytest.raises(DatabaseError) as ended:
            wait_in_a_transaction()
        assert described(ended.value)[0]["status"] == 503


@transaction.atomic
def wait_in_a_transaction():
    Photo.objects.count()
    bucket.head("nothing")
    Photo.objects.count()


def slowly(ask):
    def asked(*args, **how):
        time.sleep(0.3)
        return ask(*args, **how)

    return asked


def test_what_is_put_away_meanwhile_is_not_confirmed(jar):
    photo = uploaded(jar, picture(), now=timezone.now())
    seen = at_once(
        2,
        lambda number: (
            batches.archive(batch=jar, now=timezone.now())
            if number
            else outcome(lambda: photos.confirm(photo=photo, now=timezone.now())[1])
        ),
    )
    assert seen[0] in {True, "batch_archived"}
    assert Event.objects.filter(kind="photo").exists() is (seen[0] is True)
