"""What a signed address opens, and that it opens nothing else. rclone says 400 to some of what others say 403 to."""

import hashlib
import re
import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.utils import timezone

from kefir import bucket
from kefir.bucket import presigning
from kefir.bucket.signing import Signer
from tests.bucket.http import send
from tests.factories import NOON

REFUSED = {400, 403}
SIZE = 1000
JPEG = b"\xff\xd8" + bytes(SIZE - 2)


@pytest.fixture
def key(prefix):
    return f"{prefix}{secrets.token_hex(16)}"


@pytest.fixture
def stored(key):
    bucket.put(key, JPEG, content_type="image/jpeg")
    return key


def to_put(key, seconds=300, content_type="image/jpeg", size=SIZE):
    return bucket.presign_put(key, content_type=content_type, size=size, seconds=seconds)[0]


def to_get(key, seconds=300, content_type="image/jpeg", filename=None):
    return bucket.presign_get(key, content_type=content_type, seconds=seconds, filename=filename)


def unsigned(address):
    return address.partition("?")[0]


def put(address, body=JPEG, content_type="image/jpeg", **headers):
    return send("PUT", address, body, Content_Type=content_type, **headers)


def tampered(address):
    """Each thing that is signed, changed by as little as can be."""
    other_key = secrets.token_hex(16)
    return {
        "signature": address[:-1] + ("0" if address[-1] != "0" else "1"),
        "key": re.sub(r"[0-9a-f]{32}\?", f"{other_key}?", address),
        "expiry": re.sub(r"Expires=\d+", "Expires=86400", address),
        "moment": re.sub(r"Date=(\d{8})T\d{6}Z", r"Date=\1T235959Z", address),
        "who": address.replace("Credential=", "Credential=x"),
        "no signature": re.sub(r"&X-Amz-Signature=\w+", "", address),
        "fewer headers": re.sub(r"SignedHeaders=[\w%-]+", "SignedHeaders=host", address)
        if "content-type%3B" in address
        else address.replace("SignedHeaders=host", "SignedHeaders="),
    }


TAMPERED = ["signature", "key", "expiry", "moment", "who", "no signature", "fewer headers"]


def long_ago():
    return time_machine.travel(timezone.now() - timedelta(seconds=302), tick=True)


class TestPut:
    def test_stores_just_what_was_agreed(self, key):
        address, headers = bucket.presign_put(key, content_type="image/jpeg", size=SIZE, seconds=300)
        assert send("PUT", address, JPEG, **headers).status == 200
        assert bucket.head(key) == bucket.Stored(SIZE, "image/jpeg", hashlib.md5(JPEG).hexdigest())

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            (JPEG, "text/html"),
            (JPEG, "image/png"),
            (JPEG + b"x", "image/jpeg"),
            (JPEG[:-1], "image/jpeg"),
            (b"", "image/jpeg"),
        ],
        ids=["html", "another kind of image", "longer", "shorter", "empty"],
    )
    def test_stores_nothing_else(self, key, body, content_type):
        assert put(to_put(key), body, content_type).status in REFUSED
        assert bucket.head(key) is None

    def test_stores_nothing_without_a_type(self, key):
        assert send("PUT", to_put(key), JPEG).status in REFUSED
        assert bucket.head(key) is None

    def test_stores_nothing_that_comes_in_pieces_of_unsaid_length(self, key):
        pieces = (bytes(64 * 1024) for _ in range(32))
        assert put(to_put(key), pieces, chunked=True, Transfer_Encoding="chunked").status in REFUSED | {411}
        assert bucket.head(key) is None

    @pytest.mark.parametrize("what", TAMPERED)
    def test_is_refused_when_something_was_changed(self, key, what):
        address = tampered(to_put(key))[what]
        assert address != to_put(key)
        assert put(address).status in REFUSED
        assert list(bucket.list_keys(key.rpartition("/")[0])) == []

    def test_is_refused_when_its_time_is_over(self, key):
        with long_ago():
            address = to_put(key)
        assert put(address).status in REFUSED
        assert bucket.head(key) is None

    def test_is_refused_under_another_host(self, key):
        assert put(to_put(key), Host="elsewhere.example").status in REFUSED | {404}
        assert bucket.head(key) is None

    @pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "POST"])
    def test_does_nothing_else(self, stored, method):
        assert send(method, to_put(stored), Content_Type="image/jpeg").status in REFUSED | {405}
        assert bucket.read(stored) == JPEG


class TestGet:
    def test_gives_what_is_there(self, stored):
        answer = send("GET", to_get(stored))
        assert (answer.status, answer.body) == (200, JPEG)

    def test_gives_it_as_the_type_that_was_signed(self, key):
        bucket.put(key, b"<script>", content_type="text/html")
        headers = send("GET", to_get(key)).headers
        assert (headers["content-type"], headers["content-disposition"]) == ("image/jpeg", "inline")

    @pytest.mark.parametrize(
        ("filename", "expected"),
        [
            ("jar.jpg", 'attachment; filename="jar.jpg"'),
            ('a "b" \\ c.jpg', 'attachment; filename="a \\"b\\" \\\\ c.jpg"'),
            ("größe 50%.jpg", "attachment; filename*=utf-8''gr%C3%B6%C3%9Fe%2050%25.jpg"),
            ("a\r\nSet-Cookie: x.jpg", 'attachment; filename="aSet-Cookie: x.jpg"'),
        ],
    )
    def test_names_the_file_it_is_saved_as(self, stored, filename, expected):
        answer = send("GET", to_get(stored, filename=filename))
        assert (answer.status, answer.headers["content-disposition"]) == (200, expected)

    @pytest.mark.parametrize("what", TAMPERED)
    def test_is_refused_when_something_was_changed(self, stored, what):
        address = tampered(to_get(stored))[what]
        assert address != to_get(stored)
        answer = send("GET", address)
        assert answer.status in REFUSED
        assert JPEG not in answer.body

    @pytest.mark.parametrize("other", ["response-content-type=text%2Fhtml", "response-content-disposition=x"])
    def test_answers_as_nothing_that_was_not_signed(self, stored, other):
        name = other.partition("=")[0]
        address = re.sub(rf"{name}=[^&]+", other, to_get(stored))
        assert send("GET", address).status in REFUSED

    def test_is_refused_when_its_time_is_over(self, stored):
        with long_ago():
            address = to_get(stored)
        assert send("GET", address).status in REFUSED

    def test_is_refused_under_another_host(self, stored):
        assert send("GET", to_get(stored), Host="elsewhere.example").status in REFUSED | {404}

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
    def test_does_nothing_else(self, stored, method):
        assert send(method, to_get(stored), b"").status in REFUSED | {405}
        assert bucket.read(stored) == JPEG

    def test_of_a_page_is_signed_by_one_signer(self, stored, key, monkeypatch):
        made = []
        monkeypatch.setattr(presigning, "Signer", lambda *said, **how: made.append(1) or Signer(*said, **how))
        presigning._signer_of.cache_clear()
        with time_machine.travel(datetime.now(UTC), tick=False):
            addresses = [to_get(each) for each in (stored, f"{key}-2")]
        assert made == [1]
        assert [send("GET", address).status for address in addresses] == [200, 404]

    def test_is_signed_for_the_second_and_the_place_it_is_asked_in(self, stored, settings):
        with time_machine.travel(NOON, tick=False) as clock:
            before = to_get(stored)
            clock.shift(1)
            assert dates_of(to_get(stored)) > dates_of(before)
            settings.S3_PUBLIC_URL = "https://photos.example"
            assert to_get(stored).startswith("https://photos.example/")


def dates_of(address):
    return parse_qs(urlsplit(address).query)["X-Amz-Date"]


class TestUnsigned:
    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
    def test_opens_no_object(self, stored, method):
        answer = send(method, unsigned(to_get(stored)), b"other" if method == "PUT" else None)
        assert answer.status in REFUSED
        assert bucket.read(stored) == JPEG

    def test_stores_nothing(self, key):
        assert send("PUT", unsigned(to_get(key)), JPEG).status in REFUSED
        assert bucket.head(key) is None

    def test_lists_nothing(self, stored):
        address = unsigned(to_get(stored)).removesuffix(f"/{stored}")
        for query in ("", "?list-type=2", "?versions", "?policy", "?acl", "?cors"):
            answer = send("GET", f"{address}{query}")
            assert answer.status in REFUSED
            assert stored.encode() not in answer.body


class TestPublicAddress:
    def test_is_the_one_that_is_signed(self, settings):
        settings.S3_PUBLIC_URL = "https://photos.kefir.example"
        assert to_put("a/b").startswith(f"https://photos.kefir.example/{settings.S3_BUCKET}/a/b?")

    def test_is_not_where_the_server_goes(self, settings, prefix):
        settings.S3_PUBLIC_URL = "https://photos.kefir.example"
        bucket.put(f"{prefix}a", b"x", content_type="text/plain")
        assert bucket.read(f"{prefix}a") == b"x"
