from datetime import timedelta

import pytest

from live.addresses import is_our_page, moment, stream_address
from live.changes import EVERYTHING, MOST_NAMED, Change, gathered, news, told, written_since
from tests.factories import NOON

SECOND = timedelta(seconds=1)


def change(kind="event", batch="A", at=NOON):
    return Change(kind, batch, at)


MUCH = {change(batch=str(number)) for number in range(MOST_NAMED + 1)}


class TestNews:
    def test_is_what_was_written_since(self):
        changes = [change(at=NOON - SECOND), change("gone"), change("batch", at=NOON + SECOND)]
        assert written_since(NOON, changes) == set(changes[1:])

    def test_names_each_thing_once_and_nothing_that_is_known(self):
        changes = {change(), change(at=NOON + SECOND), change("batch"), change("gone")}
        assert news(changes, {change("gone")}) == {("event", "A"), ("batch", "A")}

    def test_of_very_much_is_everything(self):
        assert news(MUCH) == {EVERYTHING}
        assert gathered({change.name for change in MUCH}) == {EVERYTHING}
        assert gathered({("event", "A"), EVERYTHING}) == {EVERYTHING}

    def test_may_stand_behind_very_much_that_is_known(self):
        """Only the latest are found: what is committed late has an earlier stamp."""
        assert news(MUCH, MUCH, may_hide=True) == {EVERYTHING}
        assert news(MUCH, MUCH, may_hide=False) == set()
        assert news(MUCH | {change("gone")}, MUCH, may_hide=False) == {EVERYTHING}

    def test_tells_nothing_that_anybody_wrote(self):
        assert told([("gone", ""), ("event", "A")], NOON) == {
            "since": NOON.isoformat(),
            "changes": [{"kind": "event", "batch": "A"}, {"kind": "gone", "batch": None}],
        }


class TestAddress:
    def test_is_beside_the_pages_unless_said_otherwise(self, settings):
        settings.LIVE_URL = ""
        assert stream_address("kefir.example") == "/live/"

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
    def test_is_at_the_host_that_the_page_was_asked_under(self, settings, host):
        """The browser's cookie goes to every port of that host, and to no other host."""
        settings.LIVE_URL = "http://localhost:9123"
        assert stream_address(f"{host}:8000") == f"http://{host}:9123/live/"

    def test_is_open_to_our_own_pages_alone(self, settings):
        settings.SITE_URL = "https://kefir.example"
        assert is_our_page("https://kefir.example", host="kefir.example:8443")
        for origin in (
            "",
            "null",
            "http://kefir.example",
            "https://kefir.example.evil.org",
            "https://kefir.example:1",
        ):
            assert not is_our_page(origin, host="kefir.example:8443")


class TestMoment:
    def test_is_read_as_it_was_written(self):
        assert moment(NOON.isoformat()) == NOON

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "yesterday",
            "2026-01-01",
            "2026-01-01T12:00",
            "2026-13-01T00:00Z",
            "0001-01-01T00:00+14:00",
            "\x00",
        ],
    )
    def test_is_nothing_where_it_is_no_time(self, text):
        assert moment(text) is None
