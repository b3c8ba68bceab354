"""An app that keeps a copy asks what changed since, and misses nothing, whoever writes meanwhile and however slowly."""

import os
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts import actions as accounts
from batches import actions as batches
from batches.models import Batch, Tombstone
from events import actions as events
from reminders import actions as reminders
from tests.api import BASE, app_of, call, reasons
from tests.factories import NOON, make_batch, make_event, make_reminder

BEGINNING = "2000-01-01T00:00:00Z"
HOUR = timedelta(hours=1)


class Copy:
    """What an app has on its disk: deletions first, then what changed, each from where it left off."""

    LISTS = ("/batches", "/me/events", "/me/reminders")

    def __init__(self, api, limit=100):
        self.api, self.limit, self.things = api, limit, {}
        self.since = dict.fromkeys(("/me/deletions", *self.LISTS), BEGINNING)
        self.since["/me/deletions"] = f"{timezone.now() - HOUR:%Y-%m-%dT%H:%M:%SZ}"

    def sync(self):
        """The ids of what came."""
        for gone in self.ask("/me/deletions", "since"):
            self.things.pop((gone["kind"], gone["id"]), None)
        came = [(kind_of(path), thing) for path in self.LISTS for thing in self.ask(path, "updatedSince")]
        self.things.update({(kind, thing["id"]): thing for kind, thing in came})
        return [thing["id"] for _, thing in came]

    def ask(self, path, name):
        address = f"{BASE}{path}?limit={self.limit}&{name}={self.since[path]}"
        while address:
            page = self.api.get(address).json()
            yield from page["results"]
            address, self.since[path] = page["next"], page["syncedUntil"]


def kind_of(path):
    return {"/batches": "batch", "/me/events": "event", "/me/reminders": "reminder"}[path]


def names(copy):
    return sorted(thing["name"] for (kind, _), thing in copy.things.items() if "name" in thing)


class TestWhatComes:
    def test_is_everything_at_first_and_nothing_twice(self, api, alice, bob):
        batch = make_batch(owner=alice, name="Mine")
        batches.archive(batch=make_batch(owner=alice, name="Old"), now=NOON)
        make_event(batch=batch)
        make_reminder(batch=batch, due_at=NOON + HOUR)
        make_event(batch=make_batch(owner=bob, name="Not mine"))
        copy = Copy(api)
        assert len(copy.sync()) == 2 + 2 + 1
        assert names(copy) == ["Mine", "Old"]
        assert copy.sync() == []

    def test_is_what_was_changed_by_whatever_verb(self, api, alice):
        batch = make_batch(owner=alice)
        event = make_event(batch=batch)
        reminder = make_reminder(batch=batch, due_at=NOON + HOUR)
        copy = Copy(api)
        copy.sync()
        batches.edit(batch=batch, now=NOON, name="Renamed")
        assert copy.sync() == [batch.pk]
        events.correct(event=event, now=NOON, description="More bubbles")
        assert copy.sync() == [str(event.pk)]
        reminders.skip(reminder=reminder, now=NOON)
        assert copy.sync() == [str(reminder.pk)]

    def test_is_read_page_by_page_though_all_was_written_in_one_moment(self, api, alice):
        rows = [
            Batch(owner=alice, name=str(n), started_at=NOON, created_at=NOON, updated_at=NOON)
            for n in range(7)
        ]
        Batch.objects.bulk_create(rows)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE batches_batch DISABLE TRIGGER batch_is_stamped")
            cursor.execute("UPDATE batches_batch SET stamped_at = now() - interval '1 hour'")
            cursor.execute("ALTER TABLE batches_batch ENABLE TRIGGER batch_is_stamped")
        assert sorted(Copy(api, limit=2).sync()) == sorted(row.pk for row in rows)

    def test_is_no_reminder_that_was_only_claimed(self, api, alice):
        batch = make_batch(owner=alice)
        reminder = make_reminder(batch=batch, due_at=NOON + HOUR)
        copy = Copy(api)
        copy.sync()
        type(reminder).objects.update(leased_until=NOON, claims=1, held_until=NOON)
        assert copy.sync() == []

    def test_of_one_batch_is_its_own_alone(self, api, alice):
        batch, other = make_batch(owner=alice), make_batch(owner=alice)
        make_event(batch=other)
        mine = make_event(batch=batch)
        for kind in ("events", "reminders"):
            page = call(api, "get", f"/batches/{batch.pk}/{kind}?updatedSince={BEGINNING}").json()
            assert [one["id"] for one in page["results"]] == ([str(mine.pk)] if kind == "events" else [])

    def test_may_be_filtered_as_ever(self, api, alice):
        make_batch(owner=alice, name="Tea", culture="kombucha")
        make_batch(owner=alice, name="Milk", culture="milk_kefir")
        page = call(api, "get", f"/batches?culture=kombucha&updatedSince={BEGINNING}").json()
        assert [one["name"] for one in page["results"]] == ["Tea"]

    def test_says_nothing_of_syncing_unless_asked(self, api, alice):
        assert set(call(api, "get", "/batches").json()) == {"next", "previous", "results"}

    @pytest.mark.parametrize("moment", ["now", "", "2026-03-01", "0001-01-01T00:00:00+14:00", "%00"])
    def test_is_asked_for_with_a_moment(self, api, alice, moment):
        for path in Copy.LISTS:
            answer = call(api, "get", f"{path}?updatedSince={moment}")
            assert (answer.status_code, {field for field, _ in reasons(answer)}) == (400, {"updatedSince"})

    @pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
    def test_from_the_ends_of_time_breaks_nothing(self, api, alice, moment):
        for path in Copy.LISTS:
            assert call(api, "get", f"{path}?updatedSince={moment}").status_code == 200


class TestWhatIsGone:
    def test_is_told_by_kind(self, api, alice):
        batch = make_batch(owner=alice)
        event, reminder = make_event(batch=batch), make_reminder(batch=batch, due_at=NOON + HOUR)
        copy = Copy(api)
        copy.sync()
        assert len(copy.things) == 3
        events.withdraw(event=event, now=NOON)
        copy.sync()
        assert set(copy.things) == {("batch", batch.pk), ("reminder", str(reminder.pk))}
        batch.delete()
        copy.sync()
        assert copy.things == {}
        kinds = [one["kind"] for one in call(api, "get", "/me/deletions").json()["results"]]
        assert sorted(kinds) == ["batch", "event", "reminder"]

    def test_is_told_to_its_keeper_alone(self, alice, bob):
        events.withdraw(event=make_event(batch=make_batch(owner=alice)), now=NOON)
        assert call(app_of(bob), "get", "/me/deletions").json()["results"] == []

    def test_and_came_back_under_the_same_id_is_there(self, api, alice):
        batch, key = make_batch(owner=alice), uuid4()
        copy = Copy(api)
        events.withdraw(event=make_event(batch=batch, id=key), now=NOON)
        make_event(batch=batch, id=key, description="Again")
        copy.sync()
        assert copy.things["event", str(key)]["description"] == "Again"

    def test_leaves_no_trace_of_whoever_erased_their_account(self, alice):
        batch = make_batch(owner=alice)
        make_event(batch=batch)
        events.withdraw(event=make_event(batch=batch), now=NOON)
        accounts.erase(user=alice)
        assert not Tombstone.objects.exists()

    def test_longer_ago_than_we_remember_is_asked_in_vain(self, api, alice):
        moment = timezone.now() - batches.TOMBSTONES_KEPT_FOR
        early, late = (f"{moment + by:%Y-%m-%dT%H:%M:%SZ}" for by in (-HOUR, HOUR))
        answer = call(api, "get", f"/me/deletions?since={early}")
        assert (answer.status_code, answer.json()["code"]) == (410, "sync_too_old")
        assert call(api, "get", f"/me/deletions?since={late}").status_code == 200

    def test_is_forgotten_when_nobody_may_ask_any_more(self, alice):
        events.withdraw(event=make_event(batch=make_batch(owner=alice)), now=NOON)
        [grave] = Tombstone.objects.all()
        kept = batches.TOMBSTONES_KEPT_FOR + timedelta(days=1)
        assert batches.forget_tombstones(now=grave.gone_at + kept) == 0
        assert batches.forget_tombstones(now=grave.gone_at + kept + HOUR) == 1


@contextmanager
def another():
    """Somebody else's connection, as another web process has one."""
    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    with psycopg.connect(url) as other:
        yield other


RENAME = "UPDATE batches_batch SET name = %s WHERE id = %s"


@pytest.mark.django_db(transaction=True)
class TestSlowWriters:
    def test_are_waited_for(self, api, alice):
        """Written first, committed last: a copy that went by the time of writing alone would never see it."""
        slow, quick = make_batch(owner=alice, name="a"), make_batch(owner=alice, name="b")
        copy = Copy(api)
        copy.sync()
        with another() as other:
            other.execute(RENAME, ["slow", slow.pk])
            batches.edit(batch=quick, now=NOON, name="quick")
            assert copy.sync() == []
            other.commit()
        assert copy.sync() == [slow.pk, quick.pk]
        assert names(copy) == ["quick", "slow"]

    def test_that_only_read_are_not(self, api, alice):
        batch = make_batch(owner=alice)
        copy = Copy(api)
        with another() as other:
            other.execute("SELECT * FROM batches_batch")
            assert copy.sync() == [batch.pk]

    def test_that_had_read_before_they_write_are(self, api, alice):
        slow, quick = make_batch(owner=alice), make_batch(owner=alice)
        copy = Copy(api)
        with another() as other:
            other.execute("SELECT * FROM batches_batch")
            copy.sync()
            other.execute(RENAME, ["slow", slow.pk])
            batches.edit(batch=quick, now=NOON, name="quick")
            copy.sync()
            other.commit()
        assert slow.pk in copy.sync()
        assert names(copy) == ["quick", "slow"]

    def test_that_give_up_hold_nobody_up(self, api, alice):
        batch = make_batch(owner=alice, name="kept")
        copy = Copy(api)
        with another() as other:
            other.execute(RENAME, ["lost", batch.pk])
            assert copy.sync() == [batch.pk]
            late = make_batch(owner=alice, name="late")
            assert copy.sync() == []
            other.rollback()
        assert copy.sync() == [late.pk]
        assert names(copy) == ["kept", "late"]

    def test_that_bury_something_are_waited_for_too(self, api, alice):
        batch = make_batch(owner=alice)
        first, second = make_event(batch=batch), make_event(batch=batch)
        copy = Copy(api)
        copy.sync()
        with another() as other:
            other.execute("DELETE FROM events_event WHERE id = %s", [first.pk])
            events.withdraw(event=second, now=NOON)
            copy.sync()
            other.commit()
        copy.sync()
        assert set(copy.things) == {("batch", batch.pk)}

    def test_many_at_once_leave_every_copy_whole(self, api, alice):
        keys = [make_batch(owner=alice, name="-").pk for _ in range(4)]
        copy, over = Copy(api, limit=2), threading.Event()
        writers = [threading.Thread(target=scribble, args=(key, over)) for key in keys]
        for writer in writers:
            writer.start()
        for _ in range(15):
            copy.sync()
        over.set()
        for writer in writers:
            writer.join()
        copy.sync()
        assert names(copy) == sorted(Batch.objects.values_list("name", flat=True))
        assert "-" not in names(copy)


def scribble(key, over):
    """Writes, dawdles, commits, over and over; each at its own pace."""
    pace = int(key, 36) % 7 / 1000
    with another() as other:
        for number in range(10_000):
            other.execute(RENAME, [f"{key} {number}", key])
            time.sleep(pace)
            other.commit()
            if over.is_set():
                break
    connections.close_all()
