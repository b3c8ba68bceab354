"""Every page for everybody: keyboard and screen reader, light and dark, a narrow phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.utils import timezone

from batches.models import Batch
from tests.browser.person import Person
from tests.events.album import make_copied, make_photo

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PAGES = [
    "/",
    "/batches/",
    "/batches/records/",
    "/batches/new",
    "/batches/{id}",
    "/batches/{id}/edit",
    "/batches/{id}/bottle",
    "/batches/{id}/events",
    "/batches/{id}/reminders",
    "/batches/{id}/share",
    "/batches/{id}/code",
    "/batches/{id}/photos",
    "/photos/{photo}",
    "/photos/{photo}/remove",
    "/batches/{id}/sensors",
    "/b/{id}",
    "/reminders/",
    "/sensors/",
    "/sensors/new",
    "/settings/",
    "/settings/email/",
    "/settings/tokens/",
    "/settings/erase/",
    "/accounts/sessions/",
    "/accounts/2fa/",
    "/nothing-here",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(person: Person, scheme: str) -> None:
    call_command("seed_demo", verbosity=0)
    person.page.emulate_media(color_scheme=scheme)
    person.signs_in("test@example.com")
    batch_id = a_batch(person)
    photo_id = a_photo(batch_id)

    found = {path: faults(person, path.format(id=batch_id, photo=photo_id)) for path in PAGES}

    assert {path: faulty for path, faulty in found.items() if faulty} == {}


def a_batch(person: Person) -> str:
    person.goes_to("/batches/?show=open")
    address = person.page.locator("a[href^='/batches/']:has-text('Lemon')").first.get_attribute("href")
    return str(address).rsplit("/", 1)[-1]


def a_photo(batch_id: str) -> str:
    """One that is seen, and one that is being developed."""
    batch, now = Batch.objects.get(pk=batch_id), timezone.now()
    make_photo(batch=batch, now=now)
    return str(make_copied(batch=batch, now=now, caption="Foam").pk)


def faults(person: Person, path: str) -> list[str]:
    person.goes_to(path)
    # The bar with the main action lies over what scrolls beneath it; at the end it lies over nothing.
    person.page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    results = Axe().run(person.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    broken = [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in results.response["violations"]]
    width = person.page.evaluate("document.documentElement.scrollWidth")
    return broken + ([f"scrolls sideways: {width} px"] if width > 390 else [])
