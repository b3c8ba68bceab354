"""Draws docs/screens anew: `./test tests/browser/screens.py`. It is left out of ./test, which names its files test_….

What is seen is the program itself, with a kitchen as it would be now; a picture is written only where it has changed
to the eye, so that hours and codes alone change nothing.
"""

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Browser, Page

from accounts.models import User
from tests.browser.full_house import keeper_of_everything, things_of
from tests.browser.person import Person
from tests.browser.signed_in import cookies
from tests.browser.test_trying_it import proves_an_address
from tests.browser.test_when_it_is_broken import PAGES as BROKEN
from tests.browser.test_when_it_is_broken import shown_at
from tests.factories import make_user
from tests.services import running

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(1800)]

HERE = Path(__file__).parents[2] / "docs" / "screens"
# Whole pages, large, for whoever wants to look closely.
CLOSELY = os.environ.get("SCREENS_CLOSELY", "")
SCREENS = {"phone": (390, 844), "desktop": (1280, 800)}
WIDTHS = {"phone": 546, "desktop": 1024}
SCHEMES = ("light", "dark")
HEAVIEST = 60_000
# Of 255, on average: below it only hours, codes and ids have moved.
SEEN = 1.5


@dataclass(frozen=True)
class Screen:
    name: str
    path: str
    who: str = "keeper"
    first: Callable[[Person], None] | None = None
    language: str = ""
    whole: bool = False


def asks_for_a_code(person: Person) -> None:
    person.fills("Your e-mail address", "somebody@example.com")
    person.presses("Mail me a code")
    person.sees("The six digits")


def undoes(person: Person) -> None:
    person.page.get_by_role("button", name="Just right").click()
    person.sees("Written down.")


def looks_round(person: Person) -> None:
    person.presses("Try it now")
    person.sees("This is a trial")


def keeps_it(person: Person) -> None:
    looks_round(person)
    person.follows("Keep it")
    person.sees("Your e-mail address")


def keeps_it_by_a_code(person: Person) -> None:
    keeps_it(person)
    asks_for_a_code(person)


def has_it_for_good(person: Person) -> None:
    looks_round(person)
    proves_an_address(person, "somebody.else@example.com")


def adds_a_sensor(person: Person) -> None:
    person.fills("What do you call it?", "The grey one")
    person.presses("Add it")
    person.sees("This is its token.")


def opens_why(person: Person) -> None:
    person.page.locator("#forecast summary").first.click()
    person.page.locator("#forecast").scroll_into_view_if_needed()


def reads_from_the_right(person: Person) -> None:
    person.page.evaluate("document.documentElement.dir = 'rtl'")


def plans_to_be_away(person: Person) -> None:
    person.presses("Make a plan")


def scrolls_to(selector: str) -> Callable[[Person], None]:
    def scroll(person: Person) -> None:
        person.page.locator(selector).first.evaluate("(one) => one.scrollIntoView({ block: 'start' })")

    return scroll


ALL = [
    Screen("front-page", "/", "stranger"),
    Screen("sign-in", "/accounts/login/", "stranger"),
    Screen("sign-in-code", "/accounts/login/", "stranger", asks_for_a_code),
    Screen("first-questions", "/settings/kitchen/", "newcomer", whole=True),
    Screen("home-empty", "/", "newcomer"),
    Screen("home", "/"),
    Screen("list", "/batches/"),
    Screen("start", "/batches/new", whole=True),
    Screen("batch-open", "/batches/{batch_id}"),
    Screen("batch-bottled", "/batches/{bottled_id}"),
    Screen("batch-alarm", "/batches/{danger_id}"),
    Screen("batch-drunk", "/batches/{drunk_id}"),
    Screen("batch-edit", "/batches/{batch_id}/edit", whole=True),
    Screen("bottle-it", "/batches/{batch_id}/bottle", whole=True),
    Screen("quick-log", "/b/{batch_id}"),
    Screen("log-taste", "/batches/{batch_id}/events?what=taste"),
    Screen("log-mould", "/batches/{batch_id}/events?what=mould"),
    Screen("timeline", "/batches/{batch_id}", first=scrolls_to("#timeline")),
    Screen("photos", "/batches/{batch_id}/photos"),
    Screen("photo", "/photos/{photo_id}"),
    Screen("photo-remove", "/photos/{photo_id}/remove"),
    Screen("event-correct", "/events/{event_id}/edit", whole=True),
    Screen("event-withdraw", "/events/{event_id}/withdraw"),
    Screen("forecast", "/batches/{batch_id}", first=scrolls_to("#forecast")),
    Screen("reminders", "/reminders/"),
    Screen("reminders-of-a-batch", "/batches/{batch_id}/reminders", whole=True),
    Screen("reminder-link", "/r/{token}", "stranger"),
    Screen("unsubscribe", "/unsubscribe/{unsubscribe}", "stranger"),
    Screen("grains-all", "/grains/"),
    Screen("grains", "/grains/{grains_id}"),
    Screen("grains-away", "/grains/{grains_id}/away?leaves_on=2027-03-06&back_on=2027-03-18"),
    Screen("records", "/batches/records/"),
    Screen("sensors", "/sensors/"),
    Screen("sensors-of-a-batch", "/batches/{batch_id}/sensors"),
    Screen("sensor-new", "/sensors/new"),
    Screen("sensor-added", "/sensors/new", first=adds_a_sensor, whole=True),
    Screen("webhooks", "/settings/webhooks/", whole=True),
    Screen("webhook", "/settings/webhooks/{endpoint_id}"),
    Screen("tokens", "/settings/tokens/", whole=True),
    Screen("settings", "/settings/", whole=True),
    Screen("settings-reminders", "/settings/reminders/", whole=True),
    Screen("settings-kitchen", "/settings/kitchen/", whole=True),
    Screen("settings-email", "/settings/email/"),
    Screen("settings-email-code", "/settings/email/code/"),
    Screen("data", "/settings/data/"),
    Screen("data-bring", "/settings/data/imports"),
    Screen("data-brought", "/settings/data/imports/{import_id}"),
    Screen("erase", "/settings/erase/"),
    Screen("still-you", "/accounts/still-you/"),
    Screen("sign-out", "/accounts/logout/"),
    Screen("second-step", "/accounts/2fa/"),
    Screen("second-step-app", "/accounts/2fa/totp/activate/", whole=True),
    Screen("second-step-asked", "/accounts/2fa/reauthenticate/", "careful"),
    Screen("second-step-codes", "/accounts/2fa/recovery-codes/", "careful"),
    Screen("passkeys", "/accounts/2fa/webauthn/", "careful"),
    Screen("passkey-new", "/accounts/2fa/webauthn/add/"),
    Screen("signed-in-devices", "/accounts/sessions/"),
    Screen("share", "/batches/{batch_id}/share"),
    Screen("code", "/batches/{batch_id}/code"),
    Screen("tags", "/tags/"),
    Screen("tag", "/tags/{tag_id}"),
    Screen("tag-blanks", "/tags/blanks"),
    Screen("labels", "/labels/", whole=True),
    Screen("labels-made", "/labels/{sheet_id}"),
    Screen("labels-sheet", "/labels/{sheet_id}/print"),
    Screen("jar-tag-empty", "/j/{empty_code}"),
    Screen("jar-tag-stranger", "/j/{empty_code}", "stranger"),
    Screen("jar-tag-unclaimed", "/j/{blank_code}"),
    Screen("public-page", "/b/{batch_id}", "stranger"),
    Screen("public-nothing", "/b/ZZZZZZZZZZZZ", "stranger"),
    Screen("undo", "/batches/{batch_id}/events?what=taste", first=undoes),
    Screen("trial", "/", "stranger", looks_round),
    Screen("trial-keep", "/", "stranger", keeps_it),
    Screen("trial-keep-code", "/", "stranger", keeps_it_by_a_code),
    Screen("trial-choose", "/", "stranger", has_it_for_good),
    Screen("offline", "/offline"),
    Screen("language", "/language/", "stranger"),
    Screen("not-found", "/nothing-here", "stranger"),
    *(Screen(f"broken-{path.rpartition('/')[2]}", path, "stranger") for path in BROKEN),
    Screen("components", "/dev/components/", "stranger"),
    Screen("german-home", "/", language="de"),
    Screen("german-batch", "/batches/{batch_id}", language="de"),
    Screen("spanish-batch", "/batches/{batch_id}", language="es"),
    Screen("spanish-bottle-it", "/batches/{batch_id}/bottle", language="es", whole=True),
    Screen("from-the-right", "/batches/{batch_id}", first=reads_from_the_right),
]


@pytest.fixture
def kitchen(transactional_db: None) -> Iterator[str]:
    """Nothing but pages: nobody sends meanwhile what shall be seen as due."""
    with running("web") as stack:
        yield stack.url


@pytest.fixture
def people(kitchen: str) -> dict[str, User | None]:
    keeper = keeper_of_everything(now=timezone.now())
    return {"keeper": keeper, "newcomer": make_user("new@example.com", welcomed_at=None), "stranger": None}


def test_draws_every_screen(kitchen: str, people: dict[str, Any], browser: Browser) -> None:
    things = things_of(people["keeper"], now=timezone.now())
    people["careful"] = things["careful"]
    wanted = os.environ.get("SCREENS", "").split(",")
    for screen in ALL:
        if wanted == [""] or screen.name in wanted:
            for size in SCREENS:
                draws(browser, kitchen, people, screen, size=size, path=screen.path.format(**things))
    if wanted == [""]:
        (HERE / "README.md").write_text(index())


def draws(browser: Browser, site: str, people: Any, screen: Screen, *, size: str, path: str) -> None:
    context = browser.new_context(**how(size), service_workers="block")
    context.add_cookies(cookies(site, people[screen.who], screen.language))
    page = context.new_page()
    speaks(people[screen.who], screen.language)
    person = Person(page, site)
    if screen.path in BROKEN:
        shown_at(person, screen.path, BROKEN[screen.path])
    person.goes_to(path)
    if screen.first:
        screen.first(person)
    page.evaluate("document.fonts.ready")
    page.wait_for_load_state("networkidle")
    if screen.whole:
        grows(page, size)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        keeps(page, f"{screen.name}-{size}-{scheme}", size)
    context.close()


def how(size: str) -> dict[str, Any]:
    width, height = SCREENS[size]
    return {
        "viewport": {"width": width, "height": height},
        "device_scale_factor": 2 if size == "phone" else 1,
        "has_touch": size == "phone",
        "locale": "en-GB",
        "timezone_id": "Europe/Berlin",
    }


def grows(page: Page, size: str) -> None:
    """As high as all that stands on the page, so that what sticks to the edge of the screen lies over nothing."""
    width, height = SCREENS[size]
    needed = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(height, needed)})


def speaks(user: User | None, language: str) -> None:
    if user:
        User.objects.filter(pk=user.pk).update(language=language or "en")


def keeps(page: Page, name: str, size: str) -> None:
    drawn = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    width = WIDTHS[size]
    small = drawn.resize((width, drawn.height * width // drawn.width), Image.Resampling.LANCZOS)
    kept = HERE / f"{name}.webp"
    if not (kept.exists() and looks_alike(small, kept)):
        kept.write_bytes(packed(small, most=HEAVIEST * max(1, drawn.height // (2 * drawn.width))))
    if CLOSELY:
        page.screenshot(path=f"{CLOSELY}/{name}.png", full_page=True)


def looks_alike(one: Image.Image, kept: Path) -> bool:
    other = Image.open(kept).convert("RGB")
    if one.size != other.size:
        return False
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean) < SEEN


def packed(picture: Image.Image, *, most: int) -> bytes:
    for quality in (62, 48, 36, 20):
        body = io.BytesIO()
        picture.save(body, "WEBP", quality=quality, method=6)
        if body.tell() <= most:
            break
    assert body.tell() <= most
    return body.getvalue()


def index() -> str:
    lines = [
        "# Screens",
        "",
        "Every page, on a phone and on a desk, by day and by night. Drawn from the program itself by",
        "`./test tests/browser/screens.py`; see there what is shown of what. Of forms all is drawn.",
        "",
        "| page | phone, light | phone, dark | desktop, light | desktop, dark |",
        "|---|---|---|---|---|",
    ]
    for screen in ALL:
        shown = [f"![]({screen.name}-{size}-{scheme}.webp)" for size in SCREENS for scheme in SCHEMES]
        lines.append(" | ".join([f"| {screen.name.replace('-', ' ')}", *shown]) + " |")
    return "\n".join(lines) + "\n"
