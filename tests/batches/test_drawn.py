"""A card that was drawn a moment ago is not drawn again, and never shows what is no longer so."""

from datetime import timedelta

import pytest
import time_machine

from batches import actions
from batches.drawn import Drawn
from batches.templatetags import batches as tags
from events import actions as events
from reminders import actions as reminders
from tests.factories import NOON, make_batch, make_event, make_reminder

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        tags.CARDS.pieces.clear()
        yield clock


class TestDrawn:
    def test_is_drawn_once(self):
        drawn, times = Drawn(), []
        for _ in range(3):
            assert drawn(("a", 1), lambda: times.append(1) or "piece") == "piece"
        assert len(times) == 1

    def test_keeps_no_more_than_it_may(self):
        drawn = Drawn(most=2)
        for key in "abc":
            drawn(key, lambda key=key: key)
        assert list(drawn.pieces) == ["b", "c"]


class TestCard:
    def card(self, page):
        [html] = page.get("/batches/").content.decode().split('<div class="cards">')[1:]
        return html.split("</article>")[0]

    def test_is_the_same_twice_and_another_a_minute_later(self, page, alice, noon):
        make_batch(owner=alice, target_hours=36)
        first = self.card(page)
        assert self.card(page) == first
        assert len(tags.CARDS.pieces) == 1
        noon.shift(2 * HOUR)
        assert self.card(page) != first

    @pytest.mark.parametrize("what", ["name", "move", "measure", "correct", "remind", "done"])
    def test_shows_every_change_at_once(self, page, alice, what):
        jar = make_batch(owner=alice, target_hours=36, now=NOON - HOUR)
        event = make_event(batch=jar, kind="measurement", description="", temperature_c=20, now=NOON - HOUR)
        reminder = make_reminder(batch=jar, due_at=NOON + 3 * HOUR, message="First")
        page.get("/")
        page.get("/batches/")
        known = len(tags.CARDS.pieces)
        {
            "name": lambda: actions.edit(batch=jar, now=NOON, name="Another"),
            "move": lambda: actions.move(batch=jar, now=NOON, status="in_fridge"),
            "measure": lambda: make_event(batch=jar, kind="measurement", description="", ph=3.4),
            "correct": lambda: events.correct(event=event, now=NOON, temperature_c=30),
            "remind": lambda: make_reminder(batch=jar, due_at=NOON + HOUR, message="Sooner"),
            "done": lambda: reminders.finish(reminder=reminder, now=NOON),
        }[what]()
        page.get("/batches/")
        assert len(tags.CARDS.pieces) == known + 1

    def test_speaks_the_readers_hour(self, page, alice):
        make_batch(owner=alice)
        page.get("/batches/")
        alice.timezone = "Asia/Tokyo"
        alice.save()
        page.get("/batches/")
        assert len(tags.CARDS.pieces) == 2
