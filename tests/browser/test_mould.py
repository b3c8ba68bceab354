"""What is wrong with a batch, as people see and say it."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from batches import actions
from tests.browser.person import Person
from tests.browser.test_access import RULES
from tests.browser.test_forecast import keeper

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]


def test_mould_stands_in_red_until_somebody_finds_that_it_was_none(person: Person) -> None:
    now = timezone.now()
    batch = actions.start(
        owner=keeper(person), now=now, name="Furry", culture="kombucha", started_at=now - timedelta(days=3)
    )
    person.goes_to(f"/batches/{batch.pk}")
    person.follows("Mould?")
    person.sees("Brown strings and lumps are yeast.")
    person.presses("It is mould")

    for path in (f"/batches/{batch.pk}", f"/b/{batch.pk}", "/"):
        person.goes_to(path)
        person.sees("Discard everything, the skin and the starter too.")
        assert not Axe().run(person.page, options=RULES).response["violations"]
    person.presses("It was no mould")
    person.sees("Written down.")
    person.goes_to("/")
    expect(person.page.get_by_text("Discard everything")).to_have_count(0)


def test_bottles_that_hiss_are_left_open_until_calm(person: Person) -> None:
    now = timezone.now()
    jar = actions.start(owner=keeper(person), now=now, name="Lively", started_at=now - timedelta(days=2))
    batch = actions.move(batch=jar, now=now, stage="bottled", bottle_kind="swing_top")
    person.goes_to(f"/batches/{batch.pk}")
    person.page.get_by_text("Burped, and it still hisses?").click()
    person.presses("Left open until calm")
    expect(person.page.locator("#timeline")).to_contain_text("Left open until calm")
