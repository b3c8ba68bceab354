"""Uploading over the API, as the app does it: ask, PUT, confirm; and whoever tries something else."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from batches import actions as batches
from events import photos
from events.models import Photo
from kefir import bucket
from tests.api import BASE, app_of, call, reasons
from tests.bucket.http import send
from tests.events.album import SECRET, make_copied, make_photo, picture, telling
from tests.factories import make_batch

WIRE = {"id", "event", "caption", "takenAt", "width", "height", "isCover", "url", "thumbnailUrl"}


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, now=timezone.now())


def asked(api, jar, body=b"", content_type="image/jpeg", **said):
    body = body or picture()
    wanted = {"contentType": content_type, "sizeBytes": len(body), **said}
    return call(api, "post", f"/batches/{jar.pk}/photos/upload-url", wanted)


def uploaded(api, jar, body=b"", **said):
    """Asked for and put; its id."""
    body = body or picture()
    upload = asked(api, jar, body, **said).json()
    assert send("PUT", upload["uploadUrl"], body, **upload["headers"]).status == 200
    return upload["photoId"]


def confirmed(api, jar, photo_id, **said):
    return call(api, "post", f"/batches/{jar.pk}/photos", {"photoId": photo_id, **said})


class TestAsking:
    def test_answers_with_an_address_that_takes_it(self, api, jar):
        answer = asked(api, jar, filename="jar.jpg")
        assert answer.status_code == 201
        upload = answer.json()
        assert set(upload) == {"photoId", "uploadUrl", "headers", "expiresIn"}
        assert (upload["headers"], upload["expiresIn"]) == ({"Content-Type": "image/jpeg"}, 300)
        assert send("PUT", upload["uploadUrl"], picture(), **upload["headers"]).status == 200

    def test_names_the_file_nowhere_in_the_bucket(self, api, jar):
        assert (
            "jar"
            not in asked(api, jar, filename="../jar.html").json()["uploadUrl"].split("?")[0].split("/")[-1]
        )

    @pytest.mark.parametrize(
        ("body", "headers"),
        [
            (picture() + b"\0", {"Content-Type": "image/jpeg"}),
            (picture()[:-1], {"Content-Type": "image/jpeg"}),
            (picture(), {"Content-Type": "text/html"}),
            (picture(), {}),
        ],
        ids=["longer", "shorter", "other type", "no type"],
    )
    def test_lets_nothing_else_in(self, api, jar, body, headers):
        upload = asked(api, jar).json()
        assert send("PUT", upload["uploadUrl"], body, **headers).status in {400, 403}
        assert reasons(confirmed(api, jar, upload["photoId"])) == {("", "not_uploaded")}

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"contentType": "image/gif"}, "contentType"),
            ({"contentType": "image/svg+xml"}, "contentType"),
            ({"sizeBytes": 10_000_001}, "sizeBytes"),
            ({"sizeBytes": 0}, "sizeBytes"),
            ({"sizeBytes": "9"}, "sizeBytes"),
            ({"filename": "a\nb"}, "filename"),
            ({"filename": "x" * 256}, "filename"),
            ({"key": "originals/x"}, "key"),
        ],
        ids=str,
    )
    def test_refuses(self, api, jar, said, field):
        answer = call(
            api,
            "post",
            f"/batches/{jar.pk}/photos/upload-url",
            {"contentType": "image/jpeg", "sizeBytes": 9} | said,
        )
        assert answer.status_code == 400
        assert {name for name, _ in reasons(answer)} == {field}
        assert not Photo.objects.exists()

    def test_twice_with_one_key_is_one_photo(self, api, jar):
        body, key = {"contentType": "image/jpeg", "sizeBytes": 9}, {"Idempotency-Key": "a"}
        path = f"/batches/{jar.pk}/photos/upload-url"
        first, second = (call(api, "post", path, body, headers=key) for _ in range(2))
        assert first.json()["photoId"] == second.json()["photoId"]
        assert Photo.objects.count() == 1

    def test_asked_again_with_its_key_answers_with_an_address_that_is_alive(self, api, jar):
        body = {"contentType": "image/jpeg", "sizeBytes": len(picture())}
        path, key = f"/batches/{jar.pk}/photos/upload-url", {"Idempotency-Key": "a"}
        with time_machine.travel(timezone.now() - timedelta(minutes=6), tick=False):
            first = call(api, "post", path, body, headers=key).json()
        assert send("PUT", first["uploadUrl"], picture(), **first["headers"]).status in {400, 403}
        again = call(api, "post", path, body, headers=key)
        assert (again.status_code, again["Idempotent-Replayed"]) == (201, "true")
        upload = again.json()
        assert (upload["photoId"], upload["expiresIn"]) == (first["photoId"], 300)
        assert send("PUT", upload["uploadUrl"], picture(), **upload["headers"]).status == 200
        assert confirmed(api, jar, upload["photoId"]).status_code == 201
        assert call(api, "post", path, body, headers=key).json()["expiresIn"] == 0

    def test_asked_again_waits_as_long_as_if_it_were_asked_for_then(self, api, jar):
        """Or what the new address still writes would be left behind."""
        body, key = {"contentType": "image/jpeg", "sizeBytes": 9}, {"Idempotency-Key": "a"}
        path, later = f"/batches/{jar.pk}/photos/upload-url", timezone.now() + timedelta(hours=20)
        call(api, "post", path, body, headers=key)
        with time_machine.travel(later, tick=False):
            call(api, "post", path, body, headers=key)
        assert Photo.objects.get().created_at == later


class TestConfirming:
    def test_shows_it_on_the_timeline(self, api, jar):
        answer = confirmed(api, jar, uploaded(api, jar), caption="Foam")
        assert answer.status_code == 201
        photo = answer.json()
        assert set(photo) == WIRE
        assert (photo["caption"], photo["width"], photo["thumbnailUrl"]) == ("Foam", 64, None)
        [event] = call(api, "get", f"/batches/{jar.pk}/events").json()["results"]
        assert (event["kind"], event["id"], event["description"]) == ("photo", photo["event"], "Foam")

    def test_twice_is_one_photo(self, api, jar):
        photo_id = uploaded(api, jar)
        first, second = (confirmed(api, jar, photo_id) for _ in range(2))
        assert (first.status_code, second.status_code) == (201, 200)
        assert jar.events.count() == 1

    @pytest.mark.parametrize(
        ("body", "content_type", "code"),
        [
            (b"<svg onload=alert(1)>", "image/png", "not_a_picture"),
            (b"GIF89a" + b"\0" * 99, "image/png", "not_a_picture"),
            (b"%!PS-Adobe-3.0 EPSF-3.0", "image/png", "not_a_picture"),
            (picture("JPEG"), "image/png", "other_kind"),
            (picture("PNG", (10_000, 10_000), mode="1", colour=0), "image/png", "too_many_pixels"),
        ],
        ids=["svg", "gif", "eps", "jpeg as png", "bomb"],
    )
    def test_refuses_for_good_and_deletes(self, api, jar, body, content_type, code):
        photo_id = uploaded(api, jar, body, content_type=content_type)
        answer = confirmed(api, jar, photo_id)
        assert (answer.status_code, reasons(answer)) == (400, {("", code)})
        assert Photo.objects.get().state == "refused"
        assert reasons(confirmed(api, jar, photo_id)) == {("", "photo_refused")}

    def test_refuses_for_good_with_a_key_too(self, api, jar):
        """The request and all it did are undone, its key among it; the refusal is not."""
        photo_id = uploaded(api, jar, b"Bubbles")
        path, body = f"/batches/{jar.pk}/photos", {"photoId": photo_id}
        codes = [
            call(api, "post", path, body, headers={"Idempotency-Key": "a"}).json()["code"] for _ in range(2)
        ]
        assert codes == ["not_a_picture", "photo_refused"]

    def test_knows_neither_anothers_nor_what_is_not_there(self, api, jar, bob):
        theirs = uploaded(app_of(bob), make_batch(owner=bob, now=timezone.now()))
        answers = [confirmed(api, jar, one) for one in (theirs, str(uuid4()))]
        assert [reasons(answer) for answer in answers] == [{("photoId", "does_not_exist")}] * 2
        assert answers[0].json().keys() == answers[1].json().keys()
        assert Photo.objects.get().state == "pending"

    def test_knows_none_of_another_batch(self, api, jar, alice):
        photo_id = uploaded(api, make_batch(owner=alice, now=timezone.now()))
        assert reasons(confirmed(api, jar, photo_id)) == {("photoId", "does_not_exist")}

    def test_tells_when_the_bucket_is_away_and_changes_nothing(self, api, jar, monkeypatch):
        photo_id = uploaded(api, jar)
        monkeypatch.setattr(bucket, "head", away)
        answer = confirmed(api, jar, photo_id)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer["Retry-After"]
        monkeypatch.undo()
        assert confirmed(api, jar, photo_id).status_code == 201

    def test_is_refused_for_a_batch_that_was_put_away(self, api, jar):
        photo_id = uploaded(api, jar)
        batches.archive(batch=jar, now=timezone.now())
        assert reasons(confirmed(api, jar, photo_id)) == {("", "batch_archived")}


def away(*_, **__):
    raise bucket.BucketFailed("The bucket does not answer.")


class TestReading:
    def test_lists_the_newest_first_and_only_what_is_there(self, api, jar, alice):
        first, second = (make_copied(batch=jar, now=timezone.now()) for _ in range(2))
        asked(api, jar)
        answer = call(api, "get", f"/batches/{jar.pk}/photos").json()
        assert [photo["id"] for photo in answer["results"]] == [str(second.pk), str(first.pk)]

    def test_signs_addresses_that_open_as_pictures(self, api, jar):
        make_copied(batch=jar, now=timezone.now())
        [photo] = call(api, "get", f"/batches/{jar.pk}/photos").json()["results"]
        for address in (photo["url"], photo["thumbnailUrl"]):
            answer = send("GET", address)
            assert (answer.status, answer.headers["content-type"]) == (200, "image/webp")

    def test_serves_what_is_a_page_as_well_as_a_picture_as_no_page(self, api, jar):
        """Its type is told by us, and it is for saving; what is shown is made anew."""
        polyglot = telling("JPEG") + b"<html><script>alert(document.domain)</script></html>"
        photo = confirmed(api, jar, uploaded(api, jar, polyglot, filename="x.html")).json()
        answer = send("GET", photo["url"])
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["content-disposition"].startswith("attachment")
        photos.make_copies(photo_id=photo["id"], now=timezone.now(), attempt=1)
        shown = call(api, "get", f"/photos/{photo['id']}").json()
        for address in (shown["url"], shown["thumbnailUrl"]):
            answer = send("GET", address)
            assert answer.headers["content-type"] == "image/webp"
            assert b"<script>" not in answer.body
            assert SECRET.encode() not in answer.body

    def test_asks_no_more_for_twenty_than_for_one(self, api, jar, django_assert_num_queries):
        make_copied(batch=jar, now=timezone.now())
        for _ in range(2):
            with django_assert_num_queries(2):
                assert call(api, "get", f"/batches/{jar.pk}/photos").status_code == 200
            for _ in range(10):
                make_photo(batch=jar, now=timezone.now())


class TestChanging:
    def test_takes_other_words_and_the_cover(self, api, jar):
        photo = make_photo(batch=jar, now=timezone.now())
        answer = call(api, "patch", f"/photos/{photo.pk}", {"caption": "Foam", "isCover": True})
        assert (answer.status_code, answer.json()["caption"], answer.json()["isCover"]) == (200, "Foam", True)

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"caption": "x" * 2001}, "caption"),
            ({"caption": 5}, "caption"),
            ({"isCover": "yes"}, "isCover"),
            ({"width": 1}, "width"),
            ({"url": "x"}, "url"),
        ],
        ids=str,
    )
    def test_refuses(self, api, jar, body, field):
        photo = make_photo(batch=jar, now=timezone.now())
        answer = call(api, "patch", f"/photos/{photo.pk}", body)
        assert {name for name, _ in reasons(answer)} == {field}

    def test_removes_it_with_its_line(self, api, jar):
        photo = make_photo(batch=jar, now=timezone.now())
        assert call(api, "delete", f"/photos/{photo.pk}").status_code == 204
        assert call(api, "delete", f"/photos/{photo.pk}").status_code == 404
        assert not jar.events.exists()

    def test_refuses_to_correct_its_line_as_if_somebody_had_typed_it(self, api, jar):
        photo = make_photo(batch=jar, now=timezone.now())
        answer = call(api, "patch", f"/events/{photo.event_id}", {"kind": "note", "description": "x"})
        assert reasons(answer) == {("", "belongs_to_a_photo")}


class TestStrangers:
    @pytest.fixture
    def shared(self, alice):
        return make_batch(owner=alice, now=timezone.now(), is_public=True)

    def summary(self, batch):
        return APIClient().get(f"{BASE}/public/b/{batch.pk}").json()

    def test_see_copies_and_nothing_else(self, shared):
        photo = make_copied(batch=shared, now=timezone.now(), body=telling("JPEG"), caption="Foam")
        [seen] = self.summary(shared)["photos"]
        assert set(seen) == {"url", "thumbnailUrl", "caption", "width", "height"}
        assert seen["caption"] == "Foam"
        assert photo.original_key not in str(seen)
        for address in (seen["url"], seen["thumbnailUrl"]):
            assert SECRET.encode() not in send("GET", address).body

    def test_see_nothing_before_there_are_copies(self, shared):
        make_photo(batch=shared, now=timezone.now())
        assert self.summary(shared)["photos"] == []
        assert b'<img class="photo' not in Client().get(f"/b/{shared.pk}").content

    def test_see_nothing_once_it_is_private_again(self, shared):
        make_copied(batch=shared, now=timezone.now())
        batches.unshare(batch=shared, now=timezone.now())
        assert APIClient().get(f"{BASE}/public/b/{shared.pk}").status_code == 404
