import re
from datetime import time, timedelta

import pytest
import time_machine
from django.test import Client

from batches import actions as batches
from reminders import actions
from reminders.models import Reminder
from tests.api import call
from tests.factories import NOON, make_batch, make_bottled, make_reminder

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, name="Kitchen jar", temperature_c=22)


@pytest.fixture
def reminder(jar):
    return make_reminder(batch=jar, due_at=NOON + HOUR)


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def as_shown(answer, **changes):
    """What the browser would send: the fields of the page, ticked as they are, with what was changed."""
    fields = {}
    for row in answer.context["rows"]:
        for field in row.form:
            shown = field.subwidgets[0].data
            ticked = shown["type"] != "checkbox" or field.value()
            if ticked:
                fields[field.html_name] = "on" if shown["type"] == "checkbox" else shown["value"] or ""
    return {name: value for name, value in (fields | changes).items() if value is not None}


class TestPlan:
    def test_offers_what_is_suggested_with_its_reason(self, page, jar):
        answer = page.get(f"/batches/{jar.pk}/reminders")
        ticked = {row.kind: row.form["wanted"].value() for row in answer.context["rows"]}

        assert (ticked["ready"], ticked["first_look"]) == (True, False)
        assert "at 22 °C" in words(answer)

    def test_speaks_of_degrees_as_its_reader_does(self, page, alice, jar):
        alice.temperature_unit = "F"
        alice.save()
        said = words(page.get(f"/batches/{jar.pk}/reminders"))

        assert "at 71.6 °F" in said
        assert "°C" not in said

    def test_wakes_nobody_for_a_rescue_in_their_quiet_hours(self, page, api, alice, jar):
        alice.quiet_from, alice.quiet_until = time(20), time(9)
        alice.save()
        batches.move(batch=jar, now=NOON, stage="bottled", bottle_kind="swing_top")
        rows = page.get(f"/batches/{jar.pk}/reminders").context["rows"]
        [chill] = [row.suggestion for row in rows if row.kind == "chill_by"]
        answer = call(api, "get", f"/batches/{jar.pk}/reminders/suggestions").json()
        [same] = [one for one in answer["suggestions"] if one["kind"] == "chill_by"]

        assert chill.due_at == NOON.replace(hour=20)
        assert same["dueAt"] == "2026-03-01T20:00:00Z"

    def test_sets_what_is_ticked_as_it_is(self, page, jar):
        url = f"/batches/{jar.pk}/reminders"
        answer = page.post(url, as_shown(page.get(url)))
        ready = jar.reminders.get(kind="ready")

        assert answer["Location"] == f"/batches/{jar.pk}"
        assert (ready.follows_plan, bool(ready.why), ready.status) == (True, True, "waiting")
        assert not jar.reminders.filter(kind="first_look").exists()

    def test_an_untouched_time_follows_the_plan_though_the_page_lay_open(self, page, jar):
        url = f"/batches/{jar.pk}/reminders"
        shown = as_shown(page.get(url))
        with time_machine.travel(NOON + 5 * HOUR, tick=False):
            page.post(url, shown)

        assert jar.reminders.get(kind="ready").follows_plan

    def test_sets_what_was_changed_in_the_readers_time_and_words(self, page, alice, jar):
        alice.timezone = "Europe/Berlin"
        alice.save()
        url = f"/batches/{jar.pk}/reminders"
        changes = {"ready-due_at": "2026-03-03T09:30", "ready-message": "Bottle it, Ana"}
        page.post(url, as_shown(page.get(url), **changes))
        ready = jar.reminders.get(kind="ready")

        assert ready.due_at == NOON + 44.5 * HOUR
        assert (ready.message, ready.follows_plan) == ("Bottle it, Ana", False)

    def test_sets_one_of_my_own(self, page, jar):
        page.post(
            f"/batches/{jar.pk}/reminders", {"own-message": "Buy lemons", "own-due_at": "2026-03-01T18:00"}
        )

        assert jar.reminders.get().message == "Buy lemons"

    def test_with_nothing_ticked_sets_nothing_and_goes_on(self, page, jar):
        answer = page.post(f"/batches/{jar.pk}/reminders", {"own-message": "", "own-due_at": ""}, follow=True)

        assert "No reminders, then." in words(answer)
        assert not jar.reminders.exists()

    def test_refuses_a_past_time_beside_its_row_and_sets_none(self, page, jar):
        url = f"/batches/{jar.pk}/reminders"
        answer = page.post(url, as_shown(page.get(url), **{"ready-due_at": "2026-03-01T11:00"}))
        wrong = {
            row.kind: row.form.errors for row in answer.context["rows"] if row.is_wanted and row.form.errors
        }

        assert (answer.status_code, list(wrong), list(wrong["ready"])) == (422, ["ready"], ["due_at"])
        assert not jar.reminders.exists()

    @pytest.mark.parametrize(
        ("typed", "wrong"), [("", "due_at"), ("soon", "due_at"), ("2031-01-01T00:00", "due_at")]
    )
    def test_refuses_my_own_without_a_good_time(self, page, jar, typed, wrong):
        answer = page.post(f"/batches/{jar.pk}/reminders", {"own-message": "Lemons", "own-due_at": typed})

        assert (answer.status_code, list(answer.context["own"].errors)) == (422, [wrong])

    def test_does_not_mind_a_row_that_is_not_ticked(self, page, jar):
        url = f"/batches/{jar.pk}/reminders"
        left_out = {"ready-wanted": None, "ready-due_at": "", "ready-message": ""}

        assert page.post(url, as_shown(page.get(url), **left_out)).status_code == 302

    def test_shows_what_is_set_already_and_does_not_offer_it_twice(self, page, jar):
        url = f"/batches/{jar.pk}/reminders"
        page.post(url, as_shown(page.get(url)))
        answer = page.get(url)

        assert "Set already" in words(answer)
        assert "ready" not in [row.kind for row in answer.context["rows"]]

    def test_of_what_is_put_away_is_refused_in_words(self, page, jar):
        batches.archive(batch=jar, now=NOON)
        answer = page.post(
            f"/batches/{jar.pk}/reminders", {"own-message": "x", "own-due_at": "2026-03-01T18:00"}
        )

        assert (answer.status_code, "This batch is archived" in words(answer)) == (422, True)

    def test_puts_safety_in_red(self, page, alice):
        bottled = make_bottled(owner=alice, temperature_c=24)

        assert (
            'class="card wish" data-state="danger"'
            in page.get(f"/batches/{bottled.pk}/reminders").content.decode()
        )


class TestMine:
    def test_are_in_order_with_what_could_not_be_sent(self, page, jar, reminder):
        failed = make_reminder(batch=jar, due_at=NOON + 2 * HOUR, message="Burp it")
        Reminder.objects.filter(pk=failed.pk).update(status="failed", error="The address was refused (550).")
        actions.finish(reminder=make_reminder(batch=jar, due_at=NOON + HOUR, message="Gone"), now=NOON)
        said = words(page.get("/reminders/"))

        assert said.index("Taste it") < said.index("Burp it")
        assert "The address was refused (550)." in said
        assert "Gone" not in said

    def test_go_on_after_fifty(self, page, jar):
        for n in range(51):
            make_reminder(batch=jar, due_at=NOON + n * HOUR + HOUR, message=f"Look {n}.")
        further = re.search(r'href="(\?after=[^"]+)"', page.get("/reminders/").content.decode())[1]

        assert "Look 50." not in words(page.get("/reminders/"))
        assert "Look 50." in words(page.get("/reminders/" + further))

    @pytest.mark.parametrize("after", ["nonsense", "%00"])
    def test_begin_with_the_soonest_where_after_names_nothing(self, page, reminder, after):
        assert "Taste it" in words(page.get(f"/reminders/?after={after}"))

    def test_are_not_those_of_others(self, page, bob):
        make_reminder(batch=make_batch(owner=bob), due_at=NOON + HOUR, message="Bob's turn")

        assert "Nothing to do." in words(page.get("/reminders/"))


class TestButtons:
    @pytest.mark.parametrize(
        ("deed", "status"), [("done", "done"), ("skip", "skipped"), ("cancel", "cancelled")]
    )
    def test_do_what_they_say_and_go_back(self, page, reminder, deed, status):
        answer = page.post(f"/reminders/{reminder.pk}/{deed}", {"next": "/"})
        reminder.refresh_from_db()

        assert (answer["Location"], reminder.status) == ("/", status)

    @pytest.mark.parametrize(("deed", "said"), [("done", "Erledigt."), ("cancel", "Abgesagt.")])
    def test_say_so_in_the_readers_language(self, page, alice, reminder, deed, said):
        alice.language = "de"
        alice.save()
        assert said in words(page.post(f"/reminders/{reminder.pk}/{deed}", follow=True))

    @pytest.mark.parametrize(("until", "hours"), [("hour", 1), ("tonight", 6), ("tomorrow", 20)])
    def test_later_keeps_the_due_time(self, page, alice, reminder, until, hours):
        alice.timezone = "Europe/Berlin"
        alice.save()
        page.post(f"/reminders/{reminder.pk}/snooze", {"until": until})
        reminder.refresh_from_db()

        assert (reminder.due_at, reminder.snoozed_until) == (NOON + HOUR, NOON + hours * HOUR)

    def test_later_than_nothing_is_refused(self, page, reminder):
        answer = page.post(f"/reminders/{reminder.pk}/snooze", {"until": "never"}, follow=True)
        reminder.refresh_from_db()

        assert "Choose how much later." in words(answer)
        assert reminder.snoozed_until is None

    def test_pressed_too_late_say_so(self, page, reminder):
        actions.finish(reminder=reminder, now=NOON)
        answer = page.post(f"/reminders/{reminder.pk}/skip", follow=True)

        assert "This reminder is done already." in words(answer)

    def test_lead_nowhere_else(self, page, reminder):
        answer = page.post(f"/reminders/{reminder.pk}/done", {"next": "https://evil.example/"})

        assert answer["Location"] == "/reminders/"

    @pytest.mark.parametrize("deed", ["done", "skip", "snooze", "cancel"])
    def test_by_looking_do_nothing(self, page, reminder, deed):
        assert page.get(f"/reminders/{reminder.pk}/{deed}").status_code == 405

    @pytest.mark.parametrize("deed", ["done", "skip", "snooze", "cancel"])
    def test_are_not_for_strangers(self, page, bob, deed):
        theirs = make_reminder(batch=make_batch(owner=bob), due_at=NOON + HOUR)

        assert page.post(f"/reminders/{theirs.pk}/{deed}", {"until": "hour"}).status_code == 404
        assert Client().post(f"/reminders/{theirs.pk}/{deed}").status_code == 302
        assert Reminder.objects.get(pk=theirs.pk).status == "waiting"
