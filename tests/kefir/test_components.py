"""A component is drawn once for what it is given, and never for what only looks the same."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import engines
from django.utils import timezone, translation
from django.utils.safestring import mark_safe

from kefir import components
from tests.factories import make_batch

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_drawn():
    components.kept.cache_clear()


def drawn(source, **given):
    return engines["django"].from_string(source).render(given)


def button(**given):
    return drawn('{% include "components/button.html" with label=label only %}', **given)


def when(at):
    return drawn('{% include "components/when.html" with at=at words="" only %}', at=at)


def times_drawn():
    return components.kept.cache_info().misses


class TestComponents:
    def test_are_drawn_once_for_the_same(self):
        assert button(label="Done") == button(label="Done")
        assert times_drawn() == 1
        assert "Done" not in button(label="Later")

    def test_keep_apart_what_is_safe_and_what_is_not(self):
        bold = "<b>Done</b>"
        assert bold in button(label=mark_safe(bold))
        assert bold not in button(label=bold)
        assert bold in button(label=mark_safe(bold))

    def test_keep_them_apart_in_pairs_too(self):
        facts, bold = "{% include 'components/facts.html' with facts=facts only %}", "<b>Done</b>"
        assert bold in drawn(facts, facts=(("State", mark_safe(bold)),))
        assert bold not in drawn(facts, facts=(("State", bold),))
        assert times_drawn() == 2

    def test_keep_apart_true_and_one(self):
        name = "{% include 'components/icon.html' with name=name only %}"
        assert "#True" in drawn(name, name=True)
        assert "#1" in drawn(name, name=1)

    def test_speak_the_hour_of_the_reader(self):
        with timezone.override(ZoneInfo("Asia/Tokyo")):
            assert "21:00" in when(NOON)
        assert "12:00" in when(NOON)

    def test_speak_the_language_of_the_reader(self):
        assert "March" in when(NOON)
        with translation.override("de"):
            assert "März" in when(NOON)

    def test_bear_the_name_of_the_house(self, settings):
        logo = "{% include 'components/logo.html' only %}"
        assert "Kefir" in drawn(logo)
        settings.SITE_NAME = "Bubbles"
        assert "Bubbles" in drawn(logo)

    def test_look_at_a_row_each_time(self, alice):
        """Two rows are equal when they have the same key, whatever they say."""
        batch = make_batch(owner=alice, name="First")
        source = "{% include 'components/button.html' with label=label only %}"
        first = drawn(source, label=batch)
        batch.name = "Second"
        assert "First" in first
        assert "Second" in drawn(source, label=batch)

    def test_are_forgotten_in_the_end(self):
        most = components.kept.cache_info().maxsize
        assert most is not None
        for n in range(most + 10):
            when(NOON + timedelta(minutes=n))
        assert components.kept.cache_info().currsize == most
