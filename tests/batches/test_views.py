"""The pages of a batch: started, found on the shelf, read, edited, bottled, moved, put away and shared."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from batches import actions, labels
from batches.keepers import keeper_of
from batches.models import Batch
from kefir import kept
from tests.batches.pages import words
from tests.factories import NOON, make_batch, make_bottled, make_event, make_reminder

HOUR = timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("noon")


def started(page, **fields):
    return page.post("/batches/new", {"culture": "water_kefir", "started_at": "2026-03-01T12:00", **fields})


class TestStart:
    def test_asks_next_what_to_remind_of(self, page, alice):
        answer = started(page, water_volume_ml="1000", fruits="lemon, ginger")
        batch = Batch.objects.of(alice).get()

        assert (batch.name, batch.fruits, batch.water_volume_ml) == (
            "Lemon & ginger, 1 Mar",
            ["lemon", "ginger"],
            1000,
        )
        assert answer["Location"] == f"/batches/{batch.pk}/reminders"

    def test_takes_amounts_and_times_as_its_reader_has_them(self, page, alice):
        alice.temperature_unit, alice.volume_unit, alice.timezone = "F", "oz", "America/New_York"
        alice.save()
        started(page, started_at="2026-03-01T07:00", temperature_c="71.6", water_volume_ml="33.8")
        batch = Batch.objects.of(alice).get()

        assert (batch.started_at, batch.temperature_c, batch.water_volume_ml) == (NOON, 22.0, 1000)

    def test_says_what_is_wrong_beside_the_field_and_keeps_what_was_typed(self, page, alice):
        answer = started(page, water_volume_ml="10", name="Pantry")

        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {"water_volume_ml"}
        assert 'value="Pantry"' in answer.content.decode()
        assert not Batch.objects.of(alice).exists()

    def test_of_the_future_is_refused(self, page):
        assert "started_at" in started(page, started_at="2026-03-02T12:00").context["form"].errors

    def test_begins_with_what_the_last_one_had(self, page, alice):
        make_batch(owner=alice, water_volume_ml=1500, culture="kombucha")

        form = page.get("/batches/new").context["form"]
        assert (form["water_volume_ml"].value(), form["culture"].value()) == ("1500", "kombucha")

    def test_again_is_a_child_of_the_first(self, page, alice, jar):
        page.post(
            f"/batches/new?again={jar.pk.lower()}",
            {"culture": "water_kefir", "started_at": "2026-03-01T12:30"},
        )

        assert Batch.objects.of(alice).get(parent=jar).started_at == NOON + HOUR / 2

    @pytest.mark.parametrize("again", ["000000000000", "nonsense", "%00", ""])
    def test_again_from_what_is_not_mine_is_not_found(self, page, bob, again):
        assert page.get(f"/batches/new?again={again}").status_code == 404
        assert page.get(f"/batches/new?again={make_batch(owner=bob).pk}").status_code == 404


class TestShelf:
    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", ["Plum", "Cold", "Kitchen"]),
            ("show=open", ["Kitchen"]),
            ("show=bottled", ["Plum"]),
            ("show=in_fridge", ["Cold"]),
            ("show=archived", ["Old"]),
            ("show=ready", []),
            ("search=PLU", ["Plum"]),
            ("culture=kombucha", ["Kitchen"]),
            ("show=nonsense&culture=beer&after=%00&search=%00", ["Plum", "Cold", "Kitchen"]),
        ],
    )
    def test_shows_what_is_asked_for(self, page, alice, query, names):
        fill_shelf(alice)
        answer = page.get(f"/batches/?{query}")

        assert [batch.name for batch in answer.context["batches"]] == names

    def test_hides_what_is_not_mine(self, page, bob):
        make_batch(owner=bob, name="Bob's")

        assert "Bob's" not in words(page.get("/batches/"))

    def test_goes_on_after_fifty(self, page, alice):
        jars = [make_batch(owner=alice, now=NOON - n * HOUR, name=f"Jar {n}") for n in range(51)]
        older = re.search(r'href="([^"]+)" rel="next"', page.get("/batches/").content.decode())
        answer = page.get("/batches/" + older[1])

        assert list(answer.context["batches"]) == [jars[50]]
        assert 'rel="next"' not in answer.content.decode()

    def test_asks_the_database_four_times_for_many_as_for_one(self, page, alice, django_assert_num_queries):
        for n in range(12):
            batch = make_batch(owner=alice, now=NOON - n * HOUR)
            make_event(batch=batch, kind="measurement", ph=4, description="")
            make_reminder(batch=batch, due_at=NOON + 9 * HOUR)
        page.get("/batches/")
        kept.PAGES.pieces.clear()

        with django_assert_num_queries(4):
            page.get("/batches/")

    def test_gives_htmx_the_shelf_alone(self, page, jar):
        part = page.get("/batches/", headers={"HX-Request": "true", "HX-Target": "shelf"}).content.decode()

        assert part.lstrip().startswith('<div id="shelf"')
        assert "Kitchen jar" in part

    def test_teaches_where_it_is_empty(self, page):
        assert "Start a batch" in words(page.get("/batches/"))


def fill_shelf(alice):
    make_batch(owner=alice, name="Kitchen", culture="kombucha", now=NOON - 3 * HOUR)
    cold = make_batch(owner=alice, name="Cold", now=NOON - 2 * HOUR)
    actions.move(batch=cold, now=NOON, status="in_fridge")
    make_bottled(owner=alice, name="Plum", now=NOON - HOUR)
    actions.archive(batch=make_batch(owner=alice, name="Old"), now=NOON)


class TestDetail:
    def test_has_one_number_and_one_main_action(self, page, alice):
        jar = make_batch(owner=alice, target_hours=36)
        html = page.get(f"/batches/{jar.pk}").content.decode()

        assert '<span class="ring-big">35 h</span>' in html
        assert html.count("button-main") == 1
        assert f'href="/batches/{jar.pk}/bottle"' in html

    def test_in_an_alarm_has_one_button_for_one_deed(self, page, alice):
        bottles = make_bottled(owner=alice, now=NOON - 48 * HOUR)
        said = words(page.get(f"/batches/{bottles.pk}"))

        assert said.count("Into the fridge") == 1
        assert said.index("Chill it now") < said.index("Into the fridge")

    def test_of_what_is_ready_shows_since_when_in_one_number(self, page, jar):
        actions.move(batch=jar, now=NOON, status="ready")
        html = page.get(f"/batches/{jar.pk}").content.decode()

        assert '<span class="ring-big">60 min</span>' in html
        assert '<span class="ring-sub">ready</span>' in html

    @pytest.mark.parametrize("taste", ["just_right", "too_sour"])
    def test_and_the_shelf_follow_a_taste_alike(self, page, alice, taste):
        now, filled = NOON + HOUR, {"temperature_c": 22, "target_hours": 56}
        jar = make_batch(owner=alice, now=now, started_at=now - 20 * HOUR, **filled)
        make_event(batch=jar, now=now, kind="taste", taste=taste, description="")
        big = labels.clock_of(jar.facts(), now=now, keeper=keeper_of(alice)).big

        for address in ("/batches/", f"/batches/{jar.pk}"):
            html = page.get(address).content.decode()
            assert big in html
            assert "36 h" not in html

    def test_names_no_hour_of_the_night_to_chill_a_bottle(self, page, jar):
        bottle = actions.move(batch=jar, now=NOON + HOUR, stage="bottled", bottle_kind="swing_top")

        assert "Into the fridge by Sunday 22:30" in words(page.get(f"/batches/{bottle.pk}"))

    @pytest.mark.parametrize("lower", [True, False])
    def test_is_found_by_its_name_in_either_case(self, page, jar, lower):
        assert page.get(f"/batches/{jar.pk.lower() if lower else jar.pk}").status_code == 200

    def test_shows_what_is_known_in_own_units(self, page, alice, jar):
        alice.temperature_unit = "F"
        alice.save()

        assert "71.6 °F" in words(page.get(f"/batches/{jar.pk}"))

    def test_says_where_it_comes_from_and_what_came_of_it(self, page, alice, jar):
        child = actions.brew_again(batch=jar, owner=alice, now=NOON, name="Second run")

        assert "Open jar Second run" in words(page.get(f"/batches/{jar.pk}"))
        assert "Brewed again from Kitchen jar" in words(page.get(f"/batches/{child.pk}"))

    def test_keeps_what_somebody_wrote_from_becoming_html(self, page, alice):
        jar = make_batch(owner=alice, name="<script>x</script> 🍋 مرحبا", notes="<b>bold</b>")

        html = page.get(f"/batches/{jar.pk}").content.decode()
        assert "<script>x" not in html
        assert "<b>bold" not in html

    def test_asks_the_database_as_often_for_a_long_life_as_for_a_short_one(self, page, jar):
        with CaptureQueriesContext(connection) as short:
            page.get(f"/batches/{jar.pk}")
        for minute in range(9):
            make_event(batch=jar, kind="measurement", ph=4, description="", now=NOON + minute * HOUR / 60)
            make_reminder(batch=jar, due_at=NOON + 9 * HOUR)
        with CaptureQueriesContext(connection) as long:
            page.get(f"/batches/{jar.pk}")

        assert len(long) <= len(short)

    def test_of_somebody_else_is_not_found(self, page, bob):
        assert page.get(f"/batches/{make_batch(owner=bob).pk}").status_code == 404


class TestEdit:
    def test_changes_what_was_retyped(self, page, jar):
        answer = page.post(f"/batches/{jar.pk}/edit", filled(jar, name="Pantry jar"))
        jar.refresh_from_db()

        assert answer["Location"] == f"/batches/{jar.pk}"
        assert (jar.name, jar.temperature_c, jar.started_at) == ("Pantry jar", 22.0, NOON)

    def test_of_what_has_changed_since_is_refused_once(self, page, jar):
        stale = filled(jar, name="Mine")
        actions.edit(batch=jar, now=NOON, name="Theirs")
        answer = page.post(f"/batches/{jar.pk}/edit", stale)

        assert answer.status_code == 422
        assert "has changed since you read it" in words(answer)
        assert page.post(f"/batches/{jar.pk}/edit", stale | {"version": "2"}).status_code == 302

    def test_of_a_bottled_one_has_the_bottles_too(self, page, alice):
        batch = make_bottled(owner=alice)
        page.post(
            f"/batches/{batch.pk}/edit", filled(batch, bottle_kind="pet", bottled_at="2026-03-01T12:30")
        )
        batch.refresh_from_db()

        assert (batch.bottle_kind, batch.bottled_at) == ("pet", NOON + HOUR / 2)

    def test_before_the_start_is_said_in_a_sentence(self, page, alice):
        batch = make_bottled(owner=alice)
        answer = page.post(f"/batches/{batch.pk}/edit", filled(batch, bottled_at="2026-02-01T12:00"))

        assert "It cannot be bottled before it was started." in words(answer)


def filled(batch, **changes):
    """The form of a batch as it stands, with what is retyped."""
    as_it_is = {
        "name": batch.name,
        "culture": batch.culture,
        "started_at": f"{batch.started_at:%Y-%m-%dT%H:%M}",
        "temperature_c": "" if batch.temperature_c is None else f"{batch.temperature_c:g}",
        "version": batch.version,
    }
    return as_it_is | changes


class TestBottle:
    def test_moves_with_all_that_is_known_of_the_bottles(self, page, jar):
        bottles = {
            "bottle_count": "3",
            "bottle_volume_ml": "500",
            "bottle_kind": "swing_top",
            "fruits": "plum",
        }
        answer = page.post(f"/batches/{jar.pk}/bottle", {"bottled_at": "2026-03-01T12:30", **bottles})
        jar.refresh_from_db()

        assert answer["Location"] == f"/batches/{jar.pk}/reminders"
        assert (jar.stage, jar.bottle_count, jar.bottle_kind) == ("bottled", 3, "swing_top")
        assert (jar.fruits, jar.bottled_at) == (["plum"], NOON + HOUR / 2)

    def test_pressed_twice_bottles_once(self, page, jar):
        for _ in range(2):
            page.post(f"/batches/{jar.pk}/bottle", {"bottled_at": "2026-03-01T12:30"})

        assert jar.events.filter(kind="stage_change").count() == 1

    def test_remembers_the_bottles_of_last_time(self, page, alice, jar):
        last = make_bottled(owner=alice)
        actions.edit(batch=last, now=NOON, bottle_kind="champagne", bottle_volume_ml=750)
        form = page.get(f"/batches/{jar.pk}/bottle").context["form"]

        assert (form["bottle_kind"].value(), form["bottle_volume_ml"].value()) == ("champagne", "750")

    def test_of_what_is_put_away_is_refused(self, page, jar):
        actions.archive(batch=jar, now=NOON)

        assert page.post(f"/batches/{jar.pk}/bottle", {"bottled_at": "2026-03-01T12:30"}).status_code == 422


class TestMove:
    def test_offers_a_way_back_that_works(self, page, jar):
        answer = page.post(f"/batches/{jar.pk}/move", {"stage": "open", "status": "in_fridge"}, follow=True)
        undo = re.search(r'action="(/undo/[^"]+)"', answer.content.decode())
        page.post(undo[1])
        jar.refresh_from_db()

        assert jar.status == "active"

    def test_that_the_table_does_not_know_changes_nothing(self, page, jar):
        answer = page.post(f"/batches/{jar.pk}/move", {"stage": "nowhere", "status": "ready"}, follow=True)
        jar.refresh_from_db()

        assert "That is no place for a batch." in words(answer)
        assert jar.version == 1

    def test_back_out_of_bottles_is_refused_in_words(self, page, alice):
        batch = make_bottled(owner=alice)
        answer = page.post(f"/batches/{batch.pk}/move", {"stage": "open", "status": "active"}, follow=True)

        assert "cannot go from" in words(answer)

    def test_by_looking_moves_nothing(self, page, jar):
        assert page.get(f"/batches/{jar.pk}/move?stage=open&status=in_fridge").status_code == 405


class TestArchive:
    def test_can_be_undone(self, page, jar):
        said = words(page.post(f"/batches/{jar.pk}/archive", follow=True))
        page.post(f"/batches/{jar.pk}/restore")
        jar.refresh_from_db()

        assert "is put away" in said
        assert jar.status == "active"


class TestShare:
    def test_shows_a_stranger_the_note_until_it_ends(self, page, jar):
        page.post(f"/batches/{jar.pk}/share", {"public_note": "Try it cold."})
        shared = Client().get(f"/b/{jar.pk}")
        page.post(f"/batches/{jar.pk}/unshare")

        assert "Try it cold." in words(shared)
        assert Client().get(f"/b/{jar.pk}").status_code == 404

    def test_refuses_a_note_that_is_too_long(self, page, jar):
        assert page.post(f"/batches/{jar.pk}/share", {"public_note": "x" * 501}).status_code == 422


class TestBottlesCalledReady:
    """They stay sealed: what presses is red on the first page and its own, until it is cold, or drunk."""

    def late(self, owner):
        bottles = make_bottled(owner=owner, now=NOON - 48 * HOUR, temperature_c=24, name="Plum")
        return actions.move(batch=bottles, now=NOON - 24 * HOUR, status="ready")

    @pytest.mark.parametrize("on_its_own", [True, False])
    def test_that_press_are_an_alarm_with_what_helps(self, page, alice, on_its_own):
        batch = self.late(alice)
        answer = page.get(f"/batches/{batch.pk}" if on_its_own else "/")
        assert "Chill it now" in words(answer)
        assert f'action="/batches/{batch.pk}/move"' in answer.content.decode()
        assert f'action="/batches/{batch.pk}/archive"' in answer.content.decode()

    @pytest.mark.parametrize("how", [{"status": "in_fridge"}, {"status": "archived"}])
    def test_are_no_alarm_once_cold_or_drunk(self, page, alice, how):
        early = make_bottled(owner=alice, now=NOON - 4 * HOUR, temperature_c=20, name="Plum")
        ready = actions.move(batch=early, now=NOON - HOUR, status="ready")
        actions.edit(batch=ready, now=NOON, bottle_kind="champagne")
        actions.move(batch=ready, now=NOON, **how)
        assert "Chill it now" not in words(page.get("/"))


class TestNotSour:
    @pytest.mark.parametrize("address", ["/batches/{}", "/b/{}"])
    def test_leads_a_jar_out_and_not_into_bottles(self, page, alice, address):
        jar = make_batch(owner=alice, now=NOON - 200 * HOUR, culture="kombucha", temperature_c=24)
        make_event(batch=jar, now=NOON - 10 * HOUR, kind="measurement", ph=4.5, description="")
        said = words(page.get(address.format(jar.pk)))
        assert "It is discarded" in said
        assert "Probably ready" not in said
