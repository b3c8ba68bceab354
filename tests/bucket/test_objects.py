"""What a worker does in the bucket."""

import io
import os

import pytest

from kefir import bucket
from kefir.bucket import connection

MEGABYTE = 1024 * 1024


class TestObjects:
    def test_come_back_as_they_were_put(self, prefix):
        bucket.put(f"{prefix}a.jpg", b"Bubbles", content_type="image/jpeg")
        stored = bucket.head(f"{prefix}a.jpg")
        assert (stored.size, stored.content_type) == (7, "image/jpeg")
        assert bucket.read(f"{prefix}a.jpg") == b"Bubbles"
        assert b"".join(bucket.stream(f"{prefix}a.jpg")) == b"Bubbles"

    @pytest.mark.parametrize(("first", "expected"), [(3, b"Bub"), (100, b"Bubbles")])
    def test_show_their_first_bytes(self, prefix, first, expected):
        bucket.put(f"{prefix}a", b"Bubbles", content_type="text/plain")
        assert bucket.read(f"{prefix}a", first=first) == expected

    def test_may_be_empty(self, prefix):
        bucket.put(f"{prefix}a", b"", content_type="text/plain")
        assert bucket.read(f"{prefix}a", first=10) == bucket.read(f"{prefix}a") == b""

    def test_may_have_odd_names(self, prefix):
        keys = {f"{prefix}{name}" for name in ("a b+c", "größe", "50%", "写真", "a&b=c", ".d..e")}
        for key in keys:
            bucket.put(key, key.encode(), content_type="text/plain")
        assert set(bucket.list_keys(prefix)) == keys
        assert {bucket.read(key).decode() for key in keys} == keys

    def test_of_many_megabytes_come_back_whole(self, prefix):
        body = os.urandom(17 * MEGABYTE)
        bucket.put_file(f"{prefix}big.zip", io.BytesIO(body), content_type="application/zip")
        assert bucket.read(f"{prefix}big.zip") == body
        assert bucket.head(f"{prefix}big.zip").content_type == "application/zip"

    def test_are_not_there_after_an_upload_that_broke_off(self, prefix):
        with pytest.raises(OSError, match="broke off"):
            bucket.put_file(f"{prefix}big.zip", BreaksOff(17 * MEGABYTE), content_type="application/zip")
        assert bucket.head(f"{prefix}big.zip") is None

    def test_that_were_never_there_are_said_so(self, prefix):
        assert bucket.head(f"{prefix}nothing") is None
        for ask in (bucket.read, lambda key: bucket.read(key, first=3), lambda key: list(bucket.stream(key))):
            with pytest.raises(bucket.NotThere) as raised:
                ask(f"{prefix}nothing")
            assert raised.value.permanent


class TestCopy:
    def test_is_the_same_under_another_key_and_type(self, prefix):
        bucket.put(f"{prefix}a", b"Bubbles", content_type="text/html")
        etag = bucket.copy(f"{prefix}a", f"{prefix}b c", content_type="image/png")
        stored = bucket.head(f"{prefix}b c")
        assert (stored.content_type, stored.etag) == ("image/png", etag)
        assert bucket.read(f"{prefix}b c") == b"Bubbles"

    def test_of_what_was_looked_at_is_that_very_thing(self, prefix):
        source, target = f"{prefix}a", f"{prefix}b"
        bucket.put(source, b"looked at", content_type="text/plain")
        looked_at = bucket.head(source).etag
        assert bucket.copy(source, target, content_type="text/plain", etag=looked_at) == looked_at
        assert bucket.read(target) == b"looked at"

    def test_of_what_was_written_over_meanwhile_is_not_made(self, prefix):
        source, target = f"{prefix}a", f"{prefix}b"
        bucket.put(source, b"looked at", content_type="text/plain")
        looked_at = bucket.head(source).etag
        bucket.put(source, b"written over", content_type="text/plain")
        with pytest.raises(bucket.Changed):
            bucket.copy(source, target, content_type="text/plain", etag=looked_at)
        assert bucket.head(target) is None

    def test_of_nothing_fails_for_good(self, prefix):
        with pytest.raises(bucket.NotThere):
            bucket.copy(f"{prefix}nothing", f"{prefix}b", content_type="image/png")


class TestDelete:
    def test_takes_away_those_and_no_other(self, prefix):
        for name in "abc":
            bucket.put(f"{prefix}{name}", b"x", content_type="text/plain")
        bucket.delete(f"{prefix}{name}" for name in "ab")
        assert list(bucket.list_keys(prefix)) == [f"{prefix}c"]

    def test_twice_is_once(self, prefix):
        bucket.put(f"{prefix}a", b"x", content_type="text/plain")
        bucket.delete([f"{prefix}a"])
        bucket.delete([f"{prefix}a", f"{prefix}never"])
        assert bucket.head(f"{prefix}a") is None

    def test_of_nothing_asks_nobody(self, settings):
        settings.S3_ENDPOINT_URL = "http://127.0.0.1:1"
        bucket.delete([])

    def test_takes_more_than_one_request_may_name(self, prefix):
        bucket.put(f"{prefix}last", b"x", content_type="text/plain")
        bucket.delete([*(f"{prefix}{number}" for number in range(1000)), f"{prefix}last"])
        assert bucket.head(f"{prefix}last") is None


class TestErase:
    def test_takes_all_of_somebody_and_of_nobody_else(self, prefix):
        for key in ("a/1", "a/2", "b/1"):
            bucket.put(f"{prefix}{key}", b"x", content_type="text/plain")
        bucket.erase(f"{prefix}a/")
        assert list(bucket.list_keys(prefix)) == [f"{prefix}b/1"]

    def test_takes_what_was_overwritten_and_deleted_too(self, ceph, settings):
        versioning = {"Status": "Enabled"}
        connection.client().put_bucket_versioning(
            Bucket=settings.S3_BUCKET, VersioningConfiguration=versioning
        )
        for key in ("a/1", "a/1", "a/2", "b/1"):
            bucket.put(key, b"x", content_type="text/plain")
        bucket.delete(["a/2", "b/1"])
        bucket.erase("a/")
        assert remains(settings) == {"b/1"}

    def test_twice_is_once(self, prefix):
        bucket.erase(prefix)
        bucket.erase(prefix)


def remains(settings):
    said = connection.client().list_object_versions(Bucket=settings.S3_BUCKET)
    return {each["Key"] for kind in ("Versions", "DeleteMarkers") for each in said.get(kind, ())}


class TestFailure:
    def test_is_passing_when_nobody_answers(self, settings):
        settings.S3_ENDPOINT_URL = "http://127.0.0.1:1"
        for ask in (bucket.head, bucket.read, lambda key: list(bucket.list_keys(key))):
            with pytest.raises(bucket.BucketFailed) as raised:
                ask("a")
            assert not raised.value.permanent

    @pytest.mark.parametrize("wrong", ["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "S3_BUCKET"])
    def test_is_for_good_when_we_are_set_up_wrongly(self, server, settings, wrong):
        setattr(settings, wrong, "wrong-one")
        with pytest.raises(bucket.BucketFailed) as raised:
            bucket.put("a", b"x", content_type="text/plain")
        assert raised.value.permanent
        assert not isinstance(raised.value, bucket.NotThere)


class BreaksOff(io.RawIOBase):
    """A file that ends in the middle."""

    def __init__(self, size):
        self.left = size

    def readable(self):
        return True

    def read(self, size=-1):
        if self.left <= 0:
            raise OSError("broke off")
        self.left -= size
        return b"x" * size
