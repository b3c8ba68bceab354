"""The main job, from the first visit to a stranger who scans the bottle."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from tests.browser.person import Person, next_full_minute

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

KEEPER = "keeper@example.com"
BERLIN = ZoneInfo("Europe/Berlin")


def test_a_person_keeps_a_batch_and_a_stranger_scans_it(person: Person, browser: Browser) -> None:
    person.goes_to("/")
    person.follows("Start your first batch")
    person.signs_in(KEEPER)
    starts_a_batch(person)
    due = agrees_to_reminders(person)
    logs_a_taste(person)
    bottles_it(person)
    hears_of_it_in_time(person, due)
    puts_it_into_the_fridge(person)
    address = shares_it(person)

    stranger = browser.new_page()
    stranger.goto(person.site + address)

    assert stranger.get_by_role("heading", name="First jar").is_visible()
    assert stranger.get_by_text("Made with our own lemons").is_visible()
    assert not stranger.get_by_text("A secret").is_visible()
    assert stranger.goto(person.site + "/b/000000000000").status == 404


def starts_a_batch(person: Person) -> None:
    person.goes_to("/batches/new")
    person.fills("Name", "First jar")
    person.fills("How warm it stands, °C", "23")
    person.presses("Start it")
    person.sees("What shall we remind you of?")


def agrees_to_reminders(person: Person) -> datetime:
    """All that is suggested, and one of their own in a minute."""
    due = next_full_minute(at_least=timedelta(seconds=20))
    person.page.get_by_text("One of my own").click()
    own = person.page.locator(".own-wish")
    own.get_by_label("Remind me to").fill("Look at the grains")
    own.get_by_label("When").fill(f"{due.astimezone(BERLIN):%Y-%m-%dT%H:%M}")
    person.presses("Remind me")
    person.sees("Look at the grains")
    return due


def logs_a_taste(person: Person) -> None:
    person.page.goto(person.page.url.removesuffix("/reminders"))
    person.follows("Tasted")
    person.presses("Too sweet")
    person.sees(re.compile("[Tt]oo sweet"))


def bottles_it(person: Person) -> None:
    person.follows("Strain and bottle")
    person.page.locator("#id_bottle_kind").get_by_text("Plastic soda bottle").click()
    person.fills("How many bottles", "3")
    person.presses("Bottled and sealed")
    person.sees("What shall we remind you of?")


def hears_of_it_in_time(person: Person, due: datetime) -> None:
    mail = person.waits_for_mail(KEEPER, "Look at the grains", until=due + timedelta(seconds=30))
    sent_at = datetime.fromisoformat(mail["sentAt"])

    assert due <= sent_at < due + timedelta(seconds=15)
    assert f"{due.astimezone(BERLIN):%H:%M}" in mail["text"]
    matching = [one for one in person.mails_to(KEEPER) if "Look at the grains" in one["subject"]]
    assert len(matching) == 1


def puts_it_into_the_fridge(person: Person) -> None:
    person.follows("Batches")
    person.follows(re.compile("First jar"))
    person.presses("Into the fridge")
    person.sees("In the fridge")


def shares_it(person: Person) -> str:
    batch = person.page.url.removeprefix(person.site)
    person.goes_to(f"{batch}/edit")
    person.page.get_by_label("Notes").first.fill("A secret")
    person.presses("Save")
    person.goes_to(f"{batch}/share")
    person.page.get_by_role("textbox").first.fill("Made with our own lemons")
    person.presses(re.compile("Share"))
    person.goes_to(f"{batch}/code")
    printed = person.page.get_by_text(re.compile(r"/B/[0-9A-Z]{12}")).first.inner_text()
    return re.sub(r"\s", "", printed).removeprefix(person.site.upper())
