"""The story a stranger reads: sentences from public times alone."""

from datetime import timedelta

import pytest

from batches import actions
from batches.labels import story
from batches.stages import Place, Stage, Status
from tests.factories import NOON, make_batch

DAY = timedelta(days=1)


def told(stage, status, *, bottled=None, ready=None, now=10 * DAY):
    at = {
        name: NOON + span if span else None for name, span in (("bottled_at", bottled), ("ready_at", ready))
    }
    return story(started_at=NOON, place=Place(stage, status), now=NOON + now, **at)


class TestStory:
    @pytest.mark.parametrize(
        ("chapters", "last"),
        [
            (told(Stage.OPEN, Status.ACTIVE), "It has been working for 10 d."),
            (told(Stage.OPEN, Status.IN_FRIDGE), "Now it rests in the fridge."),
            (told(Stage.BOTTLED, Status.ACTIVE, bottled=2 * DAY), "Bubbles have been building for 8 d."),
            (
                told(Stage.BOTTLED, Status.READY, bottled=2 * DAY, ready=5 * DAY),
                "It was ready 5 d after its start.",
            ),
            (told(Stage.OPEN, Status.ARCHIVED, ready=2 * DAY), "It was ready 48 h after its start."),
        ],
    )
    def test_ends_where_the_batch_stands(self, chapters, last):
        assert chapters[0].words == "It was set up in an open jar."
        assert chapters[-1].words == last

    def test_goes_forward_in_time(self):
        chapters = told(Stage.BOTTLED, Status.IN_FRIDGE, bottled=2 * DAY, ready=5 * DAY)
        times = [chapter.at for chapter in chapters if chapter.at]
        assert times == sorted(times)
        assert len(times) == 3

    def test_tells_nothing_that_is_not_shared(self, client, alice):
        jar = make_batch(owner=alice, name="Ours", notes="Hidden", fruits=["Quitten"], temperature_c=23.4)
        actions.share(batch=jar, now=NOON, public_note="Enjoy")
        page = client.get(f"/b/{jar.pk}").content.decode()
        assert "It was set up in an open jar." in page
        assert "Enjoy" in page
        assert not [secret for secret in ("Hidden", "Quitten", "23.4", alice.email) if secret in page]
