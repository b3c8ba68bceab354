"""A tag on the jar, scanned by whoever stands before it; and a sheet of labels."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tags.models import JarTag, LabelSheet
from tests.browser.person import Person
from tests.services import running

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]


@pytest.fixture
def kitchen(transactional_db: None) -> Iterator[str]:
    """With those who make the PDFs."""
    with running("web", "worker", "jobs", "beat") as stack:
        yield stack.url


def starts_a_batch(person: Person) -> None:
    person.goes_to("/batches/new")
    person.fills("Name", "Lemon and ginger")
    person.presses("Start it")
    person.page.wait_for_url("**/reminders")


def prints_blank_tags(person: Person) -> str:
    person.goes_to("/tags/")
    person.page.get_by_text("12", exact=True).click()
    person.presses("Make them")
    expect(person.page.locator(".tag-blank")).to_have_count(12)
    return str(person.page.locator(".tag-blank span").first.text_content())


def test_a_blank_tag_is_scanned_claimed_and_opens_the_jar(person: Person) -> None:
    person.signs_in("keeper@example.com")
    starts_a_batch(person)
    code = prints_blank_tags(person)

    person.goes_to(f"/J/{code}")
    person.fills("What do you call the jar?", "The tall one")
    person.page.get_by_label("What is in it now?").select_option(label="Lemon and ginger")
    person.presses("It is mine")
    person.sees("Lemon and ginger")

    person.goes_to(f"/j/{code.lower()}")
    assert "/b/" in person.page.url


def test_a_stranger_scans_it_and_sees_nothing_until_signed_in(person: Person) -> None:
    person.signs_in("keeper@example.com")
    code = prints_blank_tags(person)
    person.page.context.clear_cookies()

    person.goes_to(f"/J/{code}")
    person.sees("This jar shows nothing to strangers.")
    person.page.locator("main").get_by_role("link", name="Sign in").click()
    person.fills("Your e-mail address", "neighbour@example.com")
    person.presses("Mail me a code")
    mail = person.newest_mail_to("neighbour@example.com")
    person.fills("The six digits", six_digits(mail["text"]))
    # Asked as everybody new is, and still on the way to the jar.
    person.presses("Not now")
    person.sees("This tag is nobody's yet")
    person.presses("It is mine")
    person.sees("Start the next in this jar")
    assert JarTag.objects.get(code=code).owner.email == "neighbour@example.com"


def six_digits(text: str) -> str:
    return next(word for word in text.split() if len(word) == 6 and word.isdigit())


def test_a_sheet_of_labels_is_printed_and_taken_along(person: Person) -> None:
    person.signs_in("keeper@example.com")
    starts_a_batch(person)

    person.goes_to("/labels/")
    person.page.get_by_text("Lemon and ginger").click()
    person.fills("Copies of each", "8")
    person.presses("Make the labels")
    person.follows("See and print them")
    expect(person.page.locator(".slot")).to_have_count(8)
    # 63.5 mm, at 96 points to the inch.
    expect(person.page.locator(".slot").first).to_have_css("width", "240px")

    person.page.go_back()
    person.page.get_by_role("link", name="Open the PDF").wait_for()
    assert LabelSheet.objects.get().pdf[:5] == b"%PDF-"
