"""What is shown when something is wrong: drawn by the server, looked at in Chromium."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from playwright.sync_api import Route, expect

from kefir import gates, views, web
from tests.browser.person import Person
from tests.browser.test_access import faults

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

PAGES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/broken/403": lambda request: views.permission_denied(request, PermissionDenied()),
    "/broken/csrf": views.csrf_failure,
    "/broken/429": lambda request: web.too_often(request, 42).render(),
    "/broken/500": views.server_error,
    "/broken/503": gates.closed_page,
}


def shown_at(person: Person, path: str, draw: Callable[[HttpRequest], HttpResponse]) -> None:
    body = draw(RequestFactory().get(path)).content

    def fulfil(route: Route) -> None:
        route.fulfill(status=200, content_type="text/html; charset=utf-8", body=body)

    person.page.route(f"**{path}", fulfil)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_for_what_is_broken_keep_nobody_out(person: Person, scheme: str) -> None:
    person.page.emulate_media(color_scheme=scheme)
    for path, draw in PAGES.items():
        shown_at(person, path, draw)
    found = {path: faults(person, path) for path in PAGES}
    assert {path: faulty for path, faulty in found.items() if faulty} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_link_of_an_old_mail_leads_to_words_and_a_way_on(person: Person, scheme: str) -> None:
    person.signs_in("alice@example.com")
    person.page.emulate_media(color_scheme=scheme)
    assert faults(person, f"/settings/data/archives/{uuid4()}") == []
    person.sees("This archive is not there any more.")
    person.follows("Take your data with you")
    person.sees("Pack everything")


def test_whoever_was_too_quick_sees_when_they_may_go_on(person: Person) -> None:
    shown_at(person, "/broken/429", lambda request: web.too_often(request, 2).render())
    person.goes_to("/broken/429")
    person.sees("Try again in 1 s")
    person.sees("You can try again now.")
    expect(person.page.get_by_role("link", name="Try again")).to_be_visible()
