"""No page is left out of what is looked at: those of one who has everything, too, and those a stranger meets."""

from typing import Any

import pytest
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from tests.browser import test_access, test_grains, test_trying_it
from tests.browser.full_house import keeper_of_everything, things_of
from tests.browser.person import Person
from tests.browser.signed_in import cookies
from tests.browser.test_access import faults
from tests.routes import Route, routes

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
    "/settings/email/mend/",
    "/accounts/logout/",
    "/accounts/still-you/",
    "/accounts/3rdparty/",
    "/labels/{sheet_id}",
    "/labels/{sheet_id}/print",
    "/tags/{tag_id}",
    "/tags/{tag_id}/start",
    "/j/{empty_code}",
    "/j/{blank_code}",
    "/offline",
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
ELSEWHERE = {
    "/dev/mail/": "for whoever builds Kefir, in local mode alone",
    "/B/<batch:batch_id>": "the same page as /b/",
    "/J/<jar:code>": "the same page as /j/",
}


@pytest.fixture
def things(request: pytest.FixtureRequest, db: None) -> dict[str, Any]:
    now = timezone.now()
    return things_of(keeper_of_everything(now=now), now=now)


def pages_of(things: dict[str, Any]) -> set[str]:
    """Every address that answers its keeper with a page."""
    client = Client(raise_request_exception=False)
    [session] = cookies("", things["keeper"])
    client.cookies[session["name"]] = session["value"]
    return {route.path for route in routes() if not route.is_api and is_page(client, route, things)}


def is_page(client: Client, route: Route, things: dict[str, Any]) -> bool:
    if any(name not in things for name in route.ids):
        return False
    answer = client.get(route.to(**things))
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html")


def looked_at(things: dict[str, Any]) -> set[str]:
    listed = [*test_access.PAGES, *KEEPERS, *STRANGERS, *test_grains.PAGES, *test_trying_it.PAGES]
    known = {"id": things["batch_id"], **things}
    paths = {path.partition("?")[0].format(**known) for path in listed} - {"/nothing-here", "/j/7K3QX9M2"}
    return {f"/{resolve(path).route}" for path in paths}


def test_every_page_is_in_a_list(things: dict[str, Any]) -> None:
    assert pages_of(things) - looked_at(things) - ELSEWHERE.keys() == set()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out_of_the_rest(person: Person, things: dict[str, Any], scheme: str) -> None:
    person.page.emulate_media(color_scheme=scheme)
    strangers = {f"a stranger at {path}": faults(person, path.format(**things)) for path in STRANGERS}
    person.page.context.add_cookies(cookies(person.site, things["keeper"]))
    keepers = {path: faults(person, path.format(**things)) for path in KEEPERS}

    assert {path: faulty for path, faulty in (strangers | keepers).items() if faulty} == {}


def test_nor_do_they_scroll_sideways_four_times_as_large(person: Person, things: dict[str, Any]) -> None:
    person.page.set_viewport_size({"width": 320, "height": 256})
    person.page.context.add_cookies(cookies(person.site, things["keeper"]))
    found = {}
    for path in KEEPERS:
        person.goes_to(path.format(**things))
        test_access.opens_all(person.page)
        found[path] = test_access.sideways(person.page)
    assert {path: faulty for path, faulty in found.items() if faulty} == {}
