"""In the cellar: no net, the tab is killed, and everything arrives once when there is a net again."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, BrowserType, Error, Page, expect

from batches.models import Batch
from events.models import Event, Photo
from tests.browser.person import Person
from tests.events.album import picture
from tests.services import running

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

EMAIL = "keeper@example.com"
IS_AT_WORK = "async () => { await navigator.serviceWorker.ready; }"
KEEPS = """async (path) => {
    for (const name of await caches.keys()) {
        if (name.startsWith("pages ") && await (await caches.open(name)).match(path)) return true;
    }
    return false;
}"""


@pytest.fixture
def kitchen(transactional_db: None) -> Iterator[str]:
    """With those who make the copies of photos."""
    with running("web", "worker", "jobs", "beat") as stack:
        yield stack.url


class Phone:
    """A browser whose memory outlives it: it may be killed, and opened again."""

    def __init__(self, browser_type: BrowserType, folder: Path, options: dict[str, Any], site: str) -> None:
        self.browser_type, self.folder, self.options, self.site = browser_type, folder, options, site
        self.open()

    def open(self, *, net: bool = True) -> None:
        """Without a net all of it is without one, the service worker too: nobody listens at that port."""
        way: dict[str, Any] = {} if net else {"proxy": {"server": "http://127.0.0.1:1"}}
        self.context: BrowserContext = self.browser_type.launch_persistent_context(
            self.folder, **self.options, **way
        )
        self.person = Person(self.context.pages[0], self.site)

    @property
    def page(self) -> Page:
        return self.person.page

    def is_killed(self) -> None:
        """As a phone does it: no page hears of it, nothing is written any more."""
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                is_ours = f"--user-data-dir={self.folder}".encode() in process.read_bytes()
            except OSError:
                continue
            if is_ours:
                os.kill(int(process.parent.name), signal.SIGKILL)
        with suppress(Error):
            self.context.close()

    def loses_the_net(self) -> None:
        self.context.set_offline(True)

    def finds_the_net(self) -> None:
        self.context.set_offline(False)

    def has_seen(self, path: str) -> None:
        """Opened, and kept by the service worker, with what is needed to write down."""
        self.page.goto(self.site + path)
        self.page.evaluate(IS_AT_WORK)
        for kept in (path, "/offline"):
            self.page.wait_for_function(KEEPS, arg=kept)


@pytest.fixture
def phone(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    browser_context_args: dict[str, Any],
    kitchen: str,
    tmp_path: Path,
) -> Iterator[Phone]:
    options = {**browser_type_launch_args, **browser_context_args}
    held = Phone(browser_type, tmp_path / "phone", options, kitchen)
    yield held
    held.context.close()


@pytest.fixture
def jar(phone: Phone) -> Batch:
    phone.person.signs_in(EMAIL)
    # Chromium takes its time to write down that somebody is signed in.
    phone.context.close()
    phone.open()
    phone.person.goes_to("/batches/new")
    phone.person.fills("Name", "Lemon in the cellar")
    phone.person.presses("Start it")
    phone.person.sees("What shall we remind you of?")
    return Batch.objects.get()


def waits(phone: Phone, number: int) -> None:
    expect(phone.page.locator("[data-entry]")).to_have_count(number)


def arrives(phone: Phone) -> None:
    expect(phone.page.locator("[data-entry]")).to_have_count(0, timeout=30_000)


class TestWithoutANet:
    def test_what_was_written_arrives_once_though_the_tab_was_killed(
        self, phone: Phone, jar: Batch, tmp_path: Path
    ) -> None:
        (tmp_path / "foam.jpg").write_bytes(picture("JPEG", (1200, 900), (230, 200, 140)))
        phone.has_seen(f"/batches/{jar.pk}")
        phone.loses_the_net()
        phone.page.reload()
        phone.person.sees("You see this page as it was:")

        phone.person.follows("Note")
        phone.person.fills("In a few words", "Smells of lemon")
        phone.person.presses("Write it down")
        phone.person.sees("It waits for the net")
        phone.person.goes_to(f"/batches/{jar.pk}")
        phone.page.locator("[data-photos-chosen]").set_input_files(tmp_path / "foam.jpg")
        phone.page.get_by_label("What it shows").fill("Foam, finally")
        phone.person.presses("Add these photos")
        waits(phone, 2)

        phone.is_killed()
        phone.open(net=False)
        phone.person.goes_to(f"/batches/{jar.pk}")
        waits(phone, 2)
        assert not Event.objects.filter(kind__in=["note", "photo"]).exists()

        phone.is_killed()
        phone.open()
        phone.person.goes_to("/offline")
        arrives(phone)
        phone.person.goes_to(f"/batches/{jar.pk}")
        phone.person.sees("Smells of lemon")
        phone.person.sees("Foam, finally")
        said = Event.objects.filter(kind__in=["note", "photo"]).values_list("description", flat=True)
        assert sorted(said) == ["Foam, finally", "Smells of lemon"]
        assert Photo.objects.ready().count() == 1
