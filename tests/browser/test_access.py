"""Every page for everybody: keyboard and screen reader, light and dark, large letters, a narrow phone, no scripts."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(600)]

KEEPER = "test@example.com"
PAGES = [
    "/",
    "/batches/",
    "/batches/records/",
    "/batches/new",
    "/batches/{id}",
    "/batches/{id}/edit",
    "/batches/{id}/bottle",
    "/batches/{id}/events",
    "/batches/{id}/events?what=taste",
    "/batches/{id}/events?what=ph",
    "/batches/{id}/events?what=mould",
    "/batches/{id}/photos",
    "/batches/{id}/reminders",
    "/batches/{id}/sensors",
    "/batches/{id}/share",
    "/batches/{id}/code",
    "/b/{id}",
    "/reminders/",
    "/sensors/",
    "/tags/",
    "/tags/new",
    "/tags/blanks",
    "/labels/",
    "/batches/{id}/tags",
    "/j/7K3QX9M2",
    "/grains/",
    "/grains/new",
    "/settings/",
    "/settings/email/",
    "/settings/kitchen/",
    "/settings/reminders/",
    "/settings/webhooks/",
    "/accounts/sessions/",
    "/accounts/2fa/",
    "/offline",
    "/dev/components/",
    "/nothing-here",
]
MAIN = ["/", "/batches/", "/batches/new", "/batches/{id}", "/batches/{id}/bottle", "/b/{id}", "/reminders/"]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
SHIFTS = """
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
    }).observe({ type: "layout-shift", buffered: true });
"""
# What the finger or the keyboard meets; a link within a sentence is no target of its own (WCAG 2.5.8).
SMALL = """() => [...document.querySelectorAll("button, select, .button, .quick-action, input:not([type=hidden])")]
    .filter((one) => one.checkVisibility() && !one.closest(".for-ears, .dev-scheme"))
    .filter((one) => !["radio", "checkbox", "file"].includes(one.type))
    .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 80)])
    .filter(([box]) => box.height > 0 && box.height < 47.5).map(([, html]) => html)"""
UNSEEN = """() => {
    const one = document.activeElement;
    if (one === document.body) return "";
    const style = getComputedStyle(one);
    const around = one.closest(".batch-card, label") || one;
    const seen = style.outlineStyle !== "none" || getComputedStyle(around).outlineStyle !== "none";
    return seen ? "" : one.outerHTML.slice(0, 80);
}"""


@pytest.fixture
def known(person: Person) -> str:
    """Somebody with a kitchen, and the id of their jar."""
    call_command("seed_demo", verbosity=0)
    person.signs_in(KEEPER)
    return a_batch(person)


def a_batch(person: Person) -> str:
    person.goes_to("/batches/?show=open")
    address = person.page.locator("a[href^='/batches/']:has-text('Lemon')").first.get_attribute("href")
    return str(address).rsplit("/", 1)[-1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(person: Person, known: str, scheme: str) -> None:
    person.page.emulate_media(color_scheme=scheme)

    found = {path: faults(person, path.format(id=known)) for path in PAGES}

    assert {path: faulty for path, faulty in found.items() if faulty} == {}


def faults(person: Person, path: str) -> list[str]:
    person.goes_to(path)
    assert urlsplit(person.page.url).path == path.partition("?")[0], "another page is looked at"
    opens_all(person.page)
    # The bar with the main action lies over what scrolls beneath it; at the end it lies over nothing.
    person.page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    results = Axe().run(person.page, options=RULES)
    broken = [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in results.response["violations"]]
    small = [f"too small to hit: {html}" for html in person.page.evaluate(SMALL)]
    return broken + small + sideways(person.page)


def opens_all(page: Page) -> None:
    """What is folded away is looked at, too."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")


def sideways(page: Page) -> list[str]:
    width, seen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [f"scrolls sideways: {width} px"] if width > seen else []


def test_a_page_four_times_as_large_scrolls_one_way(person: Person, known: str) -> None:
    """1 280 pixels at 400 % are 320 (WCAG 1.4.10)."""
    person.page.set_viewport_size({"width": 320, "height": 256})
    found = {}
    for path in PAGES:
        person.goes_to(path.format(id=known))
        opens_all(person.page)
        found[path] = sideways(person.page)
    assert {path: faulty for path, faulty in found.items() if faulty} == {}


def test_who_reads_from_the_right_scrolls_one_way(person: Person, known: str) -> None:
    person.page.set_viewport_size({"width": 390, "height": 844})
    found = {}
    for path in PAGES:
        person.goes_to(path.format(id=known))
        person.page.evaluate("document.documentElement.dir = 'rtl'")
        opens_all(person.page)
        found[path] = sideways(person.page)
    assert {path: faulty for path, faulty in found.items() if faulty} == {}


def test_nothing_moves_where_motion_is_not_wanted(person: Person, known: str) -> None:
    person.page.emulate_media(reduced_motion="reduce")
    for path in MAIN:
        person.goes_to(path.format(id=known))
        running = "document.getAnimations().filter((one) => one.playState === 'running').length"
        assert (path, person.page.evaluate(running)) == (path, 0)


def test_forced_colours_leave_buttons_and_rings_to_be_seen(person: Person, known: str) -> None:
    person.page.emulate_media(forced_colors="active")
    person.goes_to(f"/batches/{known}")
    stroke = person.page.locator(".ring-left").first.evaluate("(one) => getComputedStyle(one).stroke")
    track = person.page.locator(".ring-track").first.evaluate("(one) => getComputedStyle(one).stroke")
    assert stroke != track
    edge = person.page.locator(".button-main").first.evaluate("(one) => getComputedStyle(one).borderTopWidth")
    assert float(edge.removesuffix("px")) >= 1


def test_a_page_stands_still_while_it_comes(person: Person, known: str) -> None:
    person.page.add_init_script(SHIFTS)
    for path in MAIN:
        person.goes_to(path.format(id=known))
        person.page.wait_for_load_state("networkidle")
        shifted = person.page.evaluate("window.shifted")
        assert shifted <= 0.05, f"{path}: {shifted}"


def test_the_keyboard_reaches_everything_and_is_seen(person: Person, known: str) -> None:
    for path in MAIN:
        person.goes_to(path.format(id=known))
        unseen = [html for _ in range(25) if (html := seen_after_tab(person.page))]
        assert (path, unseen) == (path, [])


def seen_after_tab(page: Page) -> str:
    page.keyboard.press("Tab")
    return str(page.evaluate(UNSEEN))


def test_bottling_goes_by_keyboard_alone(person: Person, known: str) -> None:
    person.goes_to(f"/batches/{known}/bottle")
    person.page.locator("[name='bottle_count']").focus()
    person.page.keyboard.type("2")
    person.page.locator(".more-bottles summary").first.focus()
    person.page.keyboard.press("Enter")
    person.page.keyboard.press("Tab")
    person.page.keyboard.type("ginger")
    person.page.keyboard.press("Enter")
    person.sees("2 kinds of bottles from one jar")


@pytest.fixture
def plain(person: Person, known: str, browser: Browser) -> Page:
    """Their browser, with scripts switched off."""
    session = person.page.context.storage_state()
    context = browser.new_context(
        java_script_enabled=False, storage_state=session, viewport={"width": 390, "height": 844}
    )
    return context.new_page()


def test_all_that_matters_works_without_scripts(person: Person, known: str, plain: Page) -> None:
    plain.goto(f"{person.site}/batches/{known}")
    plain.get_by_role("link", name="Tasted").click()
    plain.get_by_role("button", name="Just right").click()
    expect(plain.get_by_text("Written down.").first).to_be_visible()
    plain.get_by_role("button", name="Undo").click()
    expect(plain.get_by_text("Struck out.").first).to_be_visible()
    plain.goto(f"{person.site}/batches/{known}/bottle")
    plain.get_by_text("Another flavour").first.click()
    plain.locator("[name='more1-fruits']").fill("plum")
    plain.get_by_role("button", name="Bottled and sealed").click()
    expect(plain.get_by_text("2 kinds of bottles from one jar").first).to_be_visible()
