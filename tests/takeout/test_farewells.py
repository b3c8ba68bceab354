"""Who leaves is gone: rows, objects, and every word of them; they are told so once, whatever dies on the way."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.db import connection
from django.test import Client

from accounts import actions as accounts
from accounts.models import User
from events import photos
from kefir import bucket
from takeout import farewells
from takeout.models import Farewell
from tests.factories import NOON, make_batch, make_event, make_user
from tests.services import ROOT, _test_database_url
from tests.takeout.archives import fill, made
from work import actions as work
from work.models import Job

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
AFTER = NOON + DAY + timedelta(seconds=1)
EMAIL, NAME = "leaving.person@example.com", "Hildegard Fermentina"


def leaving(now=NOON) -> User:
    """With something everywhere, who has asked to go."""
    user = make_user(EMAIL, name=NAME)
    fill(user)
    made(user)
    photos.ask(batch=user.batches.get(name="Child"), content_type="image/png", size_bytes=5, now=NOON)
    browser = Client()
    browser.force_login(user)
    UserSession.objects.create(
        user=user, session_key=browser.session.session_key, ip="192.0.2.1", user_agent="x", data={}
    )
    accounts.invite(email="friend@example.com", invited_by=user, now=NOON)
    bucket.put(f"{bucket.keys.of_owner('imports/', user.pk)}forgotten", b"x", content_type="text/csv")
    accounts.ask_to_erase(user=user, now=now)
    user.refresh_from_db()
    return user


def dumped() -> str:
    """All of the database as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        lines = []
        for table in tables:
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copied:
                lines += [f"{table}: {bytes(row).decode()}" for row in copied]
    return "".join(lines)


def found_in(text: str, *words: object) -> list[str]:
    return [line for line in text.splitlines() if any(str(word) in line for word in words)]


def objects_of(user_id) -> list[str]:
    return [key for prefix in bucket.keys.PREFIXES for key in bucket.list_keys(f"{prefix}{user_id}/")]


@pytest.mark.django_db
class TestFarewell:
    def test_leaves_no_trace_in_the_database_or_the_bucket(self, run_jobs):
        user = leaving()
        user_id, batches = user.pk, list(user.batches.values_list("pk", flat=True))
        run_jobs(now=NOON)
        assert found_in(dumped(), EMAIL)
        assert len(objects_of(user_id)) >= 5
        assert farewells.begin(now=AFTER) == 1
        run_jobs(now=AFTER)
        assert found_in(dumped(), EMAIL, NAME, user_id, user_id.hex, *batches) == []
        assert objects_of(user_id) == []

    def test_is_said_once_by_mail(self, run_jobs):
        leaving()
        run_jobs(now=NOON)
        mail.outbox.clear()
        for n in range(3):
            farewells.begin(now=AFTER + n * HOUR)
            run_jobs(now=AFTER + n * HOUR)
        [sent] = mail.outbox
        assert sent.to == [EMAIL]
        assert sent.extra_headers["Message-ID"].startswith("<farewell-")

    def test_takes_nothing_of_anybody_else(self, alice, run_jobs):
        fill(alice)
        run_jobs(now=NOON)
        mine, kept = len(objects_of(alice.pk)), alice.batches.count()
        leaving()
        farewells.begin(now=AFTER)
        run_jobs(now=AFTER)
        assert (len(objects_of(alice.pk)), alice.batches.count()) == (mine, kept)

    def test_waits_for_the_day_to_pass(self, run_jobs):
        leaving()
        assert farewells.begin(now=NOON + DAY - HOUR) == 0
        run_jobs(now=NOON + DAY - HOUR)
        assert User.objects.filter(email=EMAIL).exists()

    def test_is_not_for_who_has_stayed(self):
        accounts.keep_account(user=leaving())
        assert farewells.begin(now=AFTER) == 0

    def test_cannot_be_taken_back_once_it_has_begun(self, run_jobs):
        user = leaving()
        farewells.begin(now=AFTER)
        accounts.keep_account(user=user)
        run_jobs(now=AFTER)
        assert not User.objects.filter(email=EMAIL).exists()

    def test_takes_many_rows_some_at_a_time(self, run_jobs, monkeypatch):
        monkeypatch.setattr(farewells, "ROWS_AT_ONCE", 3)
        user = leaving()
        batch = make_batch(owner=user)
        for n in range(10):
            make_event(batch=batch, description=f"{n}")
        farewells.begin(now=AFTER)
        run_jobs(now=AFTER)
        assert not User.objects.filter(email=EMAIL).exists()

    def test_of_whom_no_mail_reaches_leaves_nothing_either(self, run_jobs, monkeypatch):
        leaving()

        def away(*args, **context):
            raise farewells.mail.MailNotSent

        monkeypatch.setattr(farewells.mail, "send", away)
        farewells.begin(now=AFTER)
        for n in range(10):
            run_jobs(now=AFTER + n * HOUR)
        assert found_in(dumped(), EMAIL)
        late = AFTER + farewells.TRIED_FOR + HOUR
        farewells.sweep(now=late)
        run_jobs(now=late)
        assert found_in(dumped(), EMAIL) == []
        assert not Job.objects.dead().filter(kind="farewell").exists()

    def test_outlasts_a_bucket_that_is_away_for_two_hours(self, run_jobs, monkeypatch):
        user = leaving()
        run_jobs(now=NOON)
        mail.outbox.clear()

        def away(prefix):
            raise bucket.BucketFailed("The bucket is away.")

        farewells.begin(now=AFTER)
        with monkeypatch.context() as broken:
            broken.setattr(bucket, "erase", away)
            for minutes in range(0, 120, 5):
                run_jobs(now=AFTER + timedelta(minutes=minutes))
        run_jobs(now=AFTER + 4 * HOUR)
        assert objects_of(user.pk) == []
        assert [sent.to for sent in mail.outbox] == [[EMAIL]]

    def test_that_was_given_up_is_taken_up_again(self, run_jobs):
        """As one may be that was begun before there was so much patience."""
        user = leaving()
        run_jobs(now=NOON)
        farewells.begin(now=AFTER)
        Job.objects.filter(kind="farewell").update(state="dead", ended_at=AFTER)
        farewells.sweep(now=AFTER + HOUR)
        run_jobs(now=AFTER + HOUR)
        assert objects_of(user.pk) == []
        assert not Farewell.objects.exists()

    def test_is_begun_by_the_beat(self, settings):
        tasks = {entry["task"]: entry["schedule"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
        assert tasks["takeout.tasks.say_farewell"] <= 60


KILLED = """
import os, signal, django
django.setup()
from accounts import mail
from kefir.celery import app
from takeout import farewells
from takeout.models import Farewell
die = lambda *args, **how: os.kill(os.getpid(), signal.SIGKILL)
{point} = die
one = Farewell.objects.get()
farewells.say(farewell_id=one.pk, now=one.created_at)
"""
POINTS = [
    "farewells.accounts.erase",
    "farewells.erase_objects",
    "farewells.bucket.erase",
    "farewells.mail.send",
    "Farewell.delete",
]


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("point", POINTS)
def test_who_dies_on_the_way_is_followed_by_another_with_one_result(point, run_jobs):
    user = leaving()
    user_id = user.pk
    run_jobs(now=NOON)
    farewells.begin(now=AFTER)
    before = Farewell.objects.get().pk
    environment = {
        **os.environ,
        "DATABASE_URL": _test_database_url(),
        "DJANGO_SETTINGS_MODULE": "kefir.settings",
    }
    died = subprocess.run(
        [sys.executable, "-c", KILLED.format(point=point)], env=environment, cwd=ROOT, check=False
    )
    assert died.returncode == -signal.SIGKILL
    mail.outbox.clear()
    run_jobs(now=AFTER)
    assert [sent.extra_headers["Message-ID"] for sent in mail.outbox] == [f"<farewell-{before}@testserver>"]
    assert found_in(dumped(), EMAIL, NAME, user_id) == []
    assert objects_of(user_id) == []


@pytest.mark.django_db
def test_the_job_names_nobody():
    user = leaving()
    farewells.begin(now=AFTER)
    job = Job.objects.get(kind="farewell")
    assert job.owner is None
    assert str(user.pk) not in f"{job.key} {job.payload}"
    assert timedelta(days=7) == work.DONE_ARE_KEPT_FOR
