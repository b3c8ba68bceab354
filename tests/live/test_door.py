"""The live process itself, as Procfile starts it."""

import os
from contextlib import ExitStack
from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from accounts import actions as accounts
from batches import actions as batches
from live.streams import OF_ONE_PERSON
from reminders import actions as reminders
from tests.factories import make_batch, make_event, make_reminder, make_user
from tests.live.listener import ask, cookie_of, listening
from tests.services import running

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def live(django_db_setup, django_db_blocker):
    with (
        mock.patch.dict(os.environ, METRICS_TOKEN="for-figures"),
        django_db_blocker.unblock(),
        running("live") as run,
    ):
        yield run


HOUR = timedelta(hours=1)


def session_key(cookie):
    return cookie.partition("=")[2]


class TestWhoListens:
    def test_hears_what_they_did_elsewhere(self, live, alice):
        now = timezone.now()
        with listening(live.live_port, cookie_of(alice)) as page:
            jar = make_batch(owner=alice, now=now)
            assert ("batch", jar.pk) in page.hears_of()
            make_event(batch=jar, now=now)
            assert page.hears_of() == {("event", jar.pk)}

    def test_hears_of_each_of_their_screens(self, live, alice):
        cookie, jar = cookie_of(alice), make_batch(owner=alice, now=timezone.now())
        with listening(live.live_port, cookie) as phone, listening(live.live_port, cookie) as tablet:
            batches.archive(batch=jar, now=timezone.now())
            assert ("batch", jar.pk) in phone.hears_of()
            assert ("batch", jar.pk) in tablet.hears_of()

    def test_hears_nothing_of_anybody_else(self, live, alice, bob):
        now = timezone.now()
        theirs = make_batch(owner=alice, now=now)
        with listening(live.live_port, cookie_of(bob)) as page:
            make_event(batch=theirs, now=now)
            reminders.finish(reminder=make_reminder(batch=theirs, due_at=now + HOUR, now=now), now=now)
            own = make_batch(owner=bob, now=now)
            assert {batch for _kind, batch in page.hears_of()} == {own.pk}

    def test_hears_what_it_missed_when_it_comes_back(self, live, alice):
        jar, left = make_batch(owner=alice, now=timezone.now()), timezone.now()
        make_event(batch=jar, now=timezone.now())
        with listening(live.live_port, cookie_of(alice), since=left.isoformat()) as page:
            assert ("event", jar.pk) in page.hears_of()
        with listening(live.live_port, cookie_of(alice), Last_Event_ID=left.isoformat()) as page:
            assert ("event", jar.pk) in page.hears_of()


class TestSomebodyWhoLeaves:
    def test_hears_no_more_once_signed_out(self, live, alice):
        cookie = cookie_of(alice)
        with listening(live.live_port, cookie) as page, listening(live.live_port, cookie_of(alice)) as other:
            accounts.end_session(session_key=session_key(cookie))
            make_batch(owner=alice, now=timezone.now())
            assert "over" in {event.name for event in iter(page.hears, None)}
            assert other.hears_of()

    def test_hears_no_more_once_erased(self, live, alice):
        with listening(live.live_port, cookie_of(alice)) as page:
            alice.delete()
            assert [event.name for event in iter(page.hears, None)][-1] == "over"


class TestStrangers:
    @pytest.mark.parametrize("cookie", ["", "session=", "session=" + "a" * 32, "session=../etc", "x=1"])
    def test_hear_nothing(self, live, alice, cookie):
        answer = ask(live.live_port, Cookie=cookie)
        assert (answer.status, answer.text) == (401, "Sign in first.")

    def test_pages_of_others_are_refused(self, live, alice):
        cookie = cookie_of(alice)
        assert ask(live.live_port, Cookie=cookie, Origin="https://evil.example").status == 403
        assert ask(live.live_port, Cookie=cookie, Host="evil.example").status == 400
        assert ask(live.live_port, method="POST", Cookie=cookie).status == 405

    def test_our_page_at_its_own_port_may_read(self, live, alice):
        with listening(live.live_port, cookie_of(alice), Origin=live.url) as page:
            assert page.answer.headers["Access-Control-Allow-Origin"] == live.url
            assert page.answer.headers["Access-Control-Allow-Credentials"] == "true"

    def test_there_is_nothing_else_here(self, live):
        assert ask(live.live_port, "/").status == 404
        assert ask(live.live_port, "/api/v1/batches").status == 404
        assert ask(live.live_port, "/metrics").status == 404


class TestOperators:
    def test_see_that_it_is_well_and_how_many_listen(self, live, alice):
        with listening(live.live_port, cookie_of(alice)):
            assert ask(live.live_port, "/healthz").text == "ok"
            figures = ask(live.live_port, "/metrics", Authorization="Bearer for-figures").text
        assert "kefir_live_streams 1\n" in figures
        assert "# TYPE kefir_live_streams_opened_total counter\n" in figures

    def test_nothing_between_may_keep_or_gather_it(self, live, alice):
        with listening(live.live_port, cookie_of(alice)) as page:
            assert page.answer.headers["Content-Type"].startswith("text/event-stream")
            assert page.answer.headers["Cache-Control"] == "no-store, no-transform"
            assert page.answer.headers["X-Accel-Buffering"] == "no"


def test_a_person_has_only_so_many_screens(live, alice):
    cookie = cookie_of(alice)
    with ExitStack() as screens:
        for _ in range(OF_ONE_PERSON):
            screens.enter_context(listening(live.live_port, cookie))
        refused = ask(live.live_port, Cookie=cookie)
        assert (refused.status, refused.headers["Retry-After"]) == (503, "30")
        screens.enter_context(listening(live.live_port, cookie_of(make_user("carol@example.com"))))
    with listening(live.live_port, cookie):
        pass
