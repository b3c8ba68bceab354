"""What changes elsewhere shows on a page that is open, and takes nothing from whoever sits before it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from batches import actions as batches
from tests.browser.person import Person, next_full_minute
from tests.factories import make_batch, make_event, make_reminder
from tests.services import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

KEEPER = "keeper@example.com"
BERLIN = ZoneInfo("Europe/Berlin")
# What is promised; Playwright itself needs a moment.
WITHIN = 3_000


@pytest.fixture
def stack(transactional_db: None) -> Iterator[Running]:
    with running("web", "live", "worker", "beat") as stack:
        yield stack


@pytest.fixture
def kitchen(stack: Running) -> str:
    return stack.url


def starts_a_jar(person: Person) -> str:
    person.goes_to("/batches/new")
    person.fills("Name", "First jar")
    person.presses("Start it")
    person.sees("What shall we remind you of?")
    return person.page.url.removesuffix("/reminders")


def other_screen(person: Person, address: str) -> Page:
    """Of the same person."""
    screen = person.page.context.new_page()
    screen.goto(address)
    expect(screen.locator("main")).to_be_visible()
    return screen


def waits_for_stream(screen: Page) -> None:
    """Until then the page would hear of it by catching up, which is another matter."""
    expect(screen.locator("html[data-hears=stream]")).to_be_attached()


def logs_a_taste(person: Person, jar: str) -> None:
    person.page.goto(jar)
    person.follows("Tasted")
    person.presses("Too sweet")
    person.sees(re.compile("[Tt]oo sweet"))


# What a page shows, without what differs at each visit and what a person opened.
SHOWN = """() => {
    const main = document.querySelector("main").cloneNode(true);
    for (const one of main.querySelectorAll("input[type=hidden], #live, [data-live-keep]")) one.remove();
    return main.innerHTML.replace(/ (open|style)=""/g, "").replace(/(src="[^"?]*)[^"]*"/g, '$1"').replace(/\\s+/g, " ");
}"""


def looks_as_if_loaded_anew(screen: Page) -> None:
    before = screen.evaluate(SHOWN)
    screen.reload()
    waits_for_stream(screen)
    assert screen.evaluate(SHOWN) == before


class TestAnotherScreen:
    def test_shows_what_was_just_written_down(self, person: Person) -> None:
        person.signs_in(KEEPER)
        jar = starts_a_jar(person)
        tablet = other_screen(person, jar)
        waits_for_stream(tablet)
        logs_a_taste(person, jar)
        expect(tablet.locator("#timeline").get_by_text("Too sweet")).to_be_visible(timeout=WITHIN)

    def test_leaves_what_is_half_typed_and_opened_as_it_is(self, person: Person) -> None:
        person.signs_in(KEEPER)
        jar = starts_a_jar(person)
        tablet = other_screen(person, jar)
        waits_for_stream(tablet)
        tablet.locator("#recipe > summary").click()
        tablet.get_by_role("link", name="pH", exact=True).click()
        tablet.locator("#id_ph").fill("3.4")
        logs_a_taste(person, jar)
        expect(tablet.locator("#timeline").get_by_text("Too sweet")).to_be_visible(timeout=WITHIN)
        expect(tablet.locator("#id_ph")).to_have_value("3.4")
        assert tablet.evaluate("document.activeElement.id") == "id_ph"
        expect(tablet.locator("#recipe")).to_have_attribute("open", "")

    def test_looks_in_the_end_as_if_it_had_been_loaded_anew(self, person: Person) -> None:
        person.signs_in(KEEPER)
        keeper, now = User.objects.get(email=KEEPER), timezone.now()
        jar = make_batch(owner=keeper, name="Kitchen jar", now=now)
        make_batch(owner=keeper, name="Window jar", now=now)
        make_reminder(batch=jar, due_at=now + timedelta(hours=2), message="Taste it", now=now)
        home, tablet = (other_screen(person, person.site + path) for path in ("/", f"/batches/{jar.pk}"))
        waits_for_stream(home)
        waits_for_stream(tablet)
        make_event(batch=jar, now=timezone.now(), description="Foams over", ph=3.9)
        batches.archive(batch=jar, now=timezone.now())
        make_batch(owner=keeper, name="Third jar", now=timezone.now())
        expect(home.get_by_role("heading", name="Third jar")).to_be_visible(timeout=WITHIN)
        expect(tablet.get_by_text("Take it out of the archive")).to_be_visible(timeout=WITHIN)
        expect(home.get_by_text("Taste it")).not_to_be_visible()
        looks_as_if_loaded_anew(home)
        looks_as_if_loaded_anew(tablet)

    def test_hears_nothing_while_nobody_sees_it_and_catches_up(self, person: Person) -> None:
        person.signs_in(KEEPER)
        jar = starts_a_jar(person)
        tablet = other_screen(person, jar)
        waits_for_stream(tablet)
        is_put_away(tablet, True)
        expect(tablet.locator("html[data-hears]")).not_to_be_attached()
        logs_a_taste(person, jar)
        expect(tablet.locator("#timeline").get_by_text("Too sweet")).not_to_be_visible()
        is_put_away(tablet, False)
        expect(tablet.locator("#timeline").get_by_text("Too sweet")).to_be_visible(timeout=WITHIN)


def is_put_away(screen: Page, hidden: bool) -> None:
    """As a phone in a pocket; a browser without a window shows every tab."""
    screen.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_a_reminder_that_the_worker_sends_turns_up_at_home(person: Person) -> None:
    person.signs_in(KEEPER)
    starts_a_jar(person)
    due = next_full_minute(at_least=timedelta(seconds=10))
    person.page.get_by_text("One of my own").click()
    own = person.page.locator(".own-wish")
    own.get_by_label("Remind me to").fill("Look at the grains")
    own.get_by_label("When").fill(f"{due.astimezone(BERLIN):%Y-%m-%dT%H:%M}")
    person.presses("Remind me")
    person.goes_to("/")
    waits_for_stream(person.page)
    card = person.page.locator(".to-do", has_text="Look at the grains")
    expect(card.get_by_role("heading")).to_have_text("Later today")
    left = (due - datetime.now(due.tzinfo)).total_seconds()
    expect(card.get_by_role("heading")).to_have_text(re.compile("Now|Overdue"), timeout=(left + 6) * 1000)


def test_without_the_stream_pages_ask_by_themselves(person: Person, stack: Running) -> None:
    person.signs_in(KEEPER)
    jar = starts_a_jar(person)
    tablet = other_screen(person, jar)
    waits_for_stream(tablet)
    with tablet.expect_response(re.compile("/live/now")):
        stack.kill("live")
    logs_a_taste(person, jar)
    expect(tablet.locator("#timeline").get_by_text("Too sweet")).to_be_visible(timeout=20_000)
