"""Whatever is pressed on these pages can be taken back, or asks first, or stands here with a reason."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import resolve
from django.utils import timezone

from batches import actions as batches
from batches import grains
from tests.batches.cultures import make_grains
from tests.factories import make_batch, make_bottled, make_event, make_reminder
from tests.rows import what_is_there
from tests.sensors.gadgets import make_sensor
from tests.tags.jars import make_tag

NO_WAY_BACK = {
    "events:withdraw": "it is the question itself, and can be taken back",
    "batches:remove-grains": "it is the question itself",
    "tags:blanks": "paper that nobody has scanned is nobody's tag yet",
    "batches:start": "a batch that was begun is put away, or edited",
    "tags:start": "a batch that was begun is put away, or edited",
    "batches:keep-grains": "what was added can be deleted",
    "tags:add": "what was added can be given up",
    "sensors:add": "what was added can be removed",
}
TYPED = {
    "name": "Another",
    "grams": "91",
    "description": "Bubbles",
    "public_note": "Ours",
    "own-message": "Call mother",
    "own-due_at": f"{timezone.now() + timedelta(days=1):%Y-%m-%dT%H:%M}",
    "silent_after": "720",
}


@dataclass
class Form:
    to: str
    is_post: bool
    sends: dict[str, str] = field(default_factory=dict)
    asks: bool = False


class Forms(HTMLParser):
    """The forms of a page: where each posts, what it sends as it stands, and whether it asks."""

    def __init__(self, page: str, *, at: str) -> None:
        super().__init__()
        self.at, self.found = at, []
        self.form = self.choice = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(said.get("action") or self.at, said.get("method") == "post")
            self.found.append(self.form)
        if self.form:
            self.form.asks |= "data-confirm" in said
            self.take(tag, said)

    def take(self, tag, said):
        name = said.get("name")
        if tag == "select":
            self.choice = name
        elif tag == "option" and ("selected" in said or self.choice not in self.form.sends):
            self.form.sends[self.choice] = said.get("value", "")
        elif tag in {"input", "textarea", "button"} and name and is_sent(said):
            self.form.sends[name] = said.get("value", "")

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None


def is_sent(said):
    return said.get("type") not in {"checkbox", "radio"} or "checked" in said


@pytest.fixture
def pages(alice, run_jobs):
    """Of somebody who has one of each, wherever it may stand."""
    now = timezone.now()
    ago = now - timedelta(days=2)
    working, resting, gone = (make_grains(owner=alice, now=ago, grams=80) for _number in range(3))
    grains.rest(grains=resting, now=ago)
    grains.let_go(grains=gone, now=ago)
    jar = make_batch(owner=alice, now=ago, grains=working)
    bottled, archived = make_bottled(owner=alice, now=ago), make_batch(owner=alice, now=ago)
    batches.archive(batch=archived, now=now)
    shared = batches.share(batch=make_batch(owner=alice, now=ago), now=now)
    event = make_event(batch=jar, now=now)
    tags = make_tag(owner=alice, batch=jar), make_tag(owner=alice)
    sensors = make_sensor(owner=alice, batch=jar)[0], make_sensor(owner=alice)[0]
    make_reminder(batch=jar, due_at=now + timedelta(hours=1), now=now)
    run_jobs()
    own = [f"/batches/{one.pk}" for one in (jar, bottled, archived, shared)]
    parts = ["edit", "bottle", "share", "events", "events?what=note", "reminders", "tags", "sensors"]
    return [
        *own,
        *(f"{own[0]}/{part}" for part in parts),
        *(f"/events/{event.pk}/{part}" for part in ("edit", "withdraw")),
        *(f"/grains/{one.pk}" for one in (working, resting, gone)),
        *(f"/grains/{working.pk}/{part}" for part in ("edit", "weigh", "remove")),
        *(f"/tags/{one.pk}" for one in tags),
        f"/tags/{tags[1].pk}/start",
        *(f"/sensors/{one.pk}" for one in sensors),
        *("/", "/reminders/", "/batches/", "/batches/new", "/grains/", "/grains/new"),
        *("/tags/", "/tags/new", "/sensors/", "/sensors/new"),
    ]


def forms_of(client, pages) -> Iterator[Form]:
    for path in pages:
        answer = client.get(path)
        assert answer.status_code == 200, path
        yield from (form for form in Forms(answer.content.decode(), at=path).found if form.is_post)


def way_back_after(client, form):
    """Where its toast takes it back; and whether everything is as it was then."""
    before = what_is_there()
    sent = {name: TYPED.get(name, value) for name, value in form.sends.items()}
    answer = client.post(form.to, sent, follow=True)
    ways = [toast.extra_tags for toast in answer.context["messages"] if toast.extra_tags]
    assert what_is_there() != before, (form, answer.status_code)
    if ways and ways[-1].startswith("/undo/"):
        client.post(ways[-1])
        assert what_is_there() == before, form
    return ways


def test_each_form_has_one_or_asks_or_has_a_reason(page, pages):
    walked = set()
    for form in forms_of(page, pages):
        name = resolve(form.to.partition("?")[0]).view_name
        walked.add(name)
        if form.asks or name in NO_WAY_BACK:
            continue
        # Nobody presses so much in a minute.
        cache.clear()
        with transaction.atomic():
            assert way_back_after(page, form), form
            transaction.set_rollback(True)
    assert walked > NO_WAY_BACK.keys()
