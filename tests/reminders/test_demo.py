from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from batches import care
from batches.keepers import keeper_of
from batches.models import Batch
from batches.stages import Place, Stage, Status
from reminders import demo
from reminders.models import Reminder
from tests.rows import everything

pytestmark = pytest.mark.django_db


def seed():
    out = StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue()


class TestSeedDemo:
    def test_gives_its_keeper_a_believable_kitchen(self):
        assert "test@example.com has 2 batches (2 new)" in seed()
        keeper = User.objects.get(email=demo.KEEPER)
        places = {batch.place for batch in Batch.objects.of(keeper)}
        assert places == {Place(Stage.OPEN, Status.ACTIVE), Place(Stage.BOTTLED, Status.IN_FRIDGE)}
        assert all(batch.events.exists() for batch in Batch.objects.of(keeper))

    def test_confirms_all_that_is_suggested_for_what_ferments(self):
        seed()
        jar = Batch.objects.get(stage="open")
        suggested = {
            one.kind for one in care.suggest(jar.facts(), now=timezone.now(), keeper=keeper_of(jar.owner))
        }
        assert set(jar.reminders.values_list("kind", flat=True)) == suggested
        assert set(jar.reminders.values_list("status", flat=True)) == {Reminder.Status.WAITING}

    def test_twice_is_once(self):
        seed()
        before = everything()
        assert "has 2 batches (0 new)" in seed()
        assert everything() == before
        assert User.objects.count() == 1

    def test_leaves_what_its_keeper_did_as_it_is(self):
        seed()
        Batch.objects.update(notes="Mine")
        seed()
        assert set(Batch.objects.values_list("notes", flat=True)) == {"Mine"}

    def test_refuses_outside_local_mode(self, settings):
        settings.LOCAL = False
        with pytest.raises(CommandError, match="local mode only"):
            seed()
        assert not User.objects.exists()
