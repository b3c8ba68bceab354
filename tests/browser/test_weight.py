"""What comes over a slow line at the first visit, compressed: fonts and pictures come by and by."""

import gzip
from collections.abc import Iterator
from typing import Any

import brotli
import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Response

from tests.browser.person import Person
from tests.browser.test_access import KEEPER, MAIN, a_batch

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

KILOBYTE = 1000
SCRIPTS = 35 * KILOBYTE
HOME = 60 * KILOBYTE
COUNTED = {"document", "stylesheet", "script"}


@pytest.fixture
def person(browser: Browser, browser_context_args: dict[str, Any], kitchen: str) -> Iterator[Person]:
    """A browser that keeps nothing: each visit is the first one."""
    context = browser.new_context(**browser_context_args, service_workers="block")
    yield Person(context.new_page(), kitchen)
    context.close()


@pytest.fixture
def known(person: Person) -> str:
    call_command("seed_demo", verbosity=0)
    person.signs_in(KEEPER)
    return a_batch(person)


def weights(person: Person, path: str) -> dict[str, int]:
    """How much of each kind comes: files as WhiteNoise keeps them, pages as a proxy compresses them in passing."""
    seen: list[Response] = []

    def listen(answer: Response) -> None:
        seen.append(answer)

    person.page.on("response", listen)
    person.page.context.new_cdp_session(person.page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    person.goes_to(path)
    person.page.wait_for_load_state("load")
    person.page.remove_listener("response", listen)
    found = dict.fromkeys(COUNTED, 0)
    for answer in seen:
        kind = answer.request.resource_type
        if kind in COUNTED:
            squeeze = gzip.compress if kind == "document" else brotli.compress
            found[kind] += len(squeeze(answer.body()))
    return found


def test_home_comes_in_60_kb(person: Person, known: str) -> None:
    found = weights(person, "/")
    assert found["document"] > KILOBYTE
    assert sum(found.values()) <= HOME, found


def test_the_scripts_of_a_page_come_in_35_kb(person: Person, known: str) -> None:
    for path in (*MAIN, "/offline", "/settings/"):
        scripts = weights(person, path.format(id=known))["script"]
        assert 0 < scripts <= SCRIPTS, f"{path}: {scripts}"
