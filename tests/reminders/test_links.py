from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from reminders import links
from tests.factories import NOON

REMINDER = uuid4()


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


class TestToken:
    def test_leads_to_its_reminder(self):
        assert links.read(links.token_for(REMINDER, 1)) == REMINDER

    def test_takes_an_id_as_text_too(self):
        assert links.read(links.token_for(str(REMINDER), 32_767)) == REMINDER

    def test_survives_programs_that_change_its_case(self):
        token = links.token_for(REMINDER, 1)
        assert links.read(token.upper()) == links.read(token.title()) == REMINDER

    def test_fits_into_an_address_as_it_is(self):
        assert links.token_for(REMINDER, 1).isalnum()

    def test_lasts_two_weeks(self):
        token = links.token_for(REMINDER, 1)
        with time_machine.travel(NOON + timedelta(days=14), tick=False):
            assert links.read(token) == REMINDER
        with time_machine.travel(NOON + timedelta(days=14, seconds=1), tick=False):
            assert links.read(token) is None

    @pytest.mark.parametrize("at", range(60))
    def test_is_void_when_any_character_is_another(self, at):
        token = links.token_for(REMINDER, 1)
        other = "a" if token[at] != "a" else "b"
        assert links.read(token[:at] + other + token[at + 1 :]) is None

    @pytest.mark.parametrize(
        "odd", ["", "a", "aa", "=", "1", "é" * 61, "ſ" * 61, "\0", " " * 61, "a" * 61, "a" * 999]
    )
    def test_nothing_odd_leads_anywhere(self, odd):
        assert links.read(odd) is None

    def test_is_void_under_another_key(self, settings):
        token = links.token_for(REMINDER, 1)
        settings.SECRET_KEY = "another-secret-for-tests-only-which-signs-nothing"
        assert links.read(token) is None

    def test_outlives_a_change_of_the_key(self, settings):
        token = links.token_for(REMINDER, 1)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another-secret-for-tests-only-which-signs-nothing"
        assert links.read(token) == REMINDER

    def test_is_no_token_for_anything_else(self):
        from reminders import unsubscribe

        assert unsubscribe.whose(links.token_for(REMINDER, 1)) is None


class TestLink:
    def test_is_a_whole_address(self):
        assert links.link_for(REMINDER, 1) == f"http://testserver/r/{links.token_for(REMINDER, 1)}"
