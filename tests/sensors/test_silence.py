from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from accounts import actions as accounts
from batches import actions as batches
from sensors import actions, jobs
from sensors.models import Sensor
from tests.factories import NOON, make_batch
from tests.sensors.gadgets import hear, make_sensor
from work.models import Job, State
from work.registry import Task

HOUR = timedelta(hours=1)


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, name="Ginger")


@pytest.fixture
def sensor(alice, jar):
    return make_sensor(owner=alice, batch=jar)[0]


@pytest.fixture
def after(run_jobs):
    """So many hours after noon beat looks, and the jobs are done."""

    def look(hours):
        noticed = actions.notice_silence(now=NOON + hours * HOUR)
        run_jobs(now=NOON + hours * HOUR)
        return noticed

    return look


class TestSilence:
    def test_is_told_once(self, sensor, after):
        assert [after(hours) for hours in (5.9, 6.1, 7, 100)] == [0, 1, 0, 0]
        [told] = mail.outbox
        assert (told.to, told.subject) == (["alice@example.com"], "Blue float has gone silent")
        assert "“Ginger”" in told.body

    def test_told_twice_by_who_died_in_between_is_one_to_a_mailbox(self, sensor, after):
        after(7)
        job = Job.objects.get(kind=actions.SILENT)
        told = {"kind": job.kind, "key": job.key, "payload": job.payload, "owner_id": job.owner_id}
        jobs.tell_of_silence(Task(**told, attempt=2, now=NOON))
        first, second = mail.outbox
        assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
        hear(sensor, now=NOON + 8 * HOUR, temp=22)
        after(15)
        assert mail.outbox[2].extra_headers["Message-ID"] != first.extra_headers["Message-ID"]

    def test_counts_from_the_last_reading(self, sensor, after):
        hear(sensor, now=NOON + 3 * HOUR, temp=22)
        assert [after(8), after(9.1)] == [0, 1]

    def test_is_told_again_only_after_it_spoke(self, sensor, after):
        after(7)
        hear(sensor, now=NOON + 8 * HOUR, temp=22)
        assert [after(13.9), after(14.1)] == [0, 1]
        assert len(mail.outbox) == 2

    def test_that_ends_before_the_mail_goes_is_not_told(self, sensor, run_jobs):
        actions.notice_silence(now=NOON + 7 * HOUR)
        hear(sensor, now=NOON + 7 * HOUR, temp=22)
        run_jobs(now=NOON + 8 * HOUR)
        assert not mail.outbox

    def test_of_a_sensor_in_no_batch_is_nobodys_business(self, alice, after):
        make_sensor(owner=alice)
        assert after(100) == 0

    @pytest.mark.parametrize("status", ["in_fridge", "ready"])
    def test_beside_a_jar_that_rests_is_nobodys_business_until_it_works_again(
        self, sensor, jar, after, status
    ):
        batches.move(batch=jar, now=NOON, status=status)
        assert after(100) == 0

    def test_of_an_archived_batch_is_nobodys_business(self, sensor, jar, after):
        batches.archive(batch=jar, now=NOON)
        assert after(100) == 0

    def test_of_a_removed_sensor_is_nobodys_business(self, sensor, after):
        actions.remove(sensor=sensor, now=NOON)
        assert after(100) == 0

    def test_may_be_nothing_to_be_told_of(self, sensor, after):
        actions.edit(sensor=sensor, now=NOON, silent_after=None)
        assert after(100) == 0

    def test_is_told_later_to_who_has_patience(self, sensor, after):
        actions.edit(sensor=sensor, now=NOON, silent_after=24 * HOUR)
        assert [after(23), after(25)] == [0, 1]

    def test_is_no_news_after_another_name(self, sensor, after):
        after(7)
        actions.edit(sensor=sensor, now=NOON + 7 * HOUR, name="Red float")
        assert after(20) == 0

    def test_is_on_the_page_alone_for_who_wants_no_mail(self, sensor, alice, after):
        accounts.edit_profile(user=alice, email_when="never")
        assert after(7) == 1
        assert not mail.outbox
        assert Sensor.objects.get().is_silent

    def test_of_many_is_noticed_in_turns(self, alice, jar, monkeypatch):
        monkeypatch.setattr(actions, "NOTICED_AT_ONCE", 2)
        for _ in range(3):
            make_sensor(owner=alice, batch=jar)
        late = NOON + 7 * HOUR
        assert [actions.notice_silence(now=late) for _ in range(3)] == [2, 1, 0]
        assert Job.objects.filter(kind=actions.SILENT).count() == 3


class TestMailThatIsAway:
    def test_is_tried_again(self, sensor, run_jobs, monkeypatch):
        def away(*_):
            raise OSError

        actions.notice_silence(now=NOON + 7 * HOUR)
        with monkeypatch.context() as broken:
            broken.setattr(EmailBackend, "send_messages", away)
            run_jobs(now=NOON + 7 * HOUR)
        assert Job.objects.get(kind=actions.SILENT).state == State.WAITING
        run_jobs(now=NOON + 12 * HOUR)
        assert [told.subject for told in mail.outbox] == ["Blue float has gone silent"]


def test_the_page_says_so_until_it_speaks(page, sensor, jar, after):
    after(7)
    assert b"has been silent" in page.get(f"/batches/{jar.pk}").content
    hear(sensor, now=NOON + 8 * HOUR, temp=22)
    assert b"has been silent" not in page.get(f"/batches/{jar.pk}").content
