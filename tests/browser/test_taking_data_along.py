"""Somebody takes everything along, and brings something back."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person
from tests.services import running

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("SHOTS", "")


@pytest.fixture
def kitchen(transactional_db: None) -> Iterator[str]:
    with running("web", "worker", "jobs", "beat") as stack:
        yield stack.url


def look(person: Person, name: str) -> None:
    if SHOTS:
        for scheme in ("light", "dark"):
            person.page.emulate_media(color_scheme=scheme)
            person.page.screenshot(path=f"{SHOTS}/{name}-{scheme}.png", full_page=True)
        person.page.emulate_media(color_scheme="light")


def test_packs_everything_and_brings_a_table_along(person: Person, tmp_path: Path) -> None:
    person.signs_in("taker@example.com")
    page = person.page
    page.goto(f"{person.site}/settings/data/")
    look(person, "data")
    page.get_by_role("button", name="Pack everything").click()
    expect(page.get_by_role("link", name="Take it along")).to_be_visible(timeout=20_000)
    look(person, "ready")

    table = tmp_path / "jars.csv"
    table.write_text("name;started;sugar (g);colour\nFigs;2026-02-01;80;red\nPlums;2.2.2026;90,5;blue\n")
    page.get_by_role("link", name="Choose a file").click()
    page.get_by_text("A table of batches (CSV)").click()
    page.get_by_label("The file").set_input_files(table)
    look(person, "bring")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("2 new batches")).to_be_visible(timeout=20_000)
    look(person, "preview")
    page.get_by_role("button", name="Take them in").click()
    expect(page.get_by_text("Taken in: 2 batches")).to_be_visible(timeout=20_000)
    look(person, "done")

    table.write_text("name;sugar\nFigs;much\n")
    page.goto(f"{person.site}/settings/data/imports")
    page.get_by_text("A table of batches (CSV)").click()
    page.get_by_label("The file").set_input_files(table)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("line 2")).to_be_visible(timeout=20_000)
    look(person, "refused")


@pytest.mark.parametrize("answer", ["a proxy's page", "nobody"])
def test_is_told_in_our_words_when_no_answer_is_ours(person: Person, tmp_path: Path, answer: str) -> None:
    person.signs_in("taker@example.com")
    page = person.page
    page.goto(f"{person.site}/settings/data/imports")
    page.route(
        "**/api/v1/imports",
        lambda route: (
            route.abort("connectionrefused")
            if answer == "nobody"
            else route.fulfill(status=501, body="<h1>Not Implemented</h1>")
        ),
    )
    table = tmp_path / "jars.csv"
    table.write_text("name\nFigs\n")
    page.get_by_text("A table of batches (CSV)").click()
    page.get_by_label("The file").set_input_files(table)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert")).to_have_text(
        "The upload broke off. Try again; nothing has happened yet."
    )
