"""A program of one's own, told of a batch: added on a phone, tried out, and seen to arrive."""

import pytest

from tests.browser.person import Person
from tests.fakes.http import Reply, Server
from tests.hooks.sink import is_signed
from tests.services import running

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def kitchen(monkeypatch):
    """With everything behind it at work; it may call this machine."""
    monkeypatch.setenv("HOOKS_ALLOW_LOCAL", "1")
    with running("web", "worker", "jobs", "beat") as stack:
        yield stack.url


@pytest.fixture
def program():
    """Keeps what it is sent."""
    received = []
    with Server(lambda request: received.append(request) or Reply(200)) as server:
        server.received = received
        yield server


def test_somebody_lets_a_program_of_theirs_know(page, kitchen, program):
    alice = Person(page, kitchen)
    alice.signs_in("alice@example.com")
    alice.goes_to("/settings/")
    alice.follows("Webhooks")
    alice.follows("Add a webhook")
    alice.fills("Address", "http://10.0.0.1/")
    alice.presses("Add")
    alice.sees("The address must begin with https://.")
    alice.fills("Address", f"http://127.0.0.1:{program.port}/in")
    page.get_by_text("Moved", exact=True).click()
    alice.presses("Add")
    alice.sees("Copy it now")
    secret = page.get_by_label("Secret", exact=True).input_value()
    alice.presses("Send a test")
    alice.sees("A test message is on its way.")
    while not page.get_by_text("Delivered").is_visible():
        page.wait_for_timeout(200)
        page.reload()
    [request] = program.received
    assert is_signed(request, secret)
    assert secret not in page.content()
