"""A kept connection is looked at before each request, without a word to the database."""

import select

import pytest
from django.db import connection, connections


@pytest.fixture
def other():
    made = connection.copy()
    made.connect()
    yield made
    made.close()


def end(made):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [made.connection.info.backend_pid])
        assert cursor.fetchone() == (True,)
    farewell, _, _ = select.select([made.connection.pgconn.socket], [], [], 5)
    assert farewell


class TestConnection:
    def test_that_stands_is_usable(self, db, other):
        assert other.is_usable()
        with other.cursor() as cursor:
            cursor.execute("SELECT 1")
        assert other.is_usable()

    def test_that_the_server_ended_is_not(self, db, other):
        end(other)
        assert not other.is_usable()

    def test_that_is_closed_is_not(self, db, other):
        other.connection.close()
        assert not other.is_usable()

    def test_that_was_ended_is_made_anew_for_the_next_request(self, db, other):
        other.settings_dict["CONN_HEALTH_CHECKS"] = True
        end(other)
        other.health_check_enabled, other.health_check_done = True, False
        with other.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)

    def test_is_django_s_own_in_everything_else(self, db):
        assert connections["default"].vendor == "postgresql"
