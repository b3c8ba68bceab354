"""At the counter, with a phone: bottling day, a slip of the finger, a reminder done from a mail."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from batches import actions as batches
from batches.models import Batch
from reminders.models import Reminder
from tests.browser.person import Person
from tests.factories import make_reminder

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

KEEPER = "keeper@example.com"
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def keeper(person: Person) -> User:
    person.signs_in(KEEPER)
    return User.objects.get(email=KEEPER)


@pytest.fixture
def jar(keeper: User) -> Batch:
    started_at = timezone.now() - timedelta(hours=30)
    recipe = {"water_volume_ml": 2000, "sugar_grams": 120, "grains_grams": 60}
    return batches.start(owner=keeper, now=started_at, name="Big jar", **recipe)


def test_three_flavours_go_into_bottles_and_the_next_jar_is_started(person: Person, jar: Batch) -> None:
    person.goes_to(f"/batches/{jar.pk}")
    person.follows("Strain and bottle")
    taps = fills_three_groups(person)
    person.presses("Bottled and sealed")
    person.sees("3 kinds of bottles from one jar")
    plans = says_when_to_be_reminded(person)

    groups = {tuple(one.fruits): one for one in jar.children.filter(stage="bottled")}
    assert {fruits: one.bottle_count for fruits, one in groups.items()} == {
        ("lemon",): 2,
        ("ginger",): 1,
        ("plum", "mint"): 3,
    }
    assert {one.bottle_kind for one in groups.values()} == {"swing_top"}
    next_jar = jar.children.get(stage="open")
    assert (next_jar.grains_grams, next_jar.sugar_grams) == (66, 120)
    assert (plans, Reminder.objects.values("batch").distinct().count()) == (4, 4)
    # Each tap and each word typed, from the jar's page to the first reminder: some half a minute.
    assert taps <= 15
    sees_the_family(person, jar)


def fills_three_groups(person: Person) -> int:
    person.page.get_by_text("Round swing-top").first.click()
    filled = {
        "fruits": "lemon",
        "bottle_count": "2",
        "more1-fruits": "ginger",
        "more1-bottle_count": "1",
        "more2-fruits": "plum, mint",
        "more2-bottle_count": "3",
        "next-grains_grams": "66",
    }
    opened = 0
    for name, text in filled.items():
        field = person.page.locator(f"[name='{name}']")
        if not field.is_visible():
            person.page.get_by_text("Another flavour").nth(opened).click()
            opened += 1
        field.fill(text)
    for number in (1, 2):
        kinds = person.page.locator(f"[name='more{number}-bottle_kind'][value='swing_top']")
        kinds.check()
    return 1 + len(filled) + opened + 2 + 1


def says_when_to_be_reminded(person: Person) -> int:
    """From the plan of one to that of the next, until there is none."""
    plans = 0
    while re.search(r"/batches/\w+/reminders", person.page.url):
        plans += 1
        here = person.page.url
        person.presses("Remind me")
        person.page.wait_for_url(lambda url, here=here: url != here)
    return plans


def sees_the_family(person: Person, jar: Batch) -> None:
    person.goes_to(f"/batches/{jar.pk}")
    for one in jar.children.all():
        person.sees(one.name)
    person.page.locator("#family a", has_text="Plum & mint").click()
    person.sees(re.compile("Bottled from"))


def test_a_slip_of_the_finger_is_taken_back(person: Person, jar: Batch) -> None:
    person.goes_to(f"/batches/{jar.pk}")
    person.page.get_by_text("Move it elsewhere").first.click()
    person.presses("Put it away")
    person.sees("is put away, with all that was written")
    person.presses("Undo")
    person.sees("Taken back.")
    jar.refresh_from_db()
    assert (jar.status, jar.archived_at) == ("active", None)


def test_bottling_is_taken_back_with_all_that_came_of_it(person: Person, jar: Batch) -> None:
    person.goes_to(f"/batches/{jar.pk}/bottle")
    person.page.locator("[name='bottle_count']").fill("2")
    person.page.get_by_text("Another flavour").first.click()
    person.page.locator("[name='more1-fruits']").fill("ginger")
    person.presses("Bottled and sealed")
    person.presses("Undo")
    person.sees("Taken back.")
    assert list(Batch.objects.values_list("pk", "stage", "status")) == [(jar.pk, "open", "active")]


def test_a_reminder_is_done_from_a_mail_by_somebody_who_is_not_signed_in(
    person: Person, keeper: User, jar: Batch
) -> None:
    now = timezone.now()
    reminder = make_reminder(
        batch=jar, due_at=now + timedelta(seconds=3), now=now, message="Taste the big jar"
    )
    mail = person.waits_for_mail(KEEPER, "Taste the big jar", until=datetime.now(UTC) + A_MINUTE)
    person.page.context.clear_cookies()
    [link, *_] = re.findall(rf"{person.site}/r/\S+", mail["text"])
    person.page.goto(link)
    person.sees("Taste the big jar")
    reminder.refresh_from_db()
    assert reminder.status == "sent"

    person.presses("Done")
    person.sees("It is done.")
    reminder.refresh_from_db()
    assert reminder.status == "done"
