"""What we rely on of the photo store: an S3 server that checks who signed."""

import http.client
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def get(url):
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=5)) as connection:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        return answer.status, answer.read()


def content(key):
    with default_storage.open(key) as file:
        return file.read()


@pytest.fixture
def key():
    name = default_storage.save("tests/jar.txt", ContentFile(b"Bubbles"))
    yield name
    default_storage.delete(name)


class TestStorage:
    def test_gives_back_what_it_was_given(self, key):
        assert content(key) == b"Bubbles"

    def test_never_writes_over_another(self, key):
        other = default_storage.save(key, ContentFile(b"Other"))
        assert other != key
        assert content(key) == b"Bubbles"
        default_storage.delete(other)

    def test_signs_an_address_that_opens(self, key):
        assert get(default_storage.url(key)) == (200, b"Bubbles")

    def test_opens_nothing_unsigned(self, key):
        status, said = get(default_storage.url(key).partition("?")[0])
        assert status in {400, 403}
        assert b"Bubbles" not in said

    def test_opens_nothing_signed_for_something_else(self, key):
        other = default_storage.save("tests/other.txt", ContentFile(b"Other"))
        signature = default_storage.url(other).partition("?")[2]
        assert get(f"{default_storage.url(key).partition('?')[0]}?{signature}")[0] == 403
        default_storage.delete(other)

    def test_forgets_what_is_deleted(self, key):
        address = default_storage.url(key)
        default_storage.delete(key)
        assert get(address)[0] == 404
