"""On a bad net: answers are lost, or refuse; nothing that was written is."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.utils import timezone
from playwright.sync_api import Browser, Route, expect

from accounts.models import User
from batches import actions as batches
from batches.models import Batch
from events.models import Event, Photo
from kefir import web
from tags import actions as tags
from tests.browser.person import Person
from tests.events.album import picture
from tests.factories import make_bottled, make_reminder

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

EMAIL = "keeper@example.com"


class TestABadNet:
    @pytest.fixture
    def person(
        self, browser: Browser, browser_context_args: dict[str, Any], kitchen: str
    ) -> Iterator[Person]:
        """Without a service worker: nobody but the page sends."""
        context = browser.new_context(**browser_context_args, service_workers="block")
        yield Person(context.new_page(), kitchen)
        context.close()

    def test_whose_answers_are_lost_three_times_makes_one_event(self, person: Person) -> None:
        jar = starts_a_jar(person)
        lost: list[int] = []

        def loses(route: Route) -> None:
            """The server has it; the phone never hears so."""
            if route.request.method == "POST" and len(lost) < 3:
                lost.append(route.fetch(max_redirects=0).status)
                route.abort("connectionreset")
            else:
                route.continue_()

        person.page.route(re.compile(rf"/batches/{jar.pk}/events"), loses)
        notes_how_warm(person)
        for _ in range(2):
            person.sees("Waits for the net.")
            person.presses("Send again")
        expect(person.page.locator("[data-entry]")).to_have_count(0, timeout=40_000)
        assert [event.temperature_c for event in Event.objects.filter(kind="measurement")] == [23]
        assert len(lost) == 3

    def test_sends_nothing_that_was_thrown_away_while_a_picture_took_its_time(
        self, person: Person, tmp_path: Path
    ) -> None:
        jar = starts_a_jar(person)
        person.page.route("**/offline/pass", lambda route: route.abort())
        chooses_a_photo(person, tmp_path)
        person.presses("Add these photos")
        expect(person.page.locator("[data-entry]")).to_have_count(1)
        person.page.route(re.compile(rf"/batches/{jar.pk}/events"), loses_what_is_posted)
        notes_how_warm(person)
        expect(person.page.locator("[data-entry]")).to_have_count(2)

        held: list[Route] = []

        def hangs(route: Route) -> None:
            held.append(route)

        person.page.unroute("**/offline/pass")
        uploads = re.compile("/incoming/")
        person.page.route(uploads, hangs)
        with person.page.expect_request(uploads):
            person.goes_to("/offline")
        note = person.page.locator("[data-entry]").filter(has=person.page.locator(".measure"))
        note.get_by_role("button", name="Throw it away").click()
        person.page.get_by_role("dialog").get_by_role("button", name="Throw it away").click()
        expect(note).to_have_count(0)
        person.page.unroute(uploads)
        # One that took too long was tried again.
        for route in held:
            route.continue_()
        expect(person.page.locator("[data-entry]")).to_have_count(0, timeout=40_000)
        assert Photo.objects.exclude(confirmed_at=None).count() == 1
        assert not Event.objects.filter(kind="measurement").exists()

    def test_keeps_what_is_pressed_with_wet_hands(self, person: Person) -> None:
        person.signs_in(EMAIL)
        bottles = make_bottled(owner=User.objects.get(email=EMAIL), now=timezone.now())
        person.page.route(re.compile(rf"/batches/{bottles.pk}/events"), loses_what_is_posted)
        person.goes_to(f"/b/{bottles.pk}")
        buttons = person.page.get_by_role("button", name=re.compile("Burped|Left open until calm"))
        expect(buttons).to_have_count(3)
        for number in range(3):
            buttons.nth(number).click()
            expect(person.page.locator("[data-bar-waiting] b")).to_have_text(str(number + 1))
        person.goes_to("/offline")
        expect(person.page.locator("[data-entry]")).to_have_count(3)

    def test_leaves_no_number_out_that_cannot_be_read(self, person: Person) -> None:
        starts_a_jar(person)
        person.follows("pH")
        field = person.page.locator("#record-form [name=ph]")
        posted: list[str] = []
        person.page.on("request", lambda sent: posted.append(sent.method))
        for without_a_net in (False, True):
            person.page.context.set_offline(without_a_net)
            field.fill("")
            field.press_sequentially("3e")
            person.presses("Write it down")
            expect(field).to_be_focused()
        assert "POST" not in posted
        field.fill("3.6")
        person.presses("Write it down")
        expect(person.page.locator("[data-entry]")).to_contain_text("3.6")

    def test_says_what_came_of_a_deed(self, person: Person) -> None:
        jar = starts_a_jar(person)
        now = timezone.now()
        make_reminder(batch=jar, due_at=now + timedelta(minutes=1), now=now)
        person.page.reload()
        answers = re.compile("/reminders/.*/done")
        too_often = web.too_often(RequestFactory().post("/"), 7).render().content
        person.page.route(answers, lambda route: route.fulfill(status=429, body=too_often))
        person.presses("Done")
        person.sees("One moment, please. That was more than we can do at once.")
        person.page.unroute(answers)
        person.page.route(answers, lambda route: route.abort())
        person.presses("Done")
        person.sees("That was not sent: there is no net.")

    def test_that_breaks_a_form_keeps_what_was_typed(self, person: Person) -> None:
        starts_a_jar(person)
        broken = '<!doctype html><a href="/">Go to the start page</a>'
        person.page.route("**/batches/new", lambda route: answers_posts(route, broken))
        person.goes_to("/batches/new")
        person.fills("Name", "Lemon, the second")
        person.presses("Start it")
        person.follows("Go to the start page")
        person.sees("On your shelf")
        person.goes_to("/batches/new")
        expect(person.page.get_by_label("Name", exact=False).first).to_have_value("Lemon, the second")


class TestAForm:
    def test_keeps_what_was_typed_through_an_ended_session(self, person: Person) -> None:
        jar = starts_a_jar(person)
        person.goes_to(f"/batches/{jar.pk}/edit")
        person.fills("Name", "Lemon, the second")
        person.page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        person.presses("Save")
        person.page.wait_for_url("**/accounts/login/**")
        person.signs_in(EMAIL)
        person.goes_to(f"/batches/{jar.pk}/edit")
        expect(person.page.get_by_label("Name")).to_have_value("Lemon, the second")
        person.sees("What you typed here before is back.")
        person.presses("Save")
        person.sees("Saved.")
        person.goes_to(f"/batches/{jar.pk}/edit")
        assert person.page.locator(".draft-note").count() == 0

    def test_keeps_nothing_for_the_next_person(self, person: Person) -> None:
        starts_a_jar(person)
        person.goes_to("/batches/new")
        person.fills("Name", "A secret recipe")
        person.page.context.clear_cookies()
        person.signs_in("neighbour@example.com")
        person.goes_to("/batches/new")
        expect(person.page.get_by_label("Name", exact=False).first).not_to_have_value("A secret recipe")

    def test_keeps_what_was_typed_when_a_jar_is_chosen(self, person: Person) -> None:
        jar = starts_a_jar(person)
        tags.make(owner=jar.owner, name="The tall one", now=timezone.now())
        person.goes_to("/batches/new")
        person.fills("Name", "For Ada")
        person.presses("The tall one")
        person.page.wait_for_url("**/start")
        expect(person.page.get_by_label("Name", exact=False).first).to_have_value("For Ada")


def answers_posts(route: Route, html: str) -> None:
    if route.request.method == "POST":
        route.fulfill(status=503, body=html, content_type="text/html")
    else:
        route.continue_()


def loses_what_is_posted(route: Route) -> None:
    if route.request.method == "POST":
        route.abort("connectionreset")
    else:
        route.continue_()


def chooses_a_photo(person: Person, folder: Path) -> None:
    (folder / "foam.jpg").write_bytes(picture("JPEG", (1200, 900), (230, 200, 140)))
    person.page.locator("[data-photos-chosen]").set_input_files(folder / "foam.jpg")


def starts_a_jar(person: Person) -> Batch:
    person.signs_in(EMAIL)
    jar = batches.start(owner=User.objects.get(email=EMAIL), name="Lemon", now=timezone.now())
    person.goes_to(f"/batches/{jar.pk}")
    return jar


def notes_how_warm(person: Person) -> None:
    person.follows("Temperature")
    person.page.locator("#record-form [name=temperature_c]").fill("23")
    person.presses("Write it down")
