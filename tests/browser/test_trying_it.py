"""From a look round to an account of one's own."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person
from tests.browser.test_access import faults

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

KEEPER = "keeper@example.com"
PAGES = ["/", "/trial/keep/", "/settings/kitchen/"]


def tries_it(person: Person) -> None:
    person.goes_to("/")
    person.presses("Try it now")
    person.sees("This is a trial")


def starts_a_jar(person: Person, name: str) -> None:
    person.goes_to("/batches/new")
    person.fills("Name", name)
    person.presses("Start it")
    person.sees("What shall we remind you of?")


def proves_an_address(person: Person, email: str) -> None:
    person.follows("Keep it")
    person.fills("Your e-mail address", email)
    person.presses("Mail me a code")
    [code] = re.findall(r"\b\d{6}\b", person.newest_mail_to(email)["text"])[:1]
    # The sixth digit sends the form.
    person.fills("The six digits", code)
    person.sees("What shall stay?")


def shelf(person: Person) -> list[str]:
    person.goes_to("/batches/")
    return person.page.locator(".batch-card h3").all_inner_texts()


def test_a_person_moves_from_a_trial_to_an_account(person: Person) -> None:
    tries_it(person)
    expect(person.page.locator(".to-do-late .reminder")).to_have_count(1)
    assert len(shelf(person)) == 5
    starts_a_jar(person, "My first jar")
    proves_an_address(person, KEEPER)
    person.presses("Only what I made myself")
    person.sees("It is yours now.")

    assert shelf(person) == ["My first jar"]
    assert person.page.get_by_text("This is a trial").count() == 0


def test_a_person_brings_a_trial_into_the_account_they_have(person: Person) -> None:
    person.signs_in(KEEPER)
    starts_a_jar(person, "Kept for long")
    person.page.context.clear_cookies()
    tries_it(person)
    starts_a_jar(person, "Tried at a friend's")
    proves_an_address(person, KEEPER)
    person.sees(f"You are signed in as {KEEPER}")
    person.presses("Only what I made myself")

    assert sorted(shelf(person)) == ["Kept for long", "Tried at a friend's"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_trial_keeps_nobody_out(person: Person, scheme: str) -> None:
    person.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    tries_it(person)
    found = {path: faults(person, path) for path in PAGES}
    assert {path: faulty for path, faulty in found.items() if faulty} == {}
