"""Photos from the phone: several at once, one of which does not get through at first."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from batches.models import Batch
from tests.browser.person import Person
from tests.events.album import exif, picture, telling
from tests.factories import make_bottled
from tests.services import running

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

FIGS, FOAM, LID = "figs.jpg", "foam.png", "lid.webp"
EMAIL = "keeper@example.com"


@pytest.fixture
def kitchen(transactional_db: None) -> Iterator[str]:
    """With those who make the copies."""
    with running("web", "worker", "jobs", "beat") as stack:
        yield stack.url


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Without a service worker: nobody but the page sends."""
    return {**browser_context_args, "service_workers": "block"}


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """As a phone has them: large, lying on their side, telling where they were taken."""
    made = {
        FIGS: picture("JPEG", (2400, 1800), (170, 110, 60), exif=exif(6)),
        FOAM: picture("PNG", (1200, 900), (230, 200, 140)),
        LID: telling("WEBP"),
    }
    for name, body in made.items():
        (tmp_path / name).write_bytes(body)
    return [tmp_path / name for name in made]


def test_three_at_once_though_one_is_cut_off(person: Person, pictures: list[Path]) -> None:
    person.signs_in(EMAIL)
    starts_a_batch(person)
    cuts_off_the_first(person.page, said_of=FOAM)

    person.page.locator("[data-photos-chosen]").set_input_files(pictures)
    for name, words in ((FIGS, "Two figs"), (FOAM, "Foam on the second day"), (LID, "The lid")):
        row(person, name).get_by_label("What it shows").fill(words)
    person.presses("Add these photos")
    expect(person.page.locator(".upload-row")).to_have_count(0)

    left = person.page.locator("[data-entry]")
    expect(left).to_have_count(1)
    expect(left).to_contain_text("Foam on the second day")
    expect(left).to_contain_text("Waits for the net.")

    person.presses("Send again")
    expect(left).to_have_count(0)
    expect(person.page.locator("#photos .photo img")).to_have_count(3, timeout=60_000)
    all_are_drawn(person.page)

    person.sees("Foam on the second day")
    expect(person.page.locator(".timeline-photo img")).to_have_count(3)
    makes_a_cover(person)


def test_what_was_chosen_stays_when_the_page_is_drawn_anew(person: Person, pictures: list[Path]) -> None:
    bottles = bottled_by(person)
    person.goes_to(f"/batches/{bottles.pk}")
    person.page.locator("[data-photos-chosen]").set_input_files(pictures[:1])
    row(person, FIGS).get_by_label("What it shows").fill("Two figs")
    person.presses("Burped")
    person.sees("Written down.")
    expect(row(person, FIGS).get_by_label("What it shows")).to_have_value("Two figs")
    person.presses("Add these photos")
    expect(person.page.locator("#photos .photo")).to_have_count(1, timeout=60_000)
    person.sees("Two figs")


def test_they_are_added_to_a_page_that_another_one_led_to(person: Person, pictures: list[Path]) -> None:
    bottles = bottled_by(person)
    person.goes_to(f"/batches/{bottles.pk}/events?what=note")
    person.fills("In a few words", "Still sweet")
    person.presses("Write it down")
    person.page.wait_for_url(f"**/batches/{bottles.pk}")
    person.page.locator("[data-photos-chosen]").set_input_files(pictures[:1])
    expect(row(person, FIGS)).to_be_visible()


def bottled_by(person: Person) -> Batch:
    person.signs_in(EMAIL)
    return make_bottled(owner=User.objects.get(email=EMAIL), name="Figs", now=timezone.now())


def starts_a_batch(person: Person) -> None:
    person.goes_to("/batches/new")
    person.fills("Name", "Figs")
    person.presses("Start it")
    person.sees("What shall we remind you of?")
    person.page.goto(person.page.url.removesuffix("/reminders"))


def cuts_off_the_first(page: Page, *, said_of: str) -> None:
    """The upload of this file breaks once, as it does in a cellar."""
    cut: list[str] = []

    def upload(route: Route) -> None:
        if route.request.method == "PUT" and route.request.headers["content-type"] == "image/png" and not cut:
            cut.append(said_of)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(re.compile(r"/incoming/"), upload)


def row(person: Person, name: str) -> Any:
    return person.page.locator(".upload-row").filter(has_text=name)


def all_are_drawn(page: Page) -> None:
    """The browser lets in what the bucket sends, upright."""
    sizes = page.eval_on_selector_all(
        "#photos .photo img",
        "images => Promise.all(images.map(async (image) => { image.loading = 'eager'; await image.decode();"
        " return [image.naturalWidth, image.naturalHeight]; }))",
    )
    assert sorted(sizes) == [[64, 48], [360, 480], [480, 360]]


def makes_a_cover(person: Person) -> None:
    person.page.locator("#photos .photo").last.click()
    person.presses("Make it the cover")
    person.sees("This photo stands for Figs now.")
    person.goes_to("/batches/")
    expect(person.page.locator(".batch-card-photo")).to_be_visible()
