"""From asking for a place to what is left when a photo is gone: verbs and the objects behind the rows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions as accounts
from batches import actions as batches
from events import actions, copies, photos
from events.kinds import Kind
from events.models import DiscardedObject, Event, Photo
from events.pictures import MOST_BYTES
from kefir import bucket
from tests.bucket.refusing import keeps
from tests.events import album
from tests.events.album import TYPES, ask, in_bucket, make_copied, make_photo, picture, uploaded
from tests.factories import NOON, make_batch, make_user
from work.models import Job

DAY = timedelta(days=1)


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice)


def cleaned(*, now=None):
    """What the next minutes do; by now no signed address can write any more."""
    DiscardedObject.objects.update(due_at=NOON)
    while photos.throw_away(now=now or timezone.now()):
        pass


class TestAsking:
    def test_makes_room_for_a_photo_that_is_yet_to_come(self, jar):
        photo = ask(jar, picture())
        assert (photo.state, photo.event, photo.caption) == ("pending", None, "")
        assert not Event.objects.exists()

    def test_names_keys_that_nobody_guesses_below_their_owners(self, jar, alice):
        keys = [key for photo in (ask(jar, picture()), ask(jar, picture())) for key in keys_of(photo)]
        assert len(set(keys)) == 6
        assert all(f"/{alice.pk}/" in key for key in keys)

    @pytest.mark.parametrize("size", [0, -1, MOST_BYTES + 1])
    def test_refuses_what_is_empty_or_too_large(self, jar, size):
        with pytest.raises(photos.ValidationError) as refusal:
            photos.ask(batch=jar, now=NOON, content_type="image/jpeg", size_bytes=size)
        assert set(refusal.value.error_dict) == {"size_bytes"}

    def test_takes_ten_megabytes(self, jar):
        assert photos.ask(batch=jar, now=NOON, content_type="image/jpeg", size_bytes=MOST_BYTES).pk

    @pytest.mark.parametrize("kind", ["image/gif", "image/svg+xml", "image/*", "text/html", "", "IMAGE/JPEG"])
    def test_refuses_other_kinds(self, jar, kind):
        with pytest.raises(photos.ValidationError) as refusal:
            photos.ask(batch=jar, now=NOON, content_type=kind, size_bytes=9)
        assert set(refusal.value.error_dict) == {"content_type"}

    def test_refuses_what_is_beyond_the_quota(self, jar, alice, settings):
        settings.PHOTO_QUOTA_MB = 1
        photos.ask(batch=jar, now=NOON, content_type="image/jpeg", size_bytes=600_000)
        with pytest.raises(photos.NoRoom):
            photos.ask(batch=make_batch(owner=alice), now=NOON, content_type="image/jpeg", size_bytes=400_001)
        assert photos.ask(batch=jar, now=NOON, content_type="image/jpeg", size_bytes=400_000)

    def test_counts_nobody_elses(self, jar, bob, settings):
        settings.PHOTO_QUOTA_MB = 1
        photos.ask(batch=jar, now=NOON, content_type="image/jpeg", size_bytes=1_000_000)
        assert ask(make_batch(owner=bob), picture())

    def test_refuses_more_than_fifty_that_never_came(self, jar):
        for _ in range(photos.MOST_PENDING):
            ask(jar, picture())
        with pytest.raises(photos.TooManyPending):
            ask(jar, picture())

    def test_refuses_for_a_batch_that_is_put_away(self, jar):
        with pytest.raises(batches.BatchIsArchived):
            ask(batches.archive(batch=jar, now=NOON), picture())


def keys_of(photo):
    return [photo.incoming_key, photo.web_key, photo.thumbnail_key]


class TestConfirming:
    @pytest.mark.parametrize("kind", TYPES)
    def test_puts_it_on_the_timeline(self, jar, kind):
        photo, is_new = photos.confirm(
            photo=uploaded(jar, picture(kind), content_type=TYPES[kind]), now=NOON, caption="Foam"
        )
        assert is_new
        assert (photo.state, photo.width, photo.height, photo.caption) == ("ready", 64, 48, "Foam")
        event = jar.events.get()
        assert (event.kind, event.description, event.occurred_at) == (Kind.PHOTO, "Foam", NOON)

    def test_twice_is_one_photo(self, jar):
        asked = uploaded(jar, picture())
        first, second = (photos.confirm(photo=asked, now=NOON) for _ in range(2))
        assert (first[0], first[1], second[1]) == (second[0], True, False)
        assert jar.events.count() == Job.objects.filter(kind="photo_copies").count() == 1

    def test_before_it_is_uploaded_can_be_tried_again(self, jar):
        photo = ask(jar, picture())
        with pytest.raises(photos.NotUploaded):
            photos.confirm(photo=photo, now=NOON)
        album.upload(photo, picture())
        assert photos.confirm(photo=photo, now=NOON)[1]

    @pytest.mark.parametrize(
        ("said", "came"), [("image/png", "JPEG"), ("image/jpeg", "PNG"), ("image/avif", "HEIF")]
    )
    def test_refuses_another_kind_than_was_signed(self, jar, said, came):
        with pytest.raises(photos.OtherKind):
            photos.confirm(photo=uploaded(jar, picture(came), content_type=said), now=NOON)

    @pytest.mark.parametrize("body", [b"GIF89a" + b"\0" * 99, b"<svg/>", b"%PDF-1.7", b"%!PS-Adobe-3.0 EPSF"])
    def test_refuses_what_is_no_picture(self, jar, body):
        with pytest.raises(photos.NotAPicture):
            photos.confirm(photo=uploaded(jar, body, content_type="image/png"), now=NOON)

    def test_refuses_a_bomb_without_unpacking_it(self, jar):
        bomb = picture("PNG", (10_000, 10_000), mode="1", colour=0)
        with pytest.raises(photos.TooManyPixels):
            photos.confirm(photo=uploaded(jar, bomb, content_type="image/png"), now=NOON)

    def test_refuses_what_is_not_as_long_as_was_signed(self, jar):
        """The signature holds clients to it; whoever else writes there is held to it too."""
        photo = ask(jar, picture())
        bucket.put(photo.incoming_key, picture() + b"\0", content_type="image/jpeg")
        with pytest.raises(photos.WrongSize):
            photos.confirm(photo=photo, now=NOON)

    def test_leaves_no_trace_of_a_refusal_but_the_refusal(self, jar):
        photo = uploaded(jar, b"Bubbles")
        with pytest.raises(photos.NotAPicture):
            photos.confirm(photo=photo, now=NOON)
        photos.refuse(photo=photo, now=NOON)
        assert not Event.objects.exists()
        with pytest.raises(photos.WasRefused):
            photos.confirm(photo=photo, now=NOON)

    def test_stands_where_it_was_taken(self, jar):
        earlier = NOON - timedelta(hours=3)
        photo = make_photo(batch=jar, body=picture(exif=album.exif(taken="2026:03:01 09:00:00")))
        assert photo.taken_at == photo.event.occurred_at == earlier

    def test_believes_its_keeper_first(self, jar):
        taken = NOON - timedelta(hours=1)
        photo = make_photo(
            batch=jar, taken_at=taken, body=picture(exif=album.exif(taken="2026:03:01 09:00:00"))
        )
        assert photo.taken_at == taken

    @pytest.mark.parametrize("taken", ["2019:05:01 12:00:00", "2031:05:01 12:00:00"])
    def test_stands_at_now_when_that_was_long_ago_or_cannot_be(self, jar, taken):
        photo = make_photo(batch=jar, body=picture(exif=album.exif(taken=taken)))
        assert photo.event.occurred_at == NOON
        assert (photo.taken_at is None) is taken.startswith("2031")

    def test_refuses_a_time_in_the_future(self, jar):
        with pytest.raises(batches.NotYetHappened):
            make_photo(batch=jar, taken_at=NOON + DAY)

    def test_refuses_when_the_batch_was_put_away_meanwhile(self, jar):
        photo = uploaded(jar, picture())
        batches.archive(batch=jar, now=NOON)
        with pytest.raises(batches.BatchIsArchived):
            photos.confirm(photo=photo, now=NOON)

    def test_keeps_what_was_looked_at_whatever_is_uploaded_afterwards(self, jar):
        """The signed address still writes for a while, and what it writes is nowhere shown."""
        photo = ask(jar, picture(colour=(200, 0, 0)))
        album.upload(photo, picture(colour=(200, 0, 0)))
        address, headers = photos.upload_address(photo)
        photos.confirm(photo=photo, now=NOON)
        assert album.send("PUT", address, picture(colour=(0, 0, 200)), **headers).status == 200
        photos.confirm(photo=photo, now=NOON)
        photos.make_copies(photo_id=photo.pk, now=NOON, attempt=1)
        kept = Photo.objects.get()
        for key in (kept.original_key, kept.web_key, kept.thumbnail_key):
            assert album.shown(key).convert("RGB").getpixel((9, 9))[0] > 150

    def test_takes_nothing_that_changes_while_it_is_copied(self, jar, monkeypatch):
        photo = uploaded(jar, picture())
        head = bucket.head

        def changed_meanwhile(key):
            stored = head(key)
            bucket.put(key, picture(colour=(0, 0, 200)), content_type="image/jpeg")
            return stored

        monkeypatch.setattr(bucket, "head", changed_meanwhile)
        try:
            kept, _ = photos.confirm(photo=photo, now=NOON)
        except photos.NotUploaded:
            return
        # A store that copies without a condition: what was looked at is the copy, so it is right all the same.
        assert bucket.read(kept.original_key) == picture(colour=(0, 0, 200))


class TestCopies:
    def test_are_made_by_a_job(self, jar):
        photo = make_copied(batch=jar, body=picture(size=(3000, 1000)))
        assert (album.shown(photo.web_key).size, album.shown(photo.thumbnail_key).size) == (
            (2048, 683),
            (480, 160),
        )
        assert photo.copied_at == NOON

    def test_made_twice_are_made_once(self, jar, monkeypatch):
        photo = make_copied(batch=jar)
        monkeypatch.setattr(copies, "made_of", None)
        photos.make_copies(photo_id=photo.pk, now=NOON + DAY, attempt=2)
        assert Photo.objects.get().copied_at == NOON

    def test_of_what_cannot_be_unpacked_are_none_and_the_timeline_says_so(self, jar):
        half = picture("PNG", (600, 600), exif=album.exif())[:-40]
        photo = make_photo(batch=jar, body=half, caption="Foam")
        photos.make_copies(photo_id=photo.pk, now=NOON, attempt=1)
        event = jar.events.get()
        assert (event.data, event.description, event.photo.state) == ({"refused": True}, "Foam", "refused")
        cleaned()
        assert in_bucket(jar.owner) == set()

    def test_are_given_up_when_the_picture_breaks_the_darkroom_each_time(self, jar, monkeypatch):
        def breaks(body):
            raise copies.DarkroomBroke("It ended with -9.")

        photo = make_photo(batch=jar)
        monkeypatch.setattr(copies, "made_of", breaks)
        for attempt in (1, 2):
            with pytest.raises(copies.DarkroomBroke):
                photos.make_copies(photo_id=photo.pk, now=NOON, attempt=attempt)
        assert Photo.objects.ready().exists()
        photos.make_copies(photo_id=photo.pk, now=NOON, attempt=photos.DARKROOM_TRIES)
        assert not Photo.objects.ready().exists()

    def test_of_a_photo_that_is_removed_meanwhile_are_not_left_behind(self, jar, monkeypatch):
        photo = make_photo(batch=jar)
        made_of = copies.made_of

        def removed_meanwhile(body):
            photos.remove(photo=photo, now=NOON)
            cleaned()
            return made_of(body)

        monkeypatch.setattr(copies, "made_of", removed_meanwhile)
        photos.make_copies(photo_id=photo.pk, now=NOON, attempt=1)
        assert in_bucket(jar.owner) == set()

    def test_of_a_photo_that_is_removed_while_they_are_put_there_go_again(self, jar, monkeypatch):
        photo = make_photo(batch=jar)
        put = bucket.put

        def removed_meanwhile(key, body, **how):
            photos.remove(photo=photo, now=NOON)
            photos.throw_away(now=timezone.now())
            put(key, body, **how)

        monkeypatch.setattr(bucket, "put", removed_meanwhile)
        photos.make_copies(photo_id=photo.pk, now=timezone.now(), attempt=1)
        assert in_bucket(jar.owner) == {photo.web_key, photo.thumbnail_key}
        cleaned()
        assert in_bucket(jar.owner) == set()

    def test_that_took_so_long_that_they_were_thrown_away_are_made_once_more(self, jar, monkeypatch):
        photo, keep = make_photo(batch=jar), photos.keep_copies

        def late(**how):
            cleaned()
            keep(**how)

        monkeypatch.setattr(photos, "keep_copies", late)
        with pytest.raises(photos.CopiesAreGone):
            photos.make_copies(photo_id=photo.pk, now=NOON, attempt=1)
        monkeypatch.undo()
        photos.make_copies(photo_id=photo.pk, now=NOON, attempt=2)
        cleaned()
        assert {photo.web_key, photo.thumbnail_key} <= in_bucket(jar.owner)

    def test_that_another_made_meanwhile_stay(self, jar, monkeypatch):
        """A lease that ran out: two are at it, and the slower one writes the same once more."""
        photo, made_of = make_photo(batch=jar), copies.made_of

        def sooner(body):
            monkeypatch.setattr(copies, "made_of", made_of)
            photos.make_copies(photo_id=photo.pk, now=NOON, attempt=2)
            return made_of(body)

        monkeypatch.setattr(copies, "made_of", sooner)
        photos.make_copies(photo_id=photo.pk, now=NOON, attempt=1)
        cleaned()
        assert {photo.web_key, photo.thumbnail_key} <= in_bucket(jar.owner)


class TestObjects:
    """Bucket minus rows is nothing, once the next minute has passed."""

    def test_that_are_kept_are_those_a_row_names(self, jar, alice):
        photo = make_copied(batch=jar)
        cleaned()
        assert in_bucket(alice) == {photo.original_key, photo.web_key, photo.thumbnail_key}

    def test_go_with_the_photo(self, jar, alice):
        photos.remove(photo=make_copied(batch=jar), now=NOON)
        cleaned()
        assert not jar.events.exists()
        assert in_bucket(alice) == set()

    def test_go_with_the_line_of_the_timeline(self, jar, alice):
        actions.withdraw(event=make_copied(batch=jar).event, now=NOON)
        cleaned()
        assert not Photo.objects.exists()
        assert in_bucket(alice) == set()

    def test_go_with_the_batch(self, jar, alice):
        make_copied(batch=jar)
        uploaded(jar, picture())
        jar.delete()
        cleaned()
        assert in_bucket(alice) == set()

    def test_go_with_the_account(self, jar, alice):
        make_copied(batch=jar)
        make_photo(batch=jar)
        accounts.erase(user=alice)
        cleaned()
        assert in_bucket(alice) == set()
        assert not DiscardedObject.objects.exists()

    def test_go_when_a_photo_never_came_onto_the_timeline(self, jar, alice):
        uploaded(jar, picture())
        assert photos.sweep(now=NOON + DAY) == 0
        assert photos.sweep(now=NOON + DAY + timedelta(seconds=1)) == 1
        cleaned()
        assert in_bucket(alice) == set()

    def test_of_anothers_stay(self, jar, bob):
        theirs = make_copied(batch=make_batch(owner=bob))
        accounts.erase(user=jar.owner)
        cleaned()
        assert {theirs.original_key, theirs.web_key} <= in_bucket(bob)

    def test_stay_while_the_bucket_is_away_and_go_when_it_is_back(self, jar, alice, monkeypatch):
        photos.remove(photo=make_copied(batch=jar), now=NOON)
        delete = bucket.delete_each
        monkeypatch.setattr(bucket, "delete_each", away)
        with pytest.raises(bucket.BucketFailed):
            cleaned()
        monkeypatch.setattr(bucket, "delete_each", delete)
        cleaned()
        assert in_bucket(alice) == set()

    def test_that_a_signed_address_may_still_write_wait_until_it_has_run_out(self, jar):
        now = timezone.now()
        photo = make_photo(batch=jar, now=now)
        waiting = DiscardedObject.objects.get()
        assert waiting.key.startswith("incoming/")
        assert waiting.due_at == photo.created_at + timedelta(minutes=15) > now + photos.UPLOAD_WITHIN

    def test_are_thrown_away_by_the_hundred(self, jar, django_assert_num_queries):
        DiscardedObject.objects.bulk_create(
            DiscardedObject(key=f"copies/x/{n}", due_at=NOON) for n in range(450)
        )
        with django_assert_num_queries(4):
            assert photos.throw_away(now=NOON) == photos.THROWN_AWAY_AT_ONCE
        assert DiscardedObject.objects.count() == 250

    def test_that_the_bucket_keeps_hold_up_no_others_and_are_asked_for_each_hour(
        self, jar, alice, monkeypatch
    ):
        photo = make_copied(batch=jar)
        photos.remove(photo=photo, now=NOON)
        DiscardedObject.objects.update(due_at=NOON)
        keeps(monkeypatch, photo.original_key)
        assert photos.throw_away(now=NOON) == 4
        assert in_bucket(alice) == {photo.original_key}
        assert photos.throw_away(now=NOON + timedelta(minutes=59)) == 0
        assert photos.throw_away(now=NOON + timedelta(hours=1)) == 1

    def test_are_deleted_by_a_job_that_there_is_only_when_there_are_some(self, jar, alice, run_jobs):
        photos.have_thrown_away(now=NOON)
        assert not Job.objects.filter(kind="throw_away").exists()
        photos.remove(photo=make_copied(batch=jar), now=NOON)
        DiscardedObject.objects.update(due_at=NOON)
        photos.have_thrown_away(now=NOON)
        assert ("throw_away", "all", "done", "") in run_jobs(now=NOON)
        assert in_bucket(alice) == set()


def away(*_, **__):
    raise bucket.BucketFailed("The bucket does not answer.")


class TestEditing:
    def test_changes_the_words_of_its_line(self, jar):
        photos.edit(photo=make_photo(batch=jar), now=NOON, caption="Foam, much")
        assert jar.events.get().description == "Foam, much"

    def test_puts_one_on_the_cover_and_the_other_off_it(self, jar):
        first, second = make_photo(batch=jar), make_photo(batch=jar)
        for photo in (first, second):
            photos.edit(photo=photo, now=NOON, is_cover=True)
        assert list(Photo.objects.filter(is_cover=True)) == [second]
        photos.edit(photo=second, now=NOON, is_cover=False)
        assert not Photo.objects.filter(is_cover=True).exists()

    def test_is_refused_when_the_batch_is_put_away(self, jar):
        photo = make_photo(batch=jar)
        batches.archive(batch=jar, now=NOON)
        with pytest.raises(batches.BatchIsArchived):
            photos.edit(photo=photo, now=NOON, caption="x")
        with pytest.raises(batches.BatchIsArchived):
            photos.remove(photo=photo, now=NOON)

    def test_goes_past_nothing_that_belongs_to_the_photo(self, jar):
        with pytest.raises(actions.BelongsToAPhoto):
            actions.correct(event=make_photo(batch=jar).event, now=NOON, description="x")

    def test_a_photo_removed_twice_is_gone(self, jar):
        photo = make_photo(batch=jar)
        photos.remove(photo=photo, now=NOON)
        photos.remove(photo=photo, now=NOON)
        assert not Photo.objects.exists()


class TestCovers:
    def test_are_the_chosen_one_or_else_the_newest(self, jar):
        first = make_copied(batch=jar)
        second = make_copied(batch=jar, now=NOON + timedelta(minutes=1))
        assert list(Photo.objects.cover_first()) == [second, first]
        photos.edit(photo=first, now=NOON, is_cover=True)
        [kept] = type(jar).objects.of(jar.owner).with_cover()
        assert kept.covers == [first]

    def test_wait_for_their_copies(self, jar):
        make_photo(batch=jar)
        [kept] = type(jar).objects.of(jar.owner).with_cover()
        assert kept.covers == []


class TestOffice:
    def test_removes_a_photo_with_its_objects(self, jar, alice, client):
        client.force_login(make_user("staff@example.com", is_staff=True, is_superuser=True))
        photo = make_copied(batch=jar)
        told = {"action": "remove", "_selected_action": [str(photo.pk)]}
        assert client.post("/admin/events/photo/", told).status_code == 302
        cleaned()
        assert not jar.events.exists()
        assert in_bucket(alice) == set()
