"""The table in docs/operations.md of how long everything is kept, held against the program."""

import importlib
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from celery import current_app
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.db.models import F
from django.utils import timezone

from accounts import access, demos, mail
from accounts import actions as accounts
from accounts.models import AccessToken, AnsweredRequest, Challenge, Invitation, SignIn, User
from batches import actions as batches
from batches import forecasts
from batches.models import Batch, Tombstone, Undo
from batches.past import Forecast
from events.models import DiscardedObject, Photo
from hooks.models import Message
from reminders.models import Delivery
from sensors import actions as sensors
from sensors.models import Reading, Sensor
from tags.models import JarTag
from takeout import actions, imports
from takeout.models import Export, Farewell, Import
from tests.factories import make_batch
from tests.services import ROOT
from tests.test_conventions import APPS, MODELS
from work import actions as work
from work.models import Job

# Others' models, of which our users make rows.
KEPT_FOR_US = (Session, UserSession)
WORDS = re.compile(r"`([\w.]+)`")


def table():
    text = (ROOT / "docs/operations.md").read_text().partition("## How long everything is kept")[2]
    rows = [line for line in text.partition("\n## ")[0].splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


ROWS = [pytest.param(row, id=row[0][:40]) for row in table()]
SWEEPS = {WORDS.findall(row[4])[0] for row in table() if WORDS.findall(row[4])}


def value_of(path):
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def in_words(span):
    if span % timedelta(days=1):
        return f"{span // timedelta(minutes=1)} minutes"
    return f"{span.days} day{'s' if span.days > 1 else ''}"


def test_it_names_every_model():
    named = {name for row in table() for name in WORDS.findall(row[1])}
    assert named == {model.__name__ for model in (*MODELS, *KEPT_FOR_US)}


@pytest.mark.parametrize("row", ROWS)
def test_it_says_what_the_program_does(settings, row):
    _, _, kept, said, deleted = row
    for path in WORDS.findall(said):
        assert kept.startswith(in_words(value_of(path)))
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert set(WORDS.findall(deleted)) <= scheduled
    assert deleted


def test_it_names_whatever_sweeps(settings):
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {task for task in scheduled if task.endswith((".sweep", ".throw_away", ".say_farewell"))} == SWEEPS


def makers():
    """A row of each that is swept."""
    now = timezone.now()
    user = User.objects.get()
    batch = user.batches.first()
    sensor = user.sensors.first()
    soon = now + timedelta(days=1)
    return {
        Challenge: lambda: accounts.ask(purpose=Challenge.Purpose.SIGN_IN, email="x@example.com", now=now),
        AnsweredRequest: lambda: AnsweredRequest.objects.create(
            user=user, route="x", key="x", fingerprint="x"
        ),
        Invitation: lambda: accounts.invite(email="x@example.com", invited_by=None, now=now),
        Session: lambda: Session.objects.create(session_key="x", expire_date=now + accounts.IDLE_LASTS),
        AccessToken: lambda: access.make_token(
            user=user, name="x", scope="read", now=now, expires_at=now + timedelta(minutes=1)
        ),
        SignIn: lambda: accounts.open_app_session(user=user, address="192.0.2.1", user_agent="x", now=now),
        Tombstone: lambda: Tombstone.objects.create(kind="event", thing_id="x", owner=user, gone_at=now),
        Undo: lambda: Undo.objects.create(owner=user, batch=batch, made_at=now),
        Forecast: lambda: forecasts.forecast_of(batch, now=now).save(),
        Photo: lambda: Photo.objects.create(
            batch=batch, content_type="image/png", size_bytes=5, created_at=now
        ),
        DiscardedObject: lambda: DiscardedObject.objects.create(key=f"originals/{uuid4()}/x", due_at=now),
        Reading: lambda: Reading.objects.create(sensor=sensor, measured_at=now, ph=3.5),
        Sensor: lambda: sensors.remove(sensor=sensor, now=now),
        JarTag: lambda: JarTag.objects.create(printed_by=user, made_at=now),
        Message: lambda: Message.objects.create(user=user, kind="ping", body="{}", created_at=now),
        Delivery: lambda: Delivery.objects.create(
            reminder_id=uuid4(),
            round=1,
            channel="email",
            address="email",
            status="failed",
            attempts=1,
            created_at=now,
        ),
        Job: lambda: Job.objects.create(
            kind="x", key="x", state="done", due_at=now, created_at=now, ended_at=now
        ),
        Export: lambda: actions.ask_for_archive(user=user, now=now),
        Import: lambda: imports.ask(user=user, kind="table", size_bytes=5, now=now),
        Farewell: lambda: Farewell.objects.create(user_id=uuid4(), email="x@example.com", created_at=now),
        User: lambda: User.objects.create_user("leaving@example.com", erase_at=soon),
    }


SWEPT = [
    pytest.param(
        task, apps.get_model(label, name), value_of(path) if path else timedelta(0), id=f"{name} {path}"
    )
    for _, rows, _, said, deleted in table()
    for task in WORDS.findall(deleted)
    for path in WORDS.findall(said) or [""]
    for name in WORDS.findall(rows)[:1]
    for label in (*APPS, "sessions")
    if name.lower() in apps.all_models[label]
]


def age(model, span):
    """As if all of it had happened so much earlier."""
    times = [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.DateTimeField) and not isinstance(field, models.GeneratedField)
    ]
    model.objects.update(**{name: F(name) - span for name in times})
    if model in {Reading, Forecast}:
        age(Batch, span)


def put_away():
    Reading.objects.update(batch=Batch.objects.get())
    batches.archive(batch=Batch.objects.get(), now=timezone.now())


# A row that is kept for another time than the rest of its kind.
OTHERWISE = {
    (Reading, sensors.KEPT_AFTER_ARCHIVING): put_away,
    (Reading, timedelta(0)): lambda: sensors.remove(sensor=Sensor.objects.get(), now=timezone.now()),
    (Forecast, forecasts.KEPT_FOR): lambda: batches.archive(batch=Batch.objects.get(), now=timezone.now()),
    (SignIn, accounts.SIGN_IN_LASTS): lambda: SignIn.objects.update(idle_until=F("ends_at")),
    (User, demos.LASTS): lambda: User.objects.filter(erase_at__isnull=False).update(
        erase_at=None,
        demo_until=timezone.now() + demos.LASTS,
        email="leaving@demo.invalid",
        push_on=False,
        email_when="never",
    ),
    (Job, work.DEAD_ARE_KEPT_FOR): lambda: Job.objects.update(state="dead"),
}


@pytest.fixture
def _no_mail(monkeypatch):
    """Else a farewell would be said, and gone for that."""

    def away(*args, **how):
        raise mail.MailNotSent

    monkeypatch.setattr(mail, "send", away)


def run(task):
    current_app.loader.import_default_modules()
    current_app.tasks[task].run()


@pytest.mark.django_db
@pytest.mark.parametrize(("task", "model", "span"), SWEPT)
@pytest.mark.usefixtures("_no_mail")
def test_what_has_run_out_is_deleted_and_what_has_not_is_kept(task, model, span, alice, run_jobs):
    make_batch(owner=alice, now=timezone.now())
    sensors.add(owner=alice, name="Float", now=timezone.now())
    Job.objects.all().delete()  # what the batch asked for
    makers()[model]()
    Job.objects.exclude(kind="x").delete()  # what that asked for
    OTHERWISE.get((model, span), lambda: None)()
    theirs = model.objects.exclude(email=alice.email) if model is User else model.objects
    if span > timedelta(hours=1):
        age(model, span - timedelta(hours=2))
        run(task)
        run_jobs()
        assert theirs.count() == 1
        Job.objects.waiting().delete()  # it is asked for again
    age(model, timedelta(days=2))
    run(task)
    run_jobs()
    assert theirs.count() == 0


@pytest.mark.django_db
def test_every_sweep_is_run():
    assert {one.values[0] for one in SWEPT} == SWEEPS
    assert connection.vendor == "postgresql"
