import html
import re
from datetime import datetime, timedelta

import psycopg
from django.utils import timezone

from live.changes import DRAWN_WITHIN, MOST_NAMED
from live.database import address
from tests.factories import make_batch, make_event

AGO = timedelta(minutes=1)


def changes(answer):
    return {(change["kind"], change["batch"]) for change in answer.json()["changes"]}


class TestAskingBySelf:
    def test_says_what_changed_since(self, page, alice):
        jar = make_batch(owner=alice, now=timezone.now())
        make_event(batch=jar, now=timezone.now())
        asked = page.get("/live/now", {"since": (timezone.now() - AGO).isoformat()})
        assert {("batch", jar.pk), ("event", jar.pk)} <= changes(asked)
        assert asked["Cache-Control"] == "no-store, private"

    def test_says_what_was_written_before_and_committed_after_it_was_asked(
        self, transactional_db, page, alice
    ):
        jar = make_batch(owner=alice, now=timezone.now())
        with psycopg.connect(**address()) as elsewhere:
            elsewhere.execute("UPDATE batches_batch SET name = 'Late' WHERE id = %s", [jar.pk])
            early = page.get("/live/now", {"since": timezone.now().isoformat()}).json()
            elsewhere.commit()
        assert early["changes"] == []
        assert changes(page.get("/live/now", {"since": early["since"]})) == {("batch", jar.pk)}

    def test_says_that_all_did_where_so_many_did(self, page, alice):
        for number in range(MOST_NAMED + 1):
            make_batch(owner=alice, name=f"{number}", now=timezone.now())
        assert changes(page.get("/live/now", {"since": (timezone.now() - AGO).isoformat()})) == {
            ("everything", None)
        }

    def test_says_nothing_where_nothing_did(self, page, alice):
        make_batch(owner=alice, now=timezone.now())
        assert changes(page.get("/live/now", {"since": (timezone.now() + AGO).isoformat()})) == set()

    def test_says_nothing_of_anybody_else(self, page, bob):
        make_event(batch=make_batch(owner=bob, now=timezone.now()), now=timezone.now())
        assert changes(page.get("/live/now", {"since": (timezone.now() - AGO).isoformat()})) == set()

    def test_takes_no_time_for_from_now_on(self, page):
        for since in ("", "soon", "2026-01-01", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"):
            assert page.get("/live/now", {"since": since}).status_code == 200

    def test_does_not_grow_with_what_there_is(self, page, alice, django_assert_max_num_queries):
        for _ in range(3):
            make_event(batch=make_batch(owner=alice, now=timezone.now()), now=timezone.now())
        page.get("/live/now")
        # Two who asks, one until when all is committed (in a test it is told to look again), one what changed.
        with django_assert_max_num_queries(5):
            page.get("/live/now", {"since": (timezone.now() - AGO).isoformat()})

    def test_tells_a_stranger_to_stop(self, client, db):
        assert client.get("/live/now").status_code == 401


class TestTheWebProcess:
    def test_holds_no_stream(self, page):
        answer = page.get("/live/")
        assert answer.status_code == 501
        assert "live process" in answer.content.decode()


class TestAPageThatLooksAgain:
    def test_leaves_messages_to_the_next_one(self, page, alice):
        jar = make_batch(owner=alice, now=timezone.now())
        page.post(f"/batches/{jar.pk}/archive")
        again = page.get("/", headers={"X-Looks-Again": "yes"}).content.decode()
        assert 'class="toast"' not in again
        assert 'class="toast"' in page.get("/").content.decode()

    def test_knows_where_to_listen_and_from_when_on(self, page, alice):
        jar = make_batch(owner=alice, now=timezone.now())
        shown = page.get(f"/batches/{jar.pk}").content.decode()
        assert f'data-live-batch="{jar.pk}"' in shown
        [since] = re.findall('data-live-since="([^"]+)"', shown)
        drawn_ago = timezone.now() - datetime.fromisoformat(html.unescape(since))
        assert DRAWN_WITHIN <= drawn_ago < DRAWN_WITHIN + AGO

    def test_listens_to_nothing_without_an_account(self, client, db):
        assert "data-live=" not in client.get("/").content.decode()
