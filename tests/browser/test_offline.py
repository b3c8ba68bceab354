"""In the cellar: no net, the tab is killed, and everything arrives once when there is a net again."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, BrowserType, Error, Page, expect

from batches import actions as batches
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

FORGETS = f"async (path) => !(await ({KEEPS})(path))"
LEFT = """async () => [
    await caches.keys(),
    await indexedDB.databases(),
    Object.keys(sessionStorage).filter((key) => key.startsWith("draft")),
]"""

TAKES_OVER_FROM_MANY = """async () => {
    const files = await caches.open(FILES);
    for (let number = 0; number < 160; number++) await files.put(`/static/old/${number}.svg`, new Response("old"));
    await takeOver();
    const left = (await files.keys()).map(({ url }) => url.split("#")[0]);
    const ours = [KIT, ...HOUSE.files].map((address) => new URL(address, self.location.origin).href);
    return [ours.filter((url) => !left.includes(url)), left.filter((url) => !ours.includes(url)).length];
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

        phone.person.follows("More to write down")
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

    def test_leads_on_to_pages_of_ours_alone(self, phone: Phone, jar: Batch) -> None:
        phone.has_seen(f"/batches/{jar.pk}")
        phone.loses_the_net()
        for elsewhere in ("//evil.example", "/%5Cevil.example", "/%09/evil.example"):
            phone.person.goes_to(f"/batches/{jar.pk}/events?what=note&next={elsewhere}")
            for link in ("Lemon in the cellar", "Never mind"):
                found = phone.page.get_by_role("link", name=link)
                expect(found).to_have_attribute("href", f"/batches/{jar.pk}")
        phone.person.goes_to("/offline")
        phone.person.sees("pages you have seen are here without a net")

    def test_keeps_what_pages_are_made_of_when_a_new_release_throws_old_files_away(
        self, phone: Phone, jar: Batch
    ) -> None:
        phone.has_seen(f"/batches/{jar.pk}")
        [worker] = phone.context.service_workers
        assert worker.evaluate(TAKES_OVER_FROM_MANY) == [[], 150]

    def test_shows_the_page_as_it_was_when_the_net_hangs(self, phone: Phone, jar: Batch) -> None:
        phone.has_seen(f"/batches/{jar.pk}")
        [worker] = phone.context.service_workers
        worker.evaluate("() => { self.fetch = () => new Promise(() => {}); }")
        phone.person.goes_to(f"/batches/{jar.pk}")
        phone.person.sees("You see this page as it was:")

    def test_keeps_no_form_that_has_arrived(self, phone: Phone, jar: Batch) -> None:
        phone.has_seen("/batches/new")
        phone.person.fills("Name", "Ginger in the cellar")
        phone.person.presses("Start it")
        phone.person.sees("What shall we remind you of?")
        phone.person.goes_to("/batches/new")
        name = phone.page.get_by_label("Name", exact=False).first
        expect(name).not_to_have_value("Ginger in the cellar")
        assert phone.page.locator(".draft-note").count() == 0


def writes_a_note(phone: Phone, jar: Batch, words: str) -> None:
    phone.person.goes_to(f"/batches/{jar.pk}/events?what=note")
    phone.person.fills("In a few words", words)
    phone.person.presses("Write it down")
    phone.person.sees("It waits for the net")


def notes() -> list[str]:
    return list(Event.objects.filter(kind="note").values_list("description", flat=True))


class TestAConflict:
    """Nothing is lost unseen, and nothing is done in another one's name."""

    @pytest.fixture
    def cellar(self, phone: Phone, jar: Batch) -> Phone:
        """A note that waits."""
        phone.has_seen(f"/batches/{jar.pk}")
        phone.loses_the_net()
        writes_a_note(phone, jar, "Smells of lemon")
        return phone

    def test_with_a_session_that_is_over_waits_for_the_sign_in(self, cellar: Phone, jar: Batch) -> None:
        cellar.context.clear_cookies()
        cellar.finds_the_net()
        cellar.person.goes_to("/batches/")
        cellar.person.sees("Written down on this device, and sent once its writer signs in:")
        assert notes() == []
        cellar.page.wait_for_function(FORGETS, arg=f"/batches/{jar.pk}")

        cellar.person.signs_in(EMAIL)
        cellar.person.goes_to("/offline")
        arrives(cellar)
        assert notes() == ["Smells of lemon"]

    def test_with_another_person_is_neither_sent_nor_shown(self, cellar: Phone, jar: Batch) -> None:
        cellar.context.clear_cookies()
        cellar.finds_the_net()
        cellar.person.signs_in("neighbour@example.com")
        cellar.person.sees("From somebody else who was signed in here")
        cellar.person.goes_to("/offline")
        waits(cellar, 0)
        assert "Smells of lemon" not in cellar.page.content()
        assert notes() == []
        cellar.page.wait_for_function(FORGETS, arg=f"/batches/{jar.pk}")
        cellar.person.goes_to("/accounts/logout/")
        cellar.page.locator("form[data-push-end][data-confirm]").wait_for()

    def test_with_a_batch_put_away_meanwhile_is_shown_until_dealt_with(
        self, cellar: Phone, jar: Batch
    ) -> None:
        batches.archive(batch=jar, now=timezone.now())
        cellar.finds_the_net()
        cellar.person.goes_to(f"/batches/{jar.pk}")
        cellar.person.sees(re.compile("archive", re.IGNORECASE))
        expect(cellar.page.locator("[data-entry] [data-says=trouble]")).to_be_visible()
        bar = cellar.page.locator("[data-bar-waiting]")
        expect(bar).to_have_text("Not taken, look at it: 1", use_inner_text=True)

        batches.restore(batch=jar, now=timezone.now())
        cellar.person.presses("Send again")
        arrives(cellar)
        assert notes() == ["Smells of lemon"]

    def test_is_thrown_away_only_when_asked(self, cellar: Phone, jar: Batch) -> None:
        cellar.person.goes_to("/offline")
        cellar.person.presses("Throw it away")
        cellar.page.get_by_role("dialog").get_by_role("button", name="Go back").click()
        waits(cellar, 1)
        cellar.person.presses("Throw it away")
        cellar.page.get_by_role("dialog").get_by_role("button", name="Throw it away").click()
        waits(cellar, 0)
        cellar.finds_the_net()
        cellar.person.goes_to("/offline")
        assert notes() == []


class TestSigningOut:
    def test_leaves_nothing_of_the_diary_behind(self, phone: Phone, jar: Batch) -> None:
        phone.has_seen(f"/batches/{jar.pk}")
        phone.person.goes_to("/accounts/logout/")
        phone.person.presses("Sign out")
        phone.page.wait_for_url(f"{phone.site}/")
        assert phone.page.evaluate(LEFT) == [[], [], []]
        phone.loses_the_net()
        with pytest.raises(Error):
            phone.person.goes_to(f"/batches/{jar.pk}")

    def test_asks_first_when_something_waits(self, phone: Phone, jar: Batch) -> None:
        phone.has_seen(f"/batches/{jar.pk}")
        phone.loses_the_net()
        writes_a_note(phone, jar, "Smells of lemon")
        phone.context.route("**/offline/pass", lambda route: route.abort())
        phone.finds_the_net()
        phone.person.goes_to("/accounts/logout/")
        phone.page.locator("form[data-push-end][data-confirm]").wait_for()
        phone.person.presses("Sign out")
        phone.person.sees("Something has not been sent yet.")
        phone.person.presses("Go back")
        phone.context.unroute("**/offline/pass")
        phone.person.goes_to("/offline")
        arrives(phone)
        assert notes() == ["Smells of lemon"]
