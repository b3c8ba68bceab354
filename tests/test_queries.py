"""No list and no page asks the database more often because there is more to show."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from batches import actions as batches
from batches.kinds import Kind
from reminders import actions as reminders
from reminders.models import Reminder
from tests.api import BASE, call
from tests.factories import make_batch, make_event, make_reminder
from tests.routes import routes

FEW, MANY = 2, 40
HOUR = timedelta(hours=1)

PAGES = [
    route
    for route in routes()
    if set(route.ids) <= {"batch_id", "event_id"}
    and "/_allauth/" not in route.path
    and "/dev/" not in route.path
]


def fill(keeper, rows):
    """So many batches in all places, and one with so many lines and reminders."""
    now = timezone.now()
    main = make_batch(owner=keeper, now=now, is_public=True)
    for n in range(rows):
        batch = make_batch(owner=keeper, now=now, started_at=now - n * HOUR, parent=main, temperature_c=22)
        make_event(batch=main, now=now, description=f"Bubbles {n}", ph=4)
        if n % 2:
            batches.move(batch=batch, now=now, stage="bottled", bottle_kind="swing_top")
        make_reminder(batch=batch, now=now, due_at=now + (n + 1) * HOUR)
    set_reminders(main, rows, now=now)
    return {"batch_id": main.pk, "event_id": main.events.first().pk}


def set_reminders(batch, number, *, now):
    wanted = [{"due_at": now + (n + 1) * HOUR, "message": f"Taste {n}"} for n in range(number)]
    reminders.confirm(batch=batch, reminders=wanted, now=now)


def counted(client, path):
    """How many queries one GET takes, once what is asked but once is known."""
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    assert answer.status_code in {200, 302, 404, 405}, answer.content
    return len(queries)


def cost(deed):
    with CaptureQueriesContext(connection) as queries:
        deed()
    return len(queries)


def test_no_address_takes_more_queries_for_forty_rows_than_for_two(page, alice, bob):
    """Of all addresses there are, pages and API; a new one is measured unasked."""
    for_few, for_many = fill(alice, FEW), fill(bob, MANY)
    few = {route.path: counted(page, route.to(**for_few)) for route in PAGES}
    page.force_login(bob)
    many = {route.path: counted(page, route.to(**for_many)) for route in PAGES}
    assert many == few
    assert {path: number for path, number in many.items() if number > 20} == {}


class TestLists:
    def test_of_the_api_take_at_most_two_queries_and_of_the_pages_few(self, api, page, alice):
        full = fill(alice, 5)
        for path in (
            "/batches",
            "/me/reminders",
            "/batches/{batch_id}/events",
            "/batches/{batch_id}/reminders",
        ):
            assert counted(api, BASE + path.format(**full)) <= 2
        for path in ("/", "/batches/", "/reminders/"):
            assert counted(page, path) <= 8

    def test_of_the_archive_are_flat_too(self, page, alice, bob):
        def archived(keeper, rows):
            for _ in range(rows):
                batches.archive(batch=make_batch(owner=keeper), now=timezone.now())

        archived(alice, FEW)
        archived(bob, 10)
        few = counted(page, "/batches/?show=archived")
        page.force_login(bob)
        assert counted(page, "/batches/?show=archived") == few


class TestDeeds:
    def confirm(self, api, batch, number):
        due_at = (timezone.now() + HOUR).isoformat()
        wanted = [{"dueAt": due_at, "message": f"Stir {n}"} for n in range(number)]
        answer = call(api, "post", f"/batches/{batch.pk}/reminders/confirm", {"reminders": wanted})
        assert answer.status_code == 201

    def test_confirming_grows_with_what_is_confirmed_and_with_nothing_else(self, api, alice):
        batch = make_batch(owner=alice, now=timezone.now())
        one, two, five = (
            cost(lambda number=number: self.confirm(api, batch, number)) for number in (1, 2, 5)
        )
        assert five - two == 3 * (two - one)
        assert cost(lambda: self.confirm(api, batch, 1)) == one

    def test_moving_a_batch_costs_the_same_however_much_it_holds(self, api, alice):
        now = timezone.now()

        def moved(rows):
            batch = make_batch(owner=alice, now=now)
            for n in range(rows):
                make_event(batch=batch, now=now, description=f"{n}", ph=4)
            set_reminders(batch, rows, now=now)
            return cost(lambda: call(api, "patch", f"/batches/{batch.pk}", {"status": "in_fridge"}))

        assert moved(10) == moved(FEW)

    def test_archiving_writes_each_reminder_that_it_cancels_once(self, api, alice):
        now = timezone.now()

        def archived(number):
            batch = make_batch(owner=alice, now=now)
            set_reminders(batch, number, now=now)
            return cost(lambda: call(api, "delete", f"/batches/{batch.pk}"))

        assert archived(12) - archived(2) == 10

    def test_claiming_takes_two_queries_however_much_is_due(self, alice):
        now = timezone.now()
        batch = make_batch(owner=alice, now=now)
        set_reminders(batch, MANY, now=now)
        with CaptureQueriesContext(connection) as queries:
            assert len(reminders.claim(now=now + 50 * HOUR)) == MANY
        assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 2


class TestSignedOut:
    def test_the_public_summary_takes_one_query(self, alice, django_assert_num_queries):
        batch = make_batch(owner=alice, is_public=True)
        with django_assert_num_queries(1):
            assert APIClient().get(f"{BASE}/public/b/{batch.pk}").status_code == 200

    def test_health_takes_none(self, client, django_assert_num_queries, db):
        with django_assert_num_queries(0):
            assert client.get("/healthz").status_code == 200


def test_the_walk_fills_what_it_measures(alice):
    fill(alice, FEW)
    assert Reminder.objects.filter(kind=Kind.CUSTOM).count() == 2 * FEW
