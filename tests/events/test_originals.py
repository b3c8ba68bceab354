"""Before the bucket forgets what somebody sent, they hear of it once, in time."""

from datetime import timedelta

import pytest
from django.core import mail

from events import originals
from events.models import Photo
from tests.events.album import hang_up, make_photo, picture
from tests.factories import NOON, make_batch
from tests.work.jobs import run_jobs
from work.models import Job

DAY = timedelta(days=1)
A_MONTH_BEFORE = NOON + 335 * DAY


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, name="Figs & ginger")


def told(now):
    """What goes out when it is looked ahead at that time."""
    before = len(mail.outbox)
    originals.look_ahead(now=now)
    run_jobs(now=now)
    return mail.outbox[before:]


class TestWarning:
    def test_comes_a_month_before_and_not_earlier(self, jar):
        hang_up(jar, 1, now=NOON)
        assert told(A_MONTH_BEFORE - timedelta(seconds=1)) == []
        [said] = told(A_MONTH_BEFORE)
        assert said.to == [jar.owner.email]
        assert "1 March 2027" in said.body
        assert "/settings/data/" in said.body

    def test_names_what_will_go(self, jar):
        hang_up(jar, 2, now=NOON)
        [said] = told(A_MONTH_BEFORE)
        assert "2 photos as you took them" in said.subject
        for words in ("Figs & ginger", "Bubbles 0", "Bubbles 1"):
            assert words in said.body

    def test_comes_once(self, jar):
        hang_up(jar, 1, now=NOON)
        assert len(told(A_MONTH_BEFORE)) == 1
        assert told(A_MONTH_BEFORE + DAY) == []

    def test_tells_the_next_month_along_so_that_it_is_one_mail_a_month(self, jar):
        for day in range(70):
            hang_up(jar, 1, now=NOON + day * DAY)
        mails = [one for day in range(110) for one in told(A_MONTH_BEFORE + day * DAY)]
        assert len(mails) == 3
        assert not Photo.objects.filter(warned_at=None).exists()

    def test_never_comes_too_late(self, jar):
        """Whatever is told is told a month before it goes, at least."""
        for day in range(0, 70, 7):
            hang_up(jar, 1, now=NOON + day * DAY)
        for day in range(110):
            told(A_MONTH_BEFORE + day * DAY)
        assert all(one.original_kept_until - one.warned_at >= 30 * DAY for one in Photo.objects.all())

    def test_is_written_to_each_about_their_own(self, jar, bob):
        hang_up(jar, 1, now=NOON)
        hang_up(make_batch(owner=bob, name="Bob's"), 1, now=NOON)
        mails = {said.to[0]: said.body for said in told(A_MONTH_BEFORE)}
        assert set(mails) == {jar.owner.email, bob.email}
        assert "Bob's" not in mails[jar.owner.email]

    def test_names_some_of_many(self, jar):
        hang_up(jar, originals.MOST_NAMED + 2, now=NOON)
        [said] = told(A_MONTH_BEFORE)
        assert "and 2 more" in said.body

    def test_does_not_come_where_originals_are_kept(self, jar, settings):
        settings.PHOTO_ORIGINALS_DAYS = 0
        hang_up(jar, 1, now=NOON)
        assert told(NOON + 4000 * DAY) == []
        assert Photo.objects.get().original_kept_until is None

    def test_says_nothing_of_what_was_removed(self, jar):
        hang_up(jar, 1, now=NOON)
        originals.look_ahead(now=A_MONTH_BEFORE)
        Photo.objects.all().delete()
        run_jobs(now=A_MONTH_BEFORE)
        assert mail.outbox == []

    def test_says_nothing_of_what_never_came(self, jar):
        from tests.events.album import ask

        ask(jar, picture())
        assert told(NOON + 4000 * DAY) == []

    def test_is_tried_again_when_the_mail_server_is_away(self, jar, monkeypatch):
        hang_up(jar, 1, now=NOON)
        monkeypatch.setattr(mail.EmailMultiAlternatives, "send", away)
        assert told(A_MONTH_BEFORE) == []
        assert Job.objects.waiting().get(kind="originals_will_go").error
        monkeypatch.undo()
        assert len(told(A_MONTH_BEFORE + DAY)) == 1

    def test_sent_twice_is_one_to_a_mailbox(self, jar):
        """Whoever dies between mail and row sends it once more, under the same name."""
        hang_up(jar, 1, now=NOON)
        [first] = told(A_MONTH_BEFORE)
        Photo.objects.update(warned_at=None)
        [second] = told(A_MONTH_BEFORE + DAY)
        assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def away(self, *_, **__):
    raise OSError("nobody there")


def test_a_photo_knows_until_when_its_original_is_kept(jar):
    assert make_photo(batch=jar).original_kept_until == NOON + 365 * DAY
