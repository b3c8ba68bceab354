"""No list and no page asks the database more often because there is more to show."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.actions import begin_sign_in
from accounts.devices import MOST_DEVICES
from accounts.tokens import pair
from batches import actions as batches
from batches import grains
from batches.actions import FORECAST
from batches.kinds import Kind
from batches.models import Batch
from events.models import Event
from hooks import actions as hooks
from kefir import kept
from reminders import actions as reminders
from reminders import carrier, delivery, queue
from reminders.models import Reminder
from tags import orders
from tests.accounts.phones import make_device
from tests.api import BASE, call
from tests.events.album import hang_up
from tests.factories import make_batch, make_event, make_reminder
from tests.hooks.factories import make_endpoint
from tests.reminders.engine import Clock, FakeChannel
from tests.routes import OPENED_BY_A_TOKEN, routes
from tests.sensors.gadgets import hear, make_sensor
from tests.tags.jars import make_blank, make_tag
from tests.tokens import tokens_of
from work.models import Job

FEW, MANY = 2, 40
HOUR = timedelta(hours=1)

PAGES = [
    route
    for route in routes()
    if (
        set(route.ids)
        <= {
            "batch_id",
            "event_id",
            "endpoint_id",
            "photo_id",
            "sensor_id",
            "tag_id",
            "code",
            "sheet_id",
            "grains_id",
        }
        or route.path in OPENED_BY_A_TOKEN
    )
    and "/_allauth/" not in route.path
    and "/dev/" not in route.path
    # It asks for two days, and refuses without; its page is measured.
    and route.path != f"{BASE}/grains/<uuid:grains_id>/away"
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
    fail_half(main)
    sensors = [make_sensor(owner=keeper, batch=main, now=now)[0] for _ in range(rows)]
    for sensor in sensors:
        hear(sensor, now=now, temp=22, gravity=1.04)
    for n in range(min(rows, MOST_DEVICES)):
        make_device(owner=keeper, device_id=f"phone-{n}")
    kept = fill_grains(keeper, rows, now=now)
    endpoint = make_endpoint(owner=keeper, now=now)
    for n in range(rows):
        hooks.ping(endpoint=endpoint, now=now)
        if n < hooks.MOST_ENDPOINTS - 1:
            make_endpoint(owner=keeper, now=now, url=f"https://n{n}.example.org/")
    tags = [make_tag(owner=keeper, batch=main, now=now) for _ in range(rows)]
    for _ in range(rows):
        make_tag(owner=keeper, now=now)
        make_blank(printed_by=keeper, now=now)
    event = main.events.first()
    photo = hang_up(main, rows, now=now)
    return {
        "batch_id": main.pk,
        "event_id": event.pk,
        "endpoint_id": endpoint.pk,
        "photo_id": photo.pk,
        "sensor_id": sensors[0].pk,
        "grains_id": kept.pk,
        "tag_id": tags[0].pk,
        "code": tags[0].code,
        "sheet_id": orders.order(owner=keeper, batches=[main], tags=tags, now=now).pk,
    }


def fill_grains(keeper, rows, *, now):
    """One that was weighed and worked so often, among some that want food."""
    for _ in range(rows):
        grains.rest(grains=grains.keep(owner=keeper, now=now, grams=80), now=now - 900 * HOUR)
    kept = grains.keep(owner=keeper, now=now)
    for n in range(rows):
        grains.weigh(grains=kept, grams=80 + n, weighed_at=now - n * HOUR, now=now)
        # A little after the others, so that it is always these that the next batch is started like.
        make_batch(owner=keeper, now=now, started_at=now - n * HOUR + HOUR / 60, grains=kept)
    return kept


def fail_half(batch):
    """What could not be sent stands on the first page, too."""
    half = list(batch.reminders.values_list("pk", flat=True))[::2]
    Reminder.objects.filter(pk__in=half).update(status="failed", error="Nobody was there.")


def set_reminders(batch, number, *, now):
    wanted = [{"due_at": now + (n + 1) * HOUR, "message": f"Taste {n}"} for n in range(number)]
    reminders.confirm(batch=batch, reminders=wanted, now=now)


def counted(client, path):
    """How many queries one GET takes that draws its page, once what is asked but once is known."""
    b"".join(client.get(path))
    kept.PAGES.pieces.clear()
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
        b"".join(answer)
    assert answer.status_code in {200, 302, 404, 405, 501}, answer.content
    return len(queries)


def address(route, known):
    tokens = tokens_of(Reminder.objects.filter(batch=known["batch_id"]).first())
    return route.to(**known | tokens.get(route.path, {}))


def cost(deed):
    with CaptureQueriesContext(connection) as queries:
        deed()
    return len(queries)


def test_no_address_takes_more_queries_for_forty_rows_than_for_two(page, alice, bob):
    """Of all addresses there are, pages and API; a new one is measured unasked."""
    for_few, for_many = fill(alice, FEW), fill(bob, MANY)
    queue.beat(rest=timedelta())
    few = {route.path: counted(page, address(route, for_few)) for route in PAGES}
    page.force_login(bob)
    many = {route.path: counted(page, address(route, for_many)) for route in PAGES}
    assert many == few
    assert {path: number for path, number in many.items() if number > 20} == {}


class TestLists:
    def test_of_the_api_take_at_most_two_queries_and_of_the_pages_few(self, api, page, alice):
        full = fill(alice, 5)
        for path in (
            "/batches",
            "/me/reminders",
            "/batches/{batch_id}/events",
            "/batches/{batch_id}/photos",
            "/batches/{batch_id}/reminders",
            "/batches/{batch_id}/readings",
            "/sensors",
            "/tags",
            "/grains",
            "/grains/{grains_id}/weights",
        ):
            assert counted(api, BASE + path.format(**full)) <= 2
        for path, most in (("/", 8), ("/batches/", 4), ("/reminders/", 4)):
            assert counted(page, path) <= most

    @pytest.mark.parametrize("rows", [5, 200])
    def test_and_a_batch_that_no_gadget_measures_take_as_few_however_much_there_is(self, page, alice, rows):
        now = timezone.now()
        jar = make_batch(owner=alice, now=now, temperature_c=22)
        for n in range(rows):
            make_batch(owner=alice, now=now, started_at=now - n * HOUR, parent=jar)
            make_event(batch=jar, now=now, description=f"Bubbles {n}", ph=4)
        hang_up(jar, 5, now=now)
        set_reminders(jar, 5, now=now)
        assert (counted(page, "/batches/"), counted(page, f"/batches/{jar.pk}")) == (4, 6)

    @pytest.mark.parametrize("path", ["/batches/", "/batches/{}"])
    def test_take_three_where_the_page_was_kept(self, page, alice, path):
        """Whose session it is, who that is, and whether the rows still say the same."""
        address = path.format(make_batch(owner=alice, now=timezone.now()).pk)
        minute = timezone.now().replace(second=0)
        with time_machine.travel(minute, tick=False):
            page.get(address)
            assert cost(lambda: page.get(address)) == 3

    def test_of_the_archive_are_flat_too(self, page, alice, bob):
        def archived(keeper, rows):
            for _ in range(rows):
                batches.archive(batch=make_batch(owner=keeper), now=timezone.now())

        archived(alice, FEW)
        archived(bob, 10)
        few = counted(page, "/batches/?show=archived")
        page.force_login(bob)
        assert counted(page, "/batches/?show=archived") == few


class TestWithAToken:
    """As an app calls: the sign-in that its token stands on is looked up each time, and counts."""

    @pytest.fixture
    def app(self, client, alice):
        client.force_login(alice)
        sign_in = begin_sign_in(user=alice, session_key=client.session.session_key, now=timezone.now())
        return APIClient(
            headers={"Authorization": f"Bearer {pair(sign_in, now=timezone.now()).access_token}"}
        )

    @pytest.mark.parametrize("rows", [5, 200])
    def test_a_list_takes_two_however_long(self, app, alice, rows):
        now = timezone.now()
        Batch.objects.bulk_create(
            Batch(owner=alice, name=f"{n}", started_at=now, created_at=now, updated_at=now)
            for n in range(rows)
        )
        assert counted(app, f"{BASE}/batches?limit=100") == 2
        assert counted(app, f"{BASE}/batches?limit=2&search=1") == 2

    @pytest.mark.parametrize("rows", [5, 200])
    def test_an_event_takes_three_to_write_however_much_there_is(self, app, alice, rows):
        batch, path = self.filled(alice, rows)
        with CaptureQueriesContext(connection) as asked:
            app.post(path, {"kind": "note", "description": "Bubbles"}, format="json")
        assert batch.events.count() == rows + 1
        assert len(statements(asked)) == 3

    @pytest.mark.parametrize("rows", [5, 200])
    def test_a_measurement_takes_four_for_it_also_looks_at_what_is_planned(self, app, alice, rows):
        _, path = self.filled(alice, rows)
        with CaptureQueriesContext(connection) as asked:
            answer = app.post(path, {"kind": "measurement", "ph": 4.1}, format="json")
        assert answer.status_code == 201
        assert len(statements(asked)) == 4
        assert Job.objects.filter(kind=FORECAST).count() == 1

    def filled(self, keeper, rows):
        now = timezone.now()
        batch = make_batch(owner=keeper, now=now)
        Event.objects.bulk_create(
            Event(batch=batch, description=f"{n}", occurred_at=now, created_at=now) for n in range(rows)
        )
        return batch, f"{BASE}/batches/{batch.pk}/events"


def statements(asked):
    """What is asked of the database; not where a transaction begins and ends."""
    frame = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")
    return [one["sql"] for one in asked.captured_queries if not one["sql"].startswith(frame)]


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


class TestEngine:
    """It speaks SQL of its own (`queue.execute`), so that is counted, and what models ask beside it."""

    @pytest.fixture
    def executed(self, monkeypatch):
        original, statements = queue.execute, []

        def execute(statement, parameters=None):
            statements.append(statement)
            return original(statement, parameters)

        monkeypatch.setattr(queue, "execute", execute)
        return statements

    def claimed(self, keeper, number):
        now = timezone.now()
        batch = make_batch(owner=keeper, now=now)
        for _ in range(number // 2):
            set_reminders(batch, 2, now=now)
        chunk = queue.claim(now=now + 3 * HOUR, until=now + 3 * HOUR)
        assert len(chunk.claimed) == number
        return chunk

    @pytest.mark.parametrize("number", [FEW, 100])
    def test_claims_in_one_statement_however_much_is_due(self, alice, executed, number):
        self.claimed(alice, number)
        assert len(executed) == 1

    @pytest.mark.parametrize("number", [FEW, 100])
    def test_carries_in_four_however_many_there_are(self, alice, executed, monkeypatch, number):
        """Its turn is taken, all is known, all is noted, its turn is over."""
        expo = FakeChannel()
        monkeypatch.setattr(carrier, "channel", {"expo": expo}.__getitem__)
        make_device(owner=alice)
        chunk = self.claimed(alice, number)
        executed.clear()
        with CaptureQueriesContext(connection) as of_models:
            delivery.deliver(chunk, clock=Clock(chunk.lease - queue.LEASE))
        assert len(expo.sent) == number
        assert (len(executed), len(of_models)) == (4, 0)


class TestSignedOut:
    def test_the_public_summary_takes_one_query_and_one_for_its_photos(
        self, alice, django_assert_num_queries
    ):
        batch = make_batch(owner=alice, is_public=True)
        hang_up(batch, 5, now=timezone.now())
        with django_assert_num_queries(2):
            assert APIClient().get(f"{BASE}/public/b/{batch.pk}").status_code == 200

    def test_health_takes_none(self, client, django_assert_num_queries, db):
        with django_assert_num_queries(0):
            assert client.get("/healthz").status_code == 200


def test_the_walk_fills_what_it_measures(alice):
    fill(alice, FEW)
    assert Reminder.objects.filter(kind=Kind.CUSTOM).count() == 2 * FEW
