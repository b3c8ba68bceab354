"""Photos on the pages: the album, one photo, the timeline, cards, and what strangers see."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from batches import actions as batches
from events import photos
from events.models import Photo
from kefir import bucket
from tests.events import album
from tests.events.album import hang_up, make_copied, make_photo, picture
from tests.factories import make_batch
from tests.rows import rows_of


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, now=timezone.now(), name="Figs")


def text(answer):
    return answer.content.decode()


class TestBatchPage:
    def test_shows_photos_and_where_to_add_more(self, page, jar):
        photo = make_copied(batch=jar, now=timezone.now(), caption="Foam <b>")
        seen = text(page.get(f"/batches/{jar.pk}"))
        assert photo.thumbnail_key in seen
        assert 'alt="Foam &lt;b&gt;"' in seen
        assert f'data-photos="{jar.pk}"' in seen
        assert "<noscript>" in seen

    def test_waits_for_copies_and_asks_again(self, page, jar):
        make_photo(batch=jar, now=timezone.now())
        assert 'hx-trigger="load delay:2s"' in text(page.get(f"/batches/{jar.pk}"))

    def test_asks_no_more_when_they_are_late(self, page, jar):
        make_photo(batch=jar, now=timezone.now())
        Photo.objects.update(confirmed_at=timezone.now() - timedelta(minutes=4))
        seen = text(page.get(f"/batches/{jar.pk}"))
        assert "Being developed" in seen
        assert "load delay" not in seen

    def test_says_on_the_timeline_what_was_no_picture(self, page, jar):
        photo = make_photo(batch=jar, now=timezone.now(), caption="Foam")
        photos.refuse(photo=photo, now=timezone.now())
        seen = text(page.get(f"/batches/{jar.pk}"))
        assert "could not be read as a picture" in seen
        assert "Foam" in seen

    def test_of_one_that_is_put_away_offers_no_more(self, page, jar):
        make_copied(batch=jar, now=timezone.now())
        batches.archive(batch=jar, now=timezone.now())
        seen = text(page.get(f"/batches/{jar.pk}"))
        assert "data-photos=" not in seen
        assert 'class="photo"' in seen

    def test_shows_the_newest_and_leads_to_the_rest(self, page, jar):
        hang_up(jar, 9, now=timezone.now())
        seen = text(page.get(f"/batches/{jar.pk}"))
        assert seen.count('class="photo"') == 8
        assert f'href="/batches/{jar.pk}/photos"' in seen
        assert text(page.get(f"/batches/{jar.pk}/photos")).count('class="photo"') == 9


class TestAlbum:
    def test_goes_on_to_earlier_ones(self, page, jar):
        hang_up(jar, 40, now=timezone.now())
        hang_up(jar, 22, now=timezone.now() + timedelta(hours=1))
        first = page.get(f"/batches/{jar.pk}/photos")
        last = Photo.objects.newest_first()[59]
        assert (text(first).count('class="photo"'), f"?before={last.pk}" in text(first)) == (60, True)
        assert text(page.get(f"/batches/{jar.pk}/photos?before={last.pk}")).count('class="photo"') == 2

    @pytest.mark.parametrize("before", ["x", "", "00000000-0000-4000-8000-000000000000"])
    def test_begins_anew_where_that_is_no_photo(self, page, jar, before):
        hang_up(jar, 1, now=timezone.now())
        assert 'class="photo"' in text(page.get(f"/batches/{jar.pk}/photos?before={before}"))

    def test_is_a_part_of_a_page_to_htmx(self, page, jar):
        hang_up(jar, 1, now=timezone.now())
        seen = text(page.get(f"/batches/{jar.pk}/photos", headers={"HX-Target": "photos"}))
        assert seen.strip().startswith('<div id="photos"')


class TestOnePhoto:
    def test_takes_other_words(self, page, jar):
        photo = make_copied(batch=jar, now=timezone.now())
        assert page.post(f"/photos/{photo.pk}", {"caption": "Foam"}).status_code == 302
        assert jar.events.get().description == "Foam"

    def test_keeps_what_was_typed_when_it_is_too_long(self, page, jar):
        photo = make_copied(batch=jar, now=timezone.now())
        answer = page.post(f"/photos/{photo.pk}", {"caption": "x" * 2001})
        assert answer.status_code == 422
        assert "x" * 2001 in text(answer)

    def test_goes_onto_the_cover_and_off_it(self, page, jar):
        photo = make_copied(batch=jar, now=timezone.now())
        page.post(f"/photos/{photo.pk}/cover")
        assert Photo.objects.get().is_cover
        page.post(f"/photos/{photo.pk}/cover?off")
        assert not Photo.objects.get().is_cover

    def test_asks_before_it_is_removed(self, page, jar):
        photo = make_copied(batch=jar, now=timezone.now())
        assert "take that back" in text(page.get(f"/photos/{photo.pk}/remove"))
        page.post(f"/photos/{photo.pk}/remove")
        assert not Photo.objects.exists()

    def test_is_removed_where_its_line_is_struck_out(self, page, jar):
        photo = make_copied(batch=jar, now=timezone.now())
        for answer in (page.get, page.post):
            assert answer(f"/events/{photo.event_id}/withdraw")["Location"] == f"/photos/{photo.pk}/remove"
        assert jar.events.get() == photo.event

    def test_that_was_refused_comes_back_with_its_line(self, page, jar):
        photo = make_photo(batch=jar, now=timezone.now())
        photos.refuse(photo=photo, now=timezone.now())
        before = rows_of(Photo)
        seen = page.post(f"/events/{photo.event_id}/withdraw", follow=True)
        assert not Photo.objects.exists()
        *_, toast = seen.context["messages"]
        page.post(toast.extra_tags)
        assert rows_of(Photo) == before
        assert jar.events.get() == photo.event

    def test_of_a_batch_that_is_put_away_stays_as_it_is(self, page, jar):
        photo = make_copied(batch=jar, now=timezone.now())
        batches.archive(batch=jar, now=timezone.now())
        assert "<textarea" not in text(page.get(f"/photos/{photo.pk}"))
        for address in (f"/photos/{photo.pk}/remove", f"/photos/{photo.pk}/cover"):
            assert "archived" in text(page.post(address, follow=True))
        assert Photo.objects.filter(is_cover=False).exists()

    def test_is_edited_where_its_line_is(self, page, jar):
        photo = make_copied(batch=jar, now=timezone.now())
        assert page.get(f"/events/{photo.event_id}/edit")["Location"] == f"/photos/{photo.pk}"


class TestOriginal:
    def test_is_there_to_be_saved(self, page, jar):
        body = picture()
        photo = make_photo(batch=jar, now=timezone.now(), body=body)
        answer = album.send("GET", page.get(f"/photos/{photo.pk}/original")["Location"])
        assert answer.body == body
        assert answer.headers["content-disposition"].startswith("attachment")

    def test_that_is_gone_is_missed_kindly(self, page, jar):
        """The bucket forgets originals after a while; the copy stays."""
        photo = make_copied(batch=jar, now=timezone.now())
        bucket.delete([photo.original_key])
        seen = text(page.get(f"/photos/{photo.pk}/original", follow=True))
        assert "not kept any more" in seen
        assert photo.web_key in seen

    def test_waits_while_the_bucket_is_away(self, page, jar, monkeypatch):
        photo = make_copied(batch=jar, now=timezone.now())
        monkeypatch.setattr(bucket, "head", away)
        assert "cannot be fetched" in text(page.get(f"/photos/{photo.pk}/original", follow=True))


def away(*_, **__):
    raise bucket.BucketFailed("The bucket does not answer.")


class TestCards:
    @pytest.mark.parametrize("path", ["/", "/batches/"])
    def test_show_the_cover(self, page, jar, path):
        chosen = make_copied(batch=jar, now=timezone.now())
        newer = make_copied(batch=jar, now=timezone.now() + timedelta(minutes=1))
        assert newer.thumbnail_key in text(page.get(path))
        photos.edit(photo=chosen, now=timezone.now(), is_cover=True)
        seen = text(page.get(path))
        assert chosen.thumbnail_key in seen
        assert newer.thumbnail_key not in seen


class TestPublicPage:
    def test_shows_copies_and_nothing_of_the_original(self, alice):
        jar = make_batch(owner=alice, now=timezone.now(), is_public=True)
        photo = make_copied(batch=jar, now=timezone.now(), caption="Foam")
        make_photo(batch=jar, now=timezone.now())
        seen = text(Client().get(f"/b/{jar.pk}"))
        assert photo.web_key in seen
        assert "Foam" in seen
        assert "originals/" not in seen
        assert "incoming/" not in seen
        assert str(photo.pk) not in seen
