"""When it is ready, and until when its bottles may stand, as people see it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from batches import actions
from batches.models import Batch
from batches.pressure import outlook
from reminders import actions as reminders
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

KEEPER = "keeper@example.com"
HOUR = timedelta(hours=1)


def keeper(person: Person) -> User:
    person.goes_to("/")
    person.signs_in(KEEPER)
    return User.objects.get(email=KEEPER)


def foretold(person: Person, batch: Batch) -> dict[str, Any]:
    asked = f"fetch('/api/v1/batches/{batch.pk}/forecast').then(answer => answer.json())"
    return dict(person.page.evaluate(asked))


def width(ready: dict[str, str]) -> timedelta:
    return datetime.fromisoformat(ready["latest"]) - datetime.fromisoformat(ready["earliest"])


def pass_time(batch: Batch, hours: float) -> None:
    """As if the batch had stood so much longer already."""
    earlier = timedelta(hours=hours)
    Batch.objects.filter(pk=batch.pk).update(
        started_at=F("started_at") - earlier, bottled_at=F("bottled_at") - earlier
    )
    batch.events.update(occurred_at=F("occurred_at") - earlier)


def test_a_forecast_narrows_with_a_reading_of_ph(person: Person) -> None:
    now = timezone.now()
    batch = actions.start(
        owner=keeper(person), now=now, name="Lemon", started_at=now - 24 * HOUR, temperature_c=22
    )
    person.goes_to(f"/batches/{batch.pk}")
    expect(person.page.locator(".forecast-when")).to_contain_text("Ready")
    before = foretold(person, batch)["ready"]

    person.follows("pH")
    person.fills("pH", "4.1")
    person.presses("Write it down")
    person.sees("pH 4.1")
    person.goes_to(f"/batches/{batch.pk}")

    person.page.get_by_text("Why then?").click()
    person.sees("From the pH of 4.1")
    assert width(foretold(person, batch)["ready"]) < width(before)


def test_a_bottle_turns_amber_then_red_and_one_tap_chills_it(person: Person) -> None:
    owner = keeper(person)
    now = timezone.now()
    jar = actions.start(owner=owner, now=now, name="Ginger", started_at=now - 36 * HOUR, temperature_c=22)
    batch = actions.move(batch=jar, now=now, stage="bottled", bottle_kind="swing_top")
    pressure = person.page.locator("#pressure")

    person.goes_to(f"/batches/{batch.pk}")
    expect(pressure).to_have_attribute("data-alarm", "")
    expect(pressure).to_contain_text("at 3.5 bar these bottles must be cold")
    expect(pressure).not_to_contain_text("safe")

    act_by = outlook(batch.facts(), now=now).act_by
    pass_time(batch, (act_by - now) / HOUR - 3)
    person.page.reload()
    expect(pressure).to_have_attribute("data-alarm", "soon")

    pass_time(batch, 4)
    person.page.reload()
    expect(pressure).to_have_attribute("data-alarm", "danger")
    person.goes_to("/")
    person.presses("Burped")
    person.goes_to(f"/batches/{batch.pk}")
    expect(pressure).not_to_have_attribute("data-alarm", "danger")

    pass_time(batch, 24)
    person.goes_to("/")
    person.presses("Into the fridge")
    person.sees("into the fridge")
    batch.refresh_from_db()
    assert batch.status == "in_fridge"
    assert batch.events.filter(kind="burped").exists()


def test_the_alarm_comes_through_quiet_hours_and_nothing_else_does(person: Person) -> None:
    owner = keeper(person)
    now = timezone.now()
    local = now.astimezone(owner.zone)
    User.objects.filter(pk=owner.pk).update(
        quiet_from=(local - HOUR).time(), quiet_until=(local + HOUR).time(), email_when="always"
    )
    jar = actions.start(owner=owner, now=now, name="Ginger", started_at=now - 36 * HOUR, temperature_c=24)
    batch = actions.move(batch=jar, now=now, stage="bottled", bottle_kind="jar")
    soon = timezone.now() + timedelta(seconds=4)
    wanted = [
        {"kind": "carbonation", "due_at": soon, "message": "Feel the tester"},
        {"kind": "chill_by", "due_at": soon, "message": "Chill it now"},
    ]
    reminders.confirm(batch=batch, reminders=wanted, now=timezone.now())

    person.waits_for_mail(KEEPER, "Chill it now", until=datetime.now(UTC) + timedelta(seconds=30))

    assert not [one for one in person.mails_to(KEEPER) if "Feel the tester" in one["subject"]]
