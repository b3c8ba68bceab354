"""The first evening: from a stranger's look to a jar that will be remembered."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

KEEPER = "keeper@example.com"


def opens_an_account(person: Person) -> None:
    person.goes_to("/")
    person.follows("Start your first batch")
    person.fills("Your e-mail address", KEEPER)
    person.presses("Mail me a code")
    [code] = re.findall(r"\b\d{6}\b", person.newest_mail_to(KEEPER)["text"])[:1]
    # The sixth digit sends the form.
    person.fills("The six digits", code)


def says_what_their_kitchen_is_like(person: Person) -> None:
    person.sees("Three things, and we begin")
    person.page.get_by_text("Kombucha").click()
    person.fills("How warm your kitchen is", "24")
    person.page.get_by_text("Units and time zone").click()
    expect(person.page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    expect(person.page.get_by_label("Quiet from")).to_have_value("22:00")
    person.presses("Go on")


def starts_their_first_batch(person: Person) -> None:
    person.page.wait_for_url("**/batches/new")
    expect(person.page.get_by_label("Kombucha")).to_be_checked()
    expect(person.page.get_by_label(re.compile("How warm it stands"))).to_have_value("24")
    person.presses("Start it")


def agrees_to_what_is_suggested(person: Person) -> None:
    person.sees("What shall we remind you of?")
    person.presses("Remind me")
    person.sees(re.compile(r"\d to come"))


def test_a_person_spends_their_first_evening(person: Person) -> None:
    opens_an_account(person)
    says_what_their_kitchen_is_like(person)
    starts_their_first_batch(person)
    agrees_to_what_is_suggested(person)

    person.goes_to("/")
    expect(person.page.locator(".batch-card")).to_have_count(1)
    assert "/settings/kitchen/" not in person.page.url


def test_a_person_passes_the_questions_over(person: Person) -> None:
    opens_an_account(person)
    person.sees("Three things, and we begin")
    person.presses("Not now")
    person.page.wait_for_url("**/batches/new")
