"""Chromium before a running Kefir: web, worker and beat are real processes."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from tests.browser.person import Person
from tests.completeness import chromium
from tests.services import running

# Playwright's loop lives in this thread, and Django would take the ORM for something done inside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {
        "executable_path": chromium(),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """A phone in Berlin."""
    return {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "locale": "en-GB",
        "timezone_id": "Europe/Berlin",
    }


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page of Chromium; elsewhere in the tests the word means Django's own client."""
    return context.new_page()


@pytest.fixture
def kitchen(transactional_db: None) -> Iterator[str]:
    """Kefir's address, with everything behind it at work, and no mail of the test before."""
    shutil.rmtree(settings.DEV_MAIL_DIR, ignore_errors=True)
    with running("web", "live", "worker", "beat") as stack:
        yield stack.url


def is_complaint(said: ConsoleMessage) -> bool:
    """Chromium mentions each 404, which is as it should be, and each connection that a test cuts."""
    expected = ("status of 404", "status of 501", "net::ERR_CONNECTION_RESET", "net::ERR_CONNECTION_REFUSED")
    return said.type == "error" and not any(words in said.text for words in expected)


@pytest.fixture
def person(kitchen: str, page: Page) -> Iterator[Person]:
    """Somebody at their phone; whatever the browser complains of fails the test."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield Person(page, kitchen)
    assert complaints == []
