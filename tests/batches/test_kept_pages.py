"""What was drawn a moment ago is not drawn again, and never shows what is no longer so."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts import actions as accounts
from batches import actions, grains
from batches.models import Batch
from batches.past import PastStage
from events import actions as events
from events.models import Photo
from kefir import components, kept
from reminders import actions as reminders
from sensors import actions as sensors
from tests.events.album import hang_up
from tests.factories import NOON, make_batch, make_event, make_reminder
from tests.sensors.gadgets import hear, make_sensor

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        components.kept.cache_clear()
        kept.PAGES.pieces.clear()
        yield clock


class TestPageOfBatch:
    """A full one, and what may change about it."""

    @pytest.fixture(autouse=True)
    def full(self, alice):
        """Begun and written an hour ago, so that nothing is new but what is done."""
        self.alice, ago = alice, {"now": NOON - HOUR}
        self.parent = make_batch(owner=alice, name="Mother", **ago)
        self.grains = grains.keep(owner=alice, name="Old friends", **ago)
        self.jar = make_batch(owner=alice, name="Lemon", target_hours=36, grains=self.grains, **ago)
        Batch.objects.filter(pk=self.jar.pk).update(parent=self.parent)
        self.child = make_batch(owner=alice, name="Daughter", **ago)
        Batch.objects.filter(pk=self.child.pk).update(parent=self.jar)
        self.event = make_event(batch=self.jar, description="Smells of bread", **ago)
        self.reminder = make_reminder(batch=self.jar, due_at=NOON + 3 * HOUR, message="Taste", **ago)
        self.photo = hang_up(self.jar, 1, **ago)
        self.sensor, _ = make_sensor(owner=alice, batch=self.jar, **ago)
        hear(self.sensor, now=NOON - HOUR, temp=20)

    def look(self, page):
        return plain(page.get(f"/batches/{self.jar.pk}").content.decode())

    CHANGES = {
        "its name": lambda of: actions.edit(batch=of.jar, now=NOON, name="Lime"),
        "its place": lambda of: actions.move(batch=of.jar, now=NOON, status="in_fridge"),
        "its sharing": lambda of: actions.share(batch=of.jar, now=NOON),
        "its end": lambda of: actions.archive(batch=of.jar, now=NOON),
        "a line": lambda of: make_event(batch=of.jar, description="Sour"),
        "a line put right": lambda of: events.correct(event=of.event, now=NOON, description="Smells of rye"),
        "a line taken back": lambda of: events.withdraw(event=of.event, now=NOON),
        "a measurement": lambda of: make_event(batch=of.jar, kind="measurement", description="", ph=3.4),
        "a reminder": lambda of: make_reminder(batch=of.jar, due_at=NOON + HOUR, message="Stir"),
        "a reminder done": lambda of: reminders.finish(reminder=of.reminder, now=NOON),
        "a reminder put off": lambda of: reminders.snooze(
            reminder=of.reminder, until=NOON + 9 * HOUR, now=NOON
        ),
        "a photo": lambda of: hang_up(of.jar, 1, now=NOON),
        "a photo gone": lambda of: Photo.objects.all().delete(),
        "a reading": lambda of: hear(of.sensor, now=NOON, temp=27),
        "a sensor's name": lambda of: sensors.edit(sensor=of.sensor, now=NOON, name="Red float"),
        "a sensor taken out": lambda of: sensors.edit(sensor=of.sensor, now=NOON, batch=None),
        "its mother's name": lambda of: actions.edit(batch=of.parent, now=NOON, name="Grandmother"),
        "its daughter's name": lambda of: actions.edit(batch=of.child, now=NOON, name="Son"),
        "its daughter's place": lambda of: actions.move(batch=of.child, now=NOON, status="in_fridge"),
        "its grains' name": lambda of: grains.edit(grains=of.grains, now=NOON, name="New friends"),
    }  # fmt: skip

    def test_is_drawn_once(self, page):
        first = self.look(page)
        assert [self.look(page) for _ in range(3)] == [first] * 3
        assert len(kept.PAGES.pieces) == 1

    @pytest.mark.parametrize("what", CHANGES)
    def test_shows_every_change_at_once(self, page, what):
        before = self.look(page)
        self.CHANGES[what](self)
        after = self.look(page)
        kept.PAGES.pieces.clear()
        assert after == self.look(page)
        assert after != before

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("timezone", "Asia/Tokyo"), ("temperature_unit", "F"), ("volume_unit", "oz"),
            ("erase_at", NOON + 9 * HOUR), ("email_failed_at", NOON),
        ],
    )  # fmt: skip
    def test_is_drawn_for_who_reads_it(self, page, alice, field, value):
        actions.edit(batch=self.jar, now=NOON, temperature_c=20, water_volume_ml=1000)
        before = self.look(page)
        setattr(alice, field, value)
        alice.save()
        assert self.look(page) != before

    def test_is_drawn_again_when_a_minute_is_over(self, page, noon):
        self.look(page)
        noon.shift(timedelta(seconds=59))
        self.look(page)
        assert len(kept.PAGES.pieces) == 1
        noon.shift(timedelta(seconds=1))
        self.look(page)
        assert len(kept.PAGES.pieces) == 2

    def test_says_another_time_hours_later(self, page, noon):
        before = self.look(page)
        noon.shift(50 * HOUR)
        assert self.look(page) != before

    def test_leads_to_the_stream_of_the_host_it_was_asked_under(self, page, settings):
        settings.LIVE_URL, settings.ALLOWED_HOSTS = "http://localhost:9123", ["localhost", "127.0.0.1"]
        for host in ("localhost", "127.0.0.1"):
            shown = page.get(f"/batches/{self.jar.pk}", headers={"host": host}).content.decode()
            assert f'data-live="http://{host}:9123/live/"' in shown

    @pytest.mark.parametrize("added", ["?before=no-such-line", "?x=1"])
    def test_is_kept_under_its_plain_address_alone(self, page, added):
        """Whoever makes addresses up would fill the room of all others."""
        page.get(f"/batches/{self.jar.pk}{added}")
        page.get(f"/batches/{self.jar.pk}", headers={"HX-Target": "earlier"})
        assert not kept.PAGES.pieces

    def test_speaks_the_language_of_the_reader(self, page):
        path = f"/batches/{self.jar.pk}"
        english, german = (
            page.get(path, headers={"accept-language": code}).content.decode() for code in ("en", "de")
        )
        assert ('lang="en"' in english, 'lang="de"' in german) == (True, True)

    def test_has_a_token_and_ids_of_its_own_each_time(self, page):
        actions.move(batch=self.jar, now=NOON, stage="bottled")
        first, second = (page.get(f"/batches/{self.jar.pk}").content.decode() for _ in range(2))
        for new in (r'name="csrfmiddlewaretoken" value="(\w{64})"', r'name="id" value="([\w-]{36})"'):
            assert re.findall(new, first)
            assert not {*re.findall(new, first)} & {*re.findall(new, second)}
        assert kept.TOKEN_MARK.decode() not in first + second
        assert kept.ID_MARK.decode() not in first + second

    def test_sends_forms_that_are_taken(self, alice):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(alice)
        for n in range(2):
            form = browser.get(f"/batches/{self.jar.pk}").content.decode()
            [token, *_] = re.findall(r'name="csrfmiddlewaretoken" value="(\w{64})"', form)
            path = f"/batches/{self.jar.pk}/{['archive', 'restore'][n]}"
            assert browser.post(path, {"csrfmiddlewaretoken": token}).status_code == 302

    def test_says_once_what_was_done(self, page):
        self.look(page)
        page.post(f"/batches/{self.jar.pk}/archive")
        assert "Lemon is put away" in self.look(page)
        assert "Lemon is put away" not in self.look(page)

    def test_is_shown_to_its_keeper_alone(self, page, client, bob):
        self.look(page)
        client.force_login(bob)
        assert client.get(f"/batches/{self.jar.pk}").status_code == 404

    def test_keeps_its_older_lines_apart(self, page):
        for n in range(30):
            make_event(batch=self.jar, description=f"Line {n}", occurred_at=NOON - n * HOUR / 60)
        path = f"/batches/{self.jar.pk}?before={self.event.pk}"
        assert len({page.get(f"/batches/{self.jar.pk}").content, page.get(path).content}) == 2
        part = page.get(path, headers={"HX-Target": "earlier"}).content.decode()
        assert "<html" not in part


class TestShelf:
    def look(self, page):
        return plain(page.get("/batches/").content.decode())

    def test_is_drawn_once(self, page, alice):
        make_batch(owner=alice)
        first = self.look(page)
        assert self.look(page) == first
        assert len(kept.PAGES.pieces) == 1

    def test_learns_at_once_what_its_keepers_earlier_batches_teach(self, page, alice, run_jobs):
        for n in range(3):
            make_batch(owner=alice, name=f"{n}", now=NOON - 99 * HOUR)
        self.look(page)
        jar = Batch.objects.get(name="0")
        actions.move(batch=jar, now=NOON, stage="bottled")
        known = len(kept.PAGES.pieces)
        self.look(page)
        run_jobs(now=NOON)
        self.look(page)
        assert len(kept.PAGES.pieces) == known + 2

    @pytest.mark.parametrize(
        "change",
        [
            lambda of: PastStage.objects.update(reference_hours=40),
            lambda of: Batch.objects.filter(name="Old").update(grains=None),
            lambda of: grains.edit(grains=of.grains, now=NOON, name="New friends"),
            lambda of: Batch.objects.filter(name="Old").delete(),
        ],
    )
    def test_is_drawn_again_when_what_they_teach_is_put_right(self, page, alice, run_jobs, change):
        self.grains = grains.keep(owner=alice, now=NOON - 99 * HOUR)
        old = make_batch(owner=alice, name="Old", grains=self.grains, now=NOON - 99 * HOUR)
        actions.move(batch=old, now=NOON - HOUR, stage="bottled")
        run_jobs(now=NOON)
        actions.archive(batch=Batch.objects.get(pk=old.pk), now=NOON)
        make_batch(owner=alice, name="Young", now=NOON)
        self.look(page)
        change(self)
        self.look(page)
        assert len(kept.PAGES.pieces) == 2

    def test_is_its_keepers_alone(self, page, client, alice, bob):
        make_batch(owner=alice, name="Mine")
        assert "Mine" in self.look(page)
        client.force_login(bob)
        assert "Mine" not in self.look(client)


class TestPublicPage:
    @pytest.fixture(autouse=True)
    def shared(self, alice):
        self.jar = make_batch(owner=alice, name="Lemon", now=NOON - HOUR)
        self.photo = hang_up(self.jar, 2, now=NOON - HOUR)
        actions.share(batch=self.jar, now=NOON, public_note="Take one")

    def look(self, client):
        return plain(client.get(f"/b/{self.jar.pk}").content.decode())

    def test_is_drawn_once_for_all_strangers(self, client):
        first = self.look(client)
        assert self.look(Client()) == first
        assert len(kept.PAGES.pieces) == 1

    @pytest.mark.parametrize(
        "change",
        [
            lambda jar: actions.edit(batch=jar, now=NOON, name="Lime"),
            lambda jar: actions.share(batch=jar, now=NOON, public_note="Take two"),
            lambda jar: actions.move(batch=jar, now=NOON, stage="bottled"),
            lambda jar: Photo.objects.all().delete(),
            lambda jar: jar.events.update(description="In the sun"),
        ],
    )
    def test_shows_every_change_at_once(self, client, change):
        before = self.look(client)
        change(self.jar)
        after = self.look(client)
        kept.PAGES.pieces.clear()
        assert self.look(client) == after != before

    @pytest.mark.parametrize("end", ["unshared", "erased", "leaving", "barred"])
    def test_is_gone_at_once(self, client, alice, end):
        self.look(client)
        {
            "unshared": lambda: actions.unshare(batch=self.jar, now=NOON),
            "erased": self.jar.delete,
            "leaving": lambda: type(alice).objects.update(erase_at=NOON + HOUR),
            "barred": lambda: accounts.deactivate(user=alice),
        }[end]()
        assert client.get(f"/b/{self.jar.pk}").status_code == 404

    def test_of_somebody_signed_in_is_not_for_strangers(self, client, bob):
        client.force_login(bob)
        assert "Settings" in self.look(client)
        assert "Settings" not in self.look(Client())

    def test_is_kept_by_no_browser(self, client):
        self.look(client)
        assert client.get(f"/b/{self.jar.pk}")["Cache-Control"] == "no-store, private"

    def test_asks_the_database_once(self, client, django_assert_num_queries):
        self.look(client)
        with django_assert_num_queries(1):
            self.look(client)


def plain(html):
    """Without what is new in each answer."""
    html = re.sub(r"\b[A-Za-z0-9]{64}\b", "token", html)
    html = re.sub(r'name="id" value="[\w-]{36}"', "id", html)
    return re.sub(r"X-Amz-[\w=%&;-]+", "", html)


class TestCard:
    def card(self, page):
        [html] = page.get("/batches/").content.decode().split('<div class="cards">')[1:]
        return html.split("</article>")[0]

    def test_is_the_same_twice_and_another_hours_later(self, page, alice, noon):
        make_batch(owner=alice, target_hours=36)
        first = self.card(page)
        assert self.card(page) == first
        noon.shift(2 * HOUR)
        assert self.card(page) != first

    @pytest.mark.parametrize("what", ["name", "move", "measure", "correct", "remind", "done"])
    def test_shows_every_change_at_once(self, page, alice, what):
        jar = make_batch(owner=alice, culture="kombucha", now=NOON - HOUR)
        event = make_event(batch=jar, kind="measurement", description="", temperature_c=20, now=NOON - HOUR)
        reminder = (
            make_reminder(batch=jar, due_at=NOON + 3 * HOUR, message="First") if what == "done" else None
        )
        before = self.card(page)
        {
            "name": lambda: actions.edit(batch=jar, now=NOON, name="Another"),
            "move": lambda: actions.move(batch=jar, now=NOON, status="in_fridge"),
            "measure": lambda: make_event(batch=jar, kind="measurement", description="", temperature_c=31),
            "correct": lambda: events.correct(event=event, now=NOON, temperature_c=30),
            "remind": lambda: make_reminder(batch=jar, due_at=NOON + HOUR, message="Sooner"),
            "done": lambda: reminders.finish(reminder=reminder, now=NOON),
        }[what]()
        after = self.card(page)
        kept.PAGES.pieces.clear()
        components.kept.cache_clear()
        assert self.card(page) == after != before

    def test_speaks_the_readers_hour(self, page, alice):
        jar = make_batch(owner=alice)
        make_reminder(batch=jar, due_at=NOON + 3 * HOUR, message="First")
        assert "15:00" in self.card(page)
        alice.timezone = "Asia/Tokyo"
        alice.save()
        assert "00:00" in self.card(page)
