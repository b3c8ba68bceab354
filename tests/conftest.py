import os

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client
from hypothesis import settings
from rest_framework.test import APIClient

from accounts.models import User
from tests.factories import make_user
from tests.work.jobs import RunJobs
from tests.work.jobs import run_jobs as carry_out

# What is taken in must not depend on luck; at home every run looks somewhere else.
# How long an example takes says how busy the machine is.
settings.register_profile("home", deadline=None)
settings.register_profile("ci", derandomize=True, deadline=None)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "home")


@pytest.fixture
def alice(db) -> User:
    """Owns."""
    return make_user("alice@example.com")


@pytest.fixture
def bob(db) -> User:
    """Must see nothing."""
    return make_user("bob@example.com")


@pytest.fixture
def page(client: Client, alice: User) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def api(alice: User) -> APIClient:
    """Alice's app."""
    client = APIClient()
    client.force_authenticate(alice)
    return client


@pytest.fixture
def run_jobs(db) -> RunJobs:
    """Does all that is due, in this process: `run_jobs()`, or `run_jobs(now=NOON)`."""
    return carry_out


@pytest.fixture(scope="session")
def playwright(playwright, django_db_blocker):
    """Its loop runs in this thread until it ends, and while it does Django keeps a connection apart."""
    yield playwright
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    """Rate limits live in Redis, which no transaction rolls back."""
    cache.clear()
