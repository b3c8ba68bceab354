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
from playwright.sync_api import Browser, BrowserContext, BrowserType, Error, Page, Route, expect

from accounts.models import User
from batches import actions as batches
from batches.models import Batch
from events.models import Event, Photo
from tags import actions as tags
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


class TestABadNet:
    @pytest.fixture
    def person(
        self, browser: Browser, browser_context_args: dict[str, Any], kitchen: str
    ) -> Iterator[Person]:
        """Without a service worker: nobody but the page sends."""
        context = browser.new_context(**browser_context_args, service_workers="block")
        yield Person(context.new_page(), kitchen)
        context.close()

    def test_whose_answers_are_lost_three_times_makes_one_event(self, person: Person) -> None:
        jar = starts_a_jar(person)
        lost: list[int] = []

        def loses(route: Route) -> None:
            """The server has it; the phone never hears so."""
            if route.request.method == "POST" and len(lost) < 3:
                lost.append(route.fetch(max_redirects=0).status)
                route.abort("connectionreset")
            else:
                route.continue_()

        person.page.route(re.compile(rf"/batches/{jar.pk}/events"), loses)
        person.follows("Note")
        person.fills("In a few words", "Smells of lemon")
        person.presses("Write it down")
        for _ in range(2):
            person.sees("Waits for the net.")
            person.presses("Send again")
        expect(person.page.locator("[data-entry]")).to_have_count(0, timeout=40_000)
        assert notes() == ["Smells of lemon"]
        assert len(lost) == 3

    def test_sends_nothing_that_was_thrown_away_while_a_picture_took_its_time(
        self, person: Person, tmp_path: Path
    ) -> None:
        jar = starts_a_jar(person)
        person.page.route("**/offline/pass", lambda route: route.abort())
        chooses_a_photo(person, tmp_path)
        person.presses("Add these photos")
        expect(person.page.locator("[data-entry]")).to_have_count(1)
        person.page.route(re.compile(rf"/batches/{jar.pk}/events"), loses_what_is_posted)
        person.follows("Note")
        person.fills("In a few words", "Not this one")
        person.presses("Write it down")
        expect(person.page.locator("[data-entry]")).to_have_count(2)

        held: list[Route] = []

        def hangs(route: Route) -> None:
            held.append(route)

        person.page.unroute("**/offline/pass")
        person.page.route(re.compile("/incoming/"), hangs)
        with person.page.expect_request(re.compile("/incoming/")):
            person.goes_to("/offline")
        note = person.page.locator("[data-entry]").filter(has_text="Not this one")
        note.get_by_role("button", name="Throw it away").click()
        person.page.get_by_role("dialog").get_by_role("button", name="Throw it away").click()
        expect(note).to_have_count(0)
        held[0].continue_()
        expect(person.page.locator("[data-entry]")).to_have_count(0, timeout=40_000)
        assert Photo.objects.exclude(confirmed_at=None).count() == 1
        assert notes() == []

    def test_that_hangs_shows_the_page_as_it_was(self, phone: Phone, jar: Batch) -> None:
        phone.has_seen(f"/batches/{jar.pk}")
        [worker] = phone.context.service_workers
        worker.evaluate("() => { self.fetch = () => new Promise(() => {}); }")
        phone.person.goes_to(f"/batches/{jar.pk}")
        phone.person.sees("You see this page as it was:")


class TestAForm:
    def test_keeps_what_was_typed_through_an_ended_session(self, person: Person) -> None:
        jar = starts_a_jar(person)
        person.goes_to(f"/batches/{jar.pk}/edit")
        person.fills("Name", "Lemon, the second")
        person.page.context.clear_cookies()
        person.page.locator("main form").first.evaluate("form => form.submit()")
        person.signs_in(EMAIL)
        person.goes_to(f"/batches/{jar.pk}/edit")
        expect(person.page.get_by_label("Name")).to_have_value("Lemon, the second")
        person.sees("What you typed here before is back.")
        person.presses("Save")
        person.sees("Saved.")
        person.goes_to(f"/batches/{jar.pk}/edit")
        assert person.page.locator(".draft-note").count() == 0

    def test_keeps_nothing_for_the_next_person(self, person: Person) -> None:
        starts_a_jar(person)
        person.goes_to("/batches/new")
        person.fills("Name", "A secret recipe")
        person.page.context.clear_cookies()
        person.signs_in("neighbour@example.com")
        person.goes_to("/batches/new")
        expect(person.page.get_by_label("Name", exact=False).first).not_to_have_value("A secret recipe")

    def test_keeps_what_was_typed_when_a_jar_is_chosen(self, person: Person) -> None:
        jar = starts_a_jar(person)
        tags.make(owner=jar.owner, name="The tall one", now=timezone.now())
        person.goes_to("/batches/new")
        person.fills("Name", "For Ada")
        person.presses("The tall one")
        person.page.wait_for_url("**/start")
        expect(person.page.get_by_label("Name", exact=False).first).to_have_value("For Ada")


def loses_what_is_posted(route: Route) -> None:
    if route.request.method == "POST":
        route.abort("connectionreset")
    else:
        route.continue_()


def chooses_a_photo(person: Person, folder: Path) -> None:
    (folder / "foam.jpg").write_bytes(picture("JPEG", (1200, 900), (230, 200, 140)))
    person.page.locator("[data-photos-chosen]").set_input_files(folder / "foam.jpg")


def starts_a_jar(person: Person) -> Batch:
    person.signs_in(EMAIL)
    jar = batches.start(owner=User.objects.get(email=EMAIL), name="Lemon", now=timezone.now())
    person.goes_to(f"/batches/{jar.pk}")
    return jar
