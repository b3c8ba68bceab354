"""A page sends files to the bucket and shows pictures from it, and from nowhere else."""

import http.server
import io
import secrets
import threading
from http import HTTPStatus

import pytest
from PIL import Image

from kefir import bucket
from tests.services import running

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHOWS = """(address) => new Promise((done) => {
    const picture = new Image();
    picture.onload = () => done(picture.naturalWidth);
    picture.onerror = () => done(0);
    picture.src = address;
})"""
SENDS = """async ([address, headers, bytes]) => {
    try {
        const body = Uint8Array.from(bytes);
        return (await fetch(address, { method: "PUT", headers, body })).status;
    } catch { return 0; }
}"""


def picture(width):
    file = io.BytesIO()
    Image.new("RGB", (width, 8), "gold").save(file, "PNG")
    return file.getvalue()


class Welcoming(http.server.BaseHTTPRequestHandler):
    """Takes and shows everything: only the page's own policy can stand before it."""

    def do_GET(self):
        self.server.asked += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(HTTPStatus.OK)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Methods", "PUT")
        self.send_header("Access-Control-Allow-Headers", "content-type")
        self.end_headers()
        self.wfile.write(picture(5))

    do_PUT = do_OPTIONS = do_GET  # noqa: N815 — the names are the library's

    def log_message(self, *_about):
        """Not among what the tests say."""


@pytest.fixture
def elsewhere():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Welcoming) as server:
        server.asked = 0
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def at_home(transactional_db, page):
    with running("web") as stack:
        page.goto(f"{stack.url}/accounts/login/")
        yield page


@pytest.fixture
def key():
    key = f"incoming/{secrets.token_hex(8)}.png"
    yield key
    bucket.delete([key])


class TestPage:
    def test_sends_to_the_bucket_and_shows_what_is_there(self, at_home, key):
        body = picture(7)
        address, headers = bucket.presign_put(key, content_type="image/png", size=len(body), seconds=60)
        assert at_home.evaluate(SENDS, [address, headers, list(body)]) == 200
        assert bucket.read(key) == body
        shown = bucket.presign_get(key, content_type="image/png", seconds=60)
        assert at_home.evaluate(SHOWS, shown) == 7

    def test_sends_no_other_thing_than_was_signed(self, at_home, key):
        address, headers = bucket.presign_put(key, content_type="image/png", size=10, seconds=60)
        assert at_home.evaluate(SENDS, [address, headers, list(picture(7))]) in {0, 400, 403}
        assert bucket.head(key) is None

    def test_has_nothing_to_do_with_elsewhere(self, at_home, elsewhere):
        assert asks(at_home, elsewhere) == (0, 0)
        assert elsewhere.asked == 0

    def test_is_kept_from_it_by_its_policy_alone(self, at_home, browser, elsewhere):
        with browser.new_context(bypass_csp=True) as heedless:
            page = heedless.new_page()
            page.goto(at_home.url)
            assert asks(page, elsewhere) == (5, 200)


def asks(page, elsewhere):
    address = f"http://127.0.0.1:{elsewhere.server_port}/a.png"
    return page.evaluate(SHOWS, address), page.evaluate(SENDS, [address, {"Content-Type": "image/png"}, [1]])
