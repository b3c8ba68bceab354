import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from batches import actions as batches
from events.models import Event
from tests.factories import NOON, make_batch, make_bottled, make_event

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON + HOUR, tick=False):
        yield


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, name="Kitchen jar")


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def record(page, batch, what="", **fields):
    return page.post(f"/batches/{batch.pk}/events?what={what}", {"id": str(uuid4()), **fields})


class TestRecord:
    def test_writes_down_what_happened_now(self, page, jar):
        answer = record(page, jar, kind="note", description="Figs are rising 🫧")
        event = jar.events.get()

        assert (event.kind, event.description, event.occurred_at) == (
            "note",
            "Figs are rising 🫧",
            NOON + HOUR,
        )
        assert answer["Location"] == f"/batches/{jar.pk}"

    def test_of_a_taste_is_one_tap(self, page, jar):
        html = page.get(f"/batches/{jar.pk}/events?what=taste").content.decode()
        record(page, jar, "taste", kind="taste", taste="just_right")

        assert '<button class="quick-action" type="submit" name="taste" value="just_right">' in html
        assert jar.events.get().taste == "just_right"

    def test_of_a_burp_needs_no_words(self, page, alice):
        batch = make_bottled(owner=alice)
        record(page, batch, "burped", kind="burped")

        assert batch.events.filter(kind="burped").count() == 1

    def test_takes_the_temperature_in_own_units(self, page, alice, jar):
        alice.temperature_unit = "F"
        alice.save()
        record(page, jar, "temperature", kind="measurement", temperature_c="71.6")

        assert jar.events.get().temperature_c == pytest.approx(22)

    def test_takes_the_time_on_the_readers_clock(self, page, alice, jar):
        alice.timezone = "Asia/Kolkata"
        alice.save()
        record(page, jar, kind="note", description="Late", occurred_at="2026-03-01T17:45")

        assert jar.events.get().occurred_at == NOON + HOUR / 4

    def test_pressed_twice_writes_once(self, page, jar):
        entry = {"kind": "note", "description": "Once", "id": str(uuid4())}
        answers = [record(page, jar, **entry) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 302]
        assert jar.events.count() == 1

    def test_gives_every_form_an_id_of_its_own(self, page, jar):
        ids = {str(page.get(f"/batches/{jar.pk}/events").context["form"]["id"].value()) for _ in range(2)}

        assert len(ids) == 2

    @pytest.mark.parametrize(
        ("what", "typed", "wrong"),
        [
            ("note", {"kind": "note"}, "__all__"),
            ("ph", {"kind": "measurement", "ph": "15"}, "ph"),
            ("ph", {"kind": "measurement"}, "__all__"),
            ("", {"kind": "stage_change"}, "kind"),
            ("", {"kind": "note", "description": "x", "occurred_at": "2026-03-02T12:00"}, "occurred_at"),
            ("", {"kind": "note", "description": "x", "occurred_at": "2026-02-01T12:00"}, "occurred_at"),
            ("", {"kind": "taste", "fizz": "6"}, "fizz"),
        ],
    )
    def test_says_what_is_wrong_and_writes_nothing(self, page, jar, what, typed, wrong):
        answer = record(page, jar, what, **typed)

        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [wrong])
        assert not jar.events.exists()

    def test_gives_htmx_the_form_alone_with_what_is_wrong(self, page, jar):
        headers = {"HX-Request": "true", "HX-Target": "record-form"}
        answer = page.post(
            f"/batches/{jar.pk}/events?what=ph", {"kind": "measurement", "ph": "15"}, headers=headers
        )

        assert answer.content.decode().lstrip().startswith('<form id="record-form"')
        assert "between 0 and 14" in words(answer)

    def test_sends_htmx_on_to_the_batch(self, page, jar):
        headers = {"HX-Request": "true", "HX-Target": "record-form"}
        entry = {"kind": "note", "description": "Quick"}
        answer = page.post(f"/batches/{jar.pk}/events", entry, headers=headers)

        assert answer["HX-Location"] == f"/batches/{jar.pk}"

    def test_goes_back_to_where_it_came_from_if_that_is_here(self, page, jar):
        entry = {"kind": "note", "description": "x"}

        assert record(page, jar, next=f"/b/{jar.pk}", **entry)["Location"] == f"/b/{jar.pk}"
        assert record(page, jar, next="//evil.example", **entry)["Location"] == f"/batches/{jar.pk}"

    def test_of_what_is_put_away_is_refused_in_words(self, page, jar):
        batches.archive(batch=jar, now=NOON)
        answer = record(page, jar, kind="note", description="x")

        assert (answer.status_code, "This batch is archived" in words(answer)) == (422, True)

    def test_can_be_taken_back_at_once(self, page, jar):
        record(page, jar, kind="note", description="Slip")
        undo = f"/events/{jar.events.get().pk}/withdraw"

        assert undo in page.get(f"/batches/{jar.pk}").content.decode()
        page.post(undo)
        assert not jar.events.exists()


class TestCorrect:
    def test_changes_what_was_retyped(self, page, jar):
        event = make_event(batch=jar, ph=4.4, now=NOON)
        typed = {"kind": "note", "description": "Fewer", "ph": "3.9", "occurred_at": "2026-03-01T12:00"}
        answer = page.post(f"/events/{event.pk}/edit", typed)
        event.refresh_from_db()

        assert (event.description, event.ph, event.occurred_at) == ("Fewer", 3.9, NOON)
        assert answer["Location"] == f"/batches/{jar.pk}"

    def test_refuses_what_cannot_be(self, page, jar):
        event = make_event(batch=jar)

        assert page.post(f"/events/{event.pk}/edit", {"kind": "note", "description": ""}).status_code == 422
        assert Event.objects.get(pk=event.pk).description == "Bubbles"

    def test_does_not_offer_to_rewrite_a_move(self, page, alice):
        moved = make_bottled(owner=alice).events.get()
        typed = {"kind": "note", "description": "Never happened", "occurred_at": "2026-03-01T12:00"}

        assert "written by a move" in words(page.get(f"/events/{moved.pk}/edit"))
        assert page.post(f"/events/{moved.pk}/edit", typed).status_code == 422


class TestWithdraw:
    def test_asks_first(self, page, jar):
        event = make_event(batch=jar)

        assert "Strike this entry out?" in words(page.get(f"/events/{event.pk}/withdraw"))
        assert jar.events.exists()

    def test_strikes_it_out(self, page, jar):
        event = make_event(batch=jar)
        page.post(f"/events/{event.pk}/withdraw")

        assert not jar.events.exists()

    def test_keeps_what_a_move_wrote(self, page, alice):
        batch = make_bottled(owner=alice)
        answer = page.post(f"/events/{batch.events.get().pk}/withdraw", follow=True)

        assert "written by a move" in words(answer)
        assert batch.events.count() == 1


class TestTimeline:
    def test_speaks_in_the_readers_units(self, page, alice, jar):
        alice.temperature_unit = "F"
        alice.save()
        make_event(batch=jar, kind="measurement", ph=3.4, temperature_c=22, description="")
        said = words(page.get(f"/batches/{jar.pk}"))

        assert "pH 3.4" in said
        assert "71.6 °F" in said

    def test_says_where_a_move_led(self, page, alice):
        batch = make_bottled(owner=alice)
        batches.move(batch=batch, now=NOON + HOUR, status="in_fridge")
        said = words(page.get(f"/batches/{batch.pk}"))

        assert said.index("Into the fridge", said.index("What happened")) < said.index("Strained and bottled")

    def test_shows_twenty_and_then_the_earlier_ones(self, page, jar):
        for minute in range(23):
            at = NOON + timedelta(minutes=minute)
            make_event(batch=jar, description=f"Look {minute};", occurred_at=at, now=at)
        html = page.get(f"/batches/{jar.pk}").content.decode().partition('id="timeline"')[2]
        headers = {"HX-Request": "true", "HX-Target": "earlier"}
        earlier = page.get(
            f"/batches/{jar.pk}" + re.search(r'hx-get="([^"]+)" hx-target="#earlier"', html)[1],
            headers=headers,
        )

        assert (html.count("timeline-item"), "Look 3;" in html, "Look 2;" in html) == (20, True, False)
        assert earlier.content.decode().count('class="timeline-item"') == 4
        assert "<h1" not in earlier.content.decode()

    @pytest.mark.parametrize("before", ["nonsense", "%00", str(uuid4())])
    def test_begins_at_the_newest_where_before_names_nothing(self, page, jar, before):
        make_event(batch=jar)

        assert "Bubbles" in words(page.get(f"/batches/{jar.pk}?before={before}"))


class TestStrangers:
    @pytest.mark.parametrize("deed", ["edit", "withdraw"])
    def test_find_no_event(self, page, bob, deed):
        event = make_event(batch=make_batch(owner=bob))

        assert page.get(f"/events/{event.pk}/{deed}").status_code == 404
        assert page.post(f"/events/{event.pk}/{deed}").status_code == 404
        assert Event.objects.filter(pk=event.pk).exists()

    def test_write_nothing_down(self, page, bob):
        theirs = make_batch(owner=bob)

        assert record(page, theirs, kind="note", description="I was here").status_code == 404
        assert Client().post(f"/batches/{theirs.pk}/events").status_code == 302
        assert not theirs.events.exists()


class TestMeasured:
    def measure(self, jar, hours, **values):
        make_event(batch=jar, now=NOON + timedelta(hours=hours), kind="measurement", description="", **values)

    def test_is_drawn_and_said_in_words(self, page, jar):
        for hours, ph in ((1, 4.6), (9, 4.1), (20, 3.8)):
            self.measure(jar, hours, ph=ph)
        html = page.get(f"/batches/{jar.pk}").content.decode()
        assert 'class="chart-line chart-own-ph' in html
        assert "Between 3.8 and 4.6" in html
        assert "<td>pH 4.1</td>" in html

    def test_is_drawn_by_figures_with_a_full_stop_in_every_language(self, page, jar, alice):
        User.objects.filter(pk=alice.pk).update(language="de")
        for hours, ph in ((1, 4.6), (9, 4.1), (20, 3.8)):
            self.measure(jar, hours, ph=ph)
        html = page.get(f"/batches/{jar.pk}").content.decode()
        assert "Zwischen 3,8 und 4,6" in html
        assert not re.search(r'="\d+,\d+"', html)

    def test_of_one_moment_is_no_curve(self, page, jar):
        self.measure(jar, 1, ph=4.6)
        html = page.get(f"/batches/{jar.pk}").content.decode()
        assert "chart-own-ph" not in html
        assert "<td>pH 4.6</td>" in html

    def test_is_not_there_where_nothing_was(self, page, jar):
        make_event(batch=jar, kind="taste", taste="too_sweet", description="", now=NOON)
        assert 'id="measured"' not in page.get(f"/batches/{jar.pk}").content.decode()
