"""What is handed on by the phone's own share sheet: a story, a label, all that one has."""

import base64
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.person import Person
from tests.factories import make_batch

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

EMAIL = "keeper@example.com"
# Chromium without a screen has no such sheet. `refusals`: how often it is said that the tap was too long ago.
SHEET = """
window.handed = [];
window.refusals = 0;
const read = (file) => new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done([file.name, file.type, reader.result.split(",")[1]]);
    reader.readAsDataURL(file);
});
const sheet = {
    canShare: ({ files }) => files.every(({ size, type }) => size && type),
    share: async ({ title, url = "", files = [] }) => {
        if (window.refusals-- > 0) throw new DOMException("Too late", "NotAllowedError");
        window.handed.push({ title, url, files: await Promise.all(files.map(read)) });
    },
};
for (const [name, value] of Object.entries(sheet)) Object.defineProperty(navigator, name, { value });
"""


@pytest.fixture
def sheet(page: Page) -> None:
    page.add_init_script(SHEET)


def handed_by(person: Person) -> dict[str, Any]:
    """Once the sheet has it."""
    person.page.wait_for_function("() => window.handed.length")
    [handed] = person.page.evaluate("window.handed")
    return dict(handed)


@pytest.mark.usefixtures("sheet")
def test_a_story_is_handed_on_by_whoever_reads_it(person: Person, alice: User) -> None:
    jar = make_batch(owner=alice, now=timezone.now(), name="Lemon", is_public=True)
    person.goes_to(f"/b/{jar.pk}")
    person.presses("Hand it on")
    assert handed_by(person) == {"title": "Lemon", "url": f"{person.site}/b/{jar.pk}", "files": []}


@pytest.mark.usefixtures("sheet")
def test_a_label_is_handed_on_as_a_picture(person: Person) -> None:
    person.signs_in(EMAIL)
    jar = make_batch(owner=User.objects.get(email=EMAIL), now=timezone.now(), name="Lemon")
    person.goes_to(f"/batches/{jar.pk}/code")
    person.presses("Hand it on")
    handed = handed_by(person)
    [(name, kind, body)] = handed["files"]
    assert (handed["title"], handed["url"], kind) == ("Lemon", "", "image/png")
    assert name.endswith(".png")
    assert base64.b64decode(body).startswith(b"\x89PNG")


@pytest.mark.usefixtures("sheet")
def test_what_took_too_long_to_fetch_is_handed_on_by_a_second_tap(person: Person) -> None:
    person.signs_in(EMAIL)
    make_batch(owner=User.objects.get(email=EMAIL), now=timezone.now(), name="Lemon")
    person.goes_to("/settings/data/")
    person.page.evaluate("window.refusals = 1")
    person.presses("Hand it on")
    person.presses("Ready: choose where to")
    [(name, kind, body)] = handed_by(person)["files"]
    assert (name, kind) == ("kefir.csv", "text/csv")
    assert "Lemon" in base64.b64decode(body).decode()


def test_nothing_is_offered_where_there_is_no_such_sheet(person: Person, alice: User) -> None:
    jar = make_batch(owner=alice, now=timezone.now(), is_public=True)
    person.page.add_init_script("Object.defineProperty(navigator, 'share', { value: undefined });")
    person.goes_to(f"/b/{jar.pk}")
    person.page.wait_for_load_state("load")
    expect(person.page.locator("[data-share]")).to_be_hidden()
