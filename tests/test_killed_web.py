"""What is left of a request when the web process is killed in its middle, and of many that race at the real one."""

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from accounts import actions, tokens
from accounts.models import AnsweredRequest
from batches.models import Batch
from tests.factories import make_batch, make_user
from tests.services import running

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
JAR = {"name": "Jar"}
TURN = 4711


@pytest.fixture
def alice():
    return make_user()


@pytest.fixture
def token(alice):
    now = timezone.now()
    sign_in = actions.open_app_session(user=alice, address="127.0.0.1", user_agent="test", now=now)
    return tokens.pair(sign_in, now=now).access_token


def send(run, token, method, path, body, **headers):
    """Status, headers and body of one call over a connection of its own."""
    known = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers}
    with closing(HTTPConnection("localhost", run.port, timeout=30)) as line:
        line.request(method, f"/api/v1{path}", json.dumps(body), known)
        answer = line.getresponse()
        return answer.status, answer.headers, json.loads(answer.read())


def start_a_batch(run, token):
    return send(run, token, "POST", "/batches", JAR, **{"Idempotency-Key": "a-key"})


def another_connection():
    known = {**connection.get_connection_params(), "cursor_factory": None}
    return psycopg.connect(
        **{name: known[name] for name in ("dbname", "user", "host", "port", "password") if known.get(name)}
    )


@contextmanager
def before_the_commit():
    """Whoever starts a batch waits: it is written, the timeline cannot be."""
    with another_connection() as held:
        held.execute("LOCK TABLE events_event IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def within_the_commit():
    """Whoever starts a batch waits when all is written; let go, it is committed, and nobody hears of it."""
    wait = f"BEGIN PERFORM pg_advisory_xact_lock({TURN}); RETURN NULL; END"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE FUNCTION wait_its_turn() RETURNS trigger LANGUAGE plpgsql AS '{wait}'")
        cursor.execute(
            "CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON batches_batch DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION wait_its_turn()"
        )
    try:
        with another_connection() as held:
            held.execute(f"SELECT pg_advisory_xact_lock({TURN})")
            yield
        until(lambda: not waiting_for_a_lock())
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION wait_its_turn() CASCADE")


def waiting_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


def until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("moment", "replayed"), [(before_the_commit, None), (within_the_commit, "true")], ids=["before", "within"]
)
def test_a_request_whose_web_was_killed_is_done_once_when_it_comes_again(token, moment, replayed):
    """Killed before its commit nothing is there; killed within it the answer is, which nobody had got."""
    with running("web") as run, ThreadPoolExecutor(1) as pool, moment():
        lost = pool.submit(start_a_batch, run, token)
        until(waiting_for_a_lock)
        run.kill("web")
        assert isinstance(lost.exception(), OSError)
    with running("web") as run:
        status, headers, made = start_a_batch(run, token)
        again = start_a_batch(run, token)[2]
    assert (status, headers["Idempotent-Replayed"]) == (201, replayed)
    assert made == again
    assert [batch.pk for batch in Batch.objects.all()] == [made["id"]]
    assert AnsweredRequest.objects.count() == 1


def test_of_sixteen_edits_of_one_version_at_the_real_web_one_wins(token, alice):
    path = f"/batches/{make_batch(owner=alice, name='Jar').pk}"

    def edit(number):
        return send(run, token, "PATCH", path, {"name": f"Jar {number}"}, **{"If-Match": 'W/"1"'})[0]

    with running("web") as run, ThreadPoolExecutor(16) as pool:
        statuses = Counter(pool.map(edit, range(16)))
    assert statuses == {200: 1, 412: 15}
    assert Batch.objects.get().version == 2


def test_of_sixteen_equal_posts_at_the_real_web_one_makes_the_row(token):
    with running("web") as run, ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: start_a_batch(run, token), range(16)))
    made = [
        (headers["Idempotent-Replayed"], body["id"]) for status, headers, body in answers if status == 201
    ]
    assert {status for status, *_ in answers} <= {201, 409}
    assert Counter(replayed for replayed, _ in made)[None] == 1
    assert {pk for _, pk in made} == {Batch.objects.get().pk}
