"""Somebody keeps grains, weighs them as they strain, and goes on a journey."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from batches import grains
from batches.grain_models import Weighing
from tests.browser.person import Person
from tests.browser.test_access import KEEPER, faults
from tests.factories import make_batch

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PAGES = [
    "/grains/{grains_id}",
    "/grains/{grains_id}/edit",
    "/grains/{grains_id}/remove",
    "/grains/{grains_id}/weigh",
    "/grains/{grains_id}/away?leaves_on=2027-03-06&back_on=2027-03-18",
]


@pytest.fixture
def keeper(person: Person) -> User:
    person.signs_in(KEEPER)
    return User.objects.get(email=KEEPER)


def test_grains_grow_and_rest_while_somebody_is_away(person: Person, keeper: User) -> None:
    person.goes_to("/grains/new")
    person.fills("Name", "Granny's")
    person.fills("What they weigh", "80")
    person.presses("Keep it")
    person.sees("80 g")
    kept = grains.Grains.objects.get()
    # Times on pages are told to the minute, and nobody strains in the minute in which they began.
    earlier = timezone.now() - timedelta(hours=30)
    Weighing.objects.update(weighed_at=earlier)
    jar = make_batch(owner=keeper, now=earlier, grains=kept)

    person.goes_to(f"/batches/{jar.pk}/bottle")
    person.fills("What they weigh now", "100")
    person.presses("Bottled and sealed")
    person.goes_to(f"/grains/{kept.pk}")
    person.sees("100 g")
    person.presses("Into the fridge")
    person.sees("Resting in the fridge")

    person.follows("Away for some days?")
    person.presses("Make a plan")
    person.sees("Nobody needs to come.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(person: Person, keeper: User, scheme: str) -> None:
    now = timezone.now()
    kept = grains.keep(owner=keeper, now=now - timedelta(days=30), name="Granny's", grams=80)
    grains.weigh(grains=kept, grams=95, now=now - timedelta(days=28))
    grains.rest(grains=kept, now=now - timedelta(days=28))
    person.page.emulate_media(color_scheme=scheme)

    found = {path: faults(person, path.format(grains_id=kept.pk)) for path in PAGES}

    assert {path: faulty for path, faulty in found.items() if faulty} == {}
