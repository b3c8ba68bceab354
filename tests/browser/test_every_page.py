"""No page is left out of what is looked at: those of one who has everything, too, and those a stranger meets."""

from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, resolve
from django.utils import timezone

from accounts.models import User
from tests.browser import test_access, test_grains, test_trying_it
from tests.browser.full_house import keeper_of_everything, things_of
from tests.browser.person import Person
from tests.browser.signed_in import cookies
from tests.browser.test_access import faults
from tests.routes import Route, walked

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(600)]

KEEPERS = [
    "/batches/{bottled_id}",
    "/batches/{danger_id}",
    "/batches/{cold_id}",
    "/batches/{drunk_id}",
    "/events/{event_id}/edit",
    "/events/{event_id}/withdraw",
    "/photos/{photo_id}",
    "/photos/{photo_id}/remove",
    "/sensors/new",
    "/sensors/{sensor_id}",
    "/settings/tokens/",
    "/settings/webhooks/add",
    "/settings/webhooks/{endpoint_id}",
    "/settings/webhooks/{endpoint_id}/edit",
    "/settings/data/",
    "/settings/data/imports",
    "/settings/data/imports/{import_id}",
    "/settings/erase/",
    "/settings/email/code/",
    "/settings/email/mend/",
    "/accounts/logout/",
    "/accounts/still-you/",
    "/accounts/3rdparty/",
    "/accounts/3rdparty/cancelled/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/recovery-codes/generate/",
    "/labels/{sheet_id}",
    "/labels/{sheet_id}/print",
    "/tags/{tag_id}",
    "/tags/{tag_id}/start",
    "/j/{empty_code}",
    "/j/{blank_code}",
    "/offline",
]
CAREFUL = [
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/keys/{pk}/edit/",
    "/accounts/2fa/webauthn/keys/{pk}/remove/",
    "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/reauthenticate/",
    "/accounts/2fa/webauthn/reauthenticate/",
]
STRANGERS = [
    "/",
    "/accounts/login/",
    "/r/{token}",
    "/unsubscribe/{unsubscribe}",
    "/b/{batch_id}",
    "/b/ZZZZZZZZZZZZ",
    "/j/{empty_code}",
    "/j/{blank_code}",
    "/language/",
    "/dev/components/",
]
NO_PAGES = ("/api/", "/admin/")
STILL_YOU = "/accounts/still-you/"
ELSEWHERE = {
    "/dev/mail/": "for whoever builds Kefir, in local mode alone",
    "/B/<batch:batch_id>": "the same page as /b/",
    "/J/<jar:code>": "the same page as /j/",
}


@pytest.fixture
def things(request: pytest.FixtureRequest, db: None) -> dict[str, Any]:
    now = timezone.now()
    return things_of(keeper_of_everything(now=now), now=now)


def pages_of(person: User, things: dict[str, Any]) -> set[str]:
    """Every address that answers this person with a page; allauth's, too, in our look."""
    client = Client(raise_request_exception=False)
    [session] = cookies("", person)
    client.cookies[session["name"]] = session["value"]
    known = [route for route in walked(get_resolver().url_patterns) if not route.path.startswith(NO_PAGES)]
    return {route.path for route in known if is_page(client, route, things)}


def is_page(client: Client, route: Route, things: dict[str, Any]) -> bool:
    if any(name not in things for name in route.ids):
        return False
    answer = client.get(route.to(**things))
    assert STILL_YOU not in answer.get("Location", ""), f"{route.path}: it is never seen"
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html")


def looked_at(things: dict[str, Any]) -> set[str]:
    listed = [*test_access.PAGES, *KEEPERS, *CAREFUL, *STRANGERS, *test_grains.PAGES, *test_trying_it.PAGES]
    known = {"id": things["batch_id"], **things}
    paths = {path.partition("?")[0].format(**known) for path in listed} - {"/nothing-here", "/j/7K3QX9M2"}
    return {f"/{resolve(path).route}" for path in paths}


def test_every_page_is_in_a_list(things: dict[str, Any]) -> None:
    both = pages_of(things["keeper"], things) | pages_of(things["careful"], things)
    assert both - looked_at(things) - ELSEWHERE.keys() == set()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out_of_the_rest(person: Person, things: dict[str, Any], scheme: str) -> None:
    person.page.emulate_media(color_scheme=scheme)
    strangers = {f"a stranger at {path}": faults(person, path.format(**things)) for path in STRANGERS}
    person.page.context.add_cookies(cookies(person.site, things["keeper"]))
    keepers = {path: faults(person, path.format(**things)) for path in KEEPERS}

    person.page.context.add_cookies(cookies(person.site, things["careful"]))
    careful = {f"with a second step, {path}": faults(person, path.format(**things)) for path in CAREFUL}

    seen = strangers | keepers | careful
    assert {path: faulty for path, faulty in seen.items() if faulty} == {}


def test_nor_do_they_scroll_sideways_four_times_as_large(person: Person, things: dict[str, Any]) -> None:
    person.page.set_viewport_size({"width": 320, "height": 256})
    person.page.context.add_cookies(cookies(person.site, things["keeper"]))
    found = {}
    for path in KEEPERS:
        person.goes_to(path.format(**things))
        test_access.opens_all(person.page)
        found[path] = test_access.sideways(person.page)
    assert {path: faulty for path, faulty in found.items() if faulty} == {}
