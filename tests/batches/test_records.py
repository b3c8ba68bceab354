"""What earlier batches teach, as their keeper reads it, and how good the forecasts were."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from batches import actions, charting, forecasts
from batches.scores import Judged, by_kind, score
from tests.factories import NOON, make_batch, make_event, make_user

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def judged(came, **changes):
    """Said: between 24 and 48 h, half of them between 30 and 42, the middle at 36."""
    said = {"earliest_at": 24, "early_at": 30, "median_at": 36, "late_at": 42, "latest_at": 48}
    times = {name: NOON + after * HOUR for name, after in said.items()}
    known = {"model": "2026-11", "culture": "water_kefir", "stage": "open", "n_history": 0, **changes}
    return Judged(ready_at=NOON + came * HOUR, **times, **known)


def brewed(owner, *, took=40, ago=10, ph=None, **filled):
    """A jar of which something was said when it was started, and which was then bottled."""
    begun = NOON - ago * DAY
    batch = make_batch(owner=owner, now=begun, temperature_c=22, **filled)
    forecasts.foretell(batch_id=batch.pk, now=begun)
    ended = begun + took * HOUR
    if ph:
        make_event(batch=batch, now=ended, kind="measurement", ph=ph, description="")
    actions.move(batch=batch, now=ended, stage="bottled")
    forecasts.foretell(batch_id=batch.pk, now=ended)
    return batch


class TestScore:
    def test_counts_what_came_between_what_was_said(self):
        found = score([judged(came) for came in (23, 24, 35, 48, 49)])
        assert (found.number, found.within_80, found.within_50) == (5, 0.6, 0.2)

    def test_says_how_far_off_it_was_and_to_which_side(self):
        found = score([judged(30), judged(48), judged(36)])
        assert (found.mean_error_hours, found.mean_absolute_hours, found.median_absolute_hours) == (2, 6, 6)

    def test_of_nothing_is_nothing(self):
        assert score([]) is None

    def test_is_told_apart_by_culture_stage_and_what_was_known(self):
        some = [judged(30, n_history=n) for n in (0, 1, 2, 6, 7, 50)]
        assert [(key[3], len(group)) for key, group in by_kind(some).items()] == [
            ("0", 1), ("1-2", 2), ("3-6", 1), ("7+", 2),
        ]  # fmt: skip


class TestJudging:
    def test_takes_what_was_said_first_and_when_it_was_ready(self, alice):
        batch = brewed(alice, took=40)
        [one] = forecasts.judged()
        assert one.ready_at == batch.started_at + 40 * HOUR
        assert one.median_at == batch.forecasts.earliest("made_at").median_at

    def test_leaves_out_what_was_given_up_and_what_still_works(self, alice):
        jar = make_batch(owner=alice, now=NOON - 3 * DAY)
        forecasts.foretell(batch_id=jar.pk, now=NOON - 3 * DAY)
        actions.archive(batch=jar, now=NOON)
        forecasts.foretell(batch_id=jar.pk, now=NOON)
        assert list(forecasts.judged()) == []

    def test_of_one_keeper_counts_nobody_elses(self, alice, bob):
        brewed(alice), brewed(bob)
        assert len(list(forecasts.judged(alice))) == 1

    def test_is_reported_by_a_command(self, alice):
        brewed(alice)
        said = StringIO()
        call_command("score_forecasts", stdout=said)
        assert "water_kefir" in said.getvalue()
        assert "100%" in said.getvalue()

    def test_of_nothing_is_reported_as_such(self, db):
        said = StringIO()
        call_command("score_forecasts", stdout=said)
        assert "No batch" in said.getvalue()


class TestPage:
    def read(self, page, query=""):
        return page.get(f"/batches/records/{query}")

    def test_says_what_to_do_where_nothing_is_finished(self, page):
        assert "Nothing is finished yet." in self.read(page).content.decode()

    def test_draws_each_batch_and_lists_it(self, page, alice):
        for n in range(3):
            brewed(alice, name=f"Jar {n}", ago=9 + 3 * n)
        told = self.read(page).content.decode()
        assert told.count('class="scatter-dot"') == 3
        assert "Jar 0" in told
        assert "40 h" in told

    def test_begins_with_what_is_brewed_most(self, page, alice):
        brewed(alice, culture="kombucha", name="Tea")
        for n in range(2):
            brewed(alice, name=f"Jar {n}", ago=9 + 3 * n)
        told = self.read(page).content.decode()
        assert "Jar 1" in told
        assert "Tea" not in told

    def test_draws_how_sour_jars_were(self, page, alice):
        for n in range(2):
            brewed(alice, ph=3.4 + 0.3 * n, ago=9 + 3 * n)
        told = self.read(page).content.decode()
        assert "pH 3.4 to 3.7" in told
        assert "<td>3.7</td>" in told
        assert "chart-ready-ph" in told

    def test_says_from_the_third_rating_how_lively_bottles_are(self, page, alice):
        for n in range(3):
            bottles = brewed(alice, ago=20 + 5 * n)
            assert "times as fast" not in self.read(page).content.decode()
            bottles.refresh_from_db()
            at = bottles.bottled_at + 30 * HOUR
            make_event(batch=bottles, now=at, kind="taste", fizz=4, description="")
            actions.move(batch=bottles, now=at + HOUR, status="ready")
            forecasts.foretell(batch_id=bottles.pk, now=at + HOUR)
        told = self.read(page).content.decode()
        assert "By the fizz of 3 bottlings" in told
        assert "times as fast as is typical" in told

    def test_says_how_many_forecasts_came_true_when_there_are_enough(self, page, alice):
        for n in range(5):
            brewed(alice, took=36, ago=9 + 3 * n)
        assert "Of 5 forecasts, 5 came true" in self.read(page).content.decode()

    def test_says_nothing_of_the_kind_of_a_few(self, page, alice):
        brewed(alice)
        told = self.read(page).content.decode()
        assert "came true" not in told
        assert "It takes 5" in told

    def test_tells_the_ph_at_which_jars_were_ready(self, page, alice):
        for n, ph in enumerate((3.4, 3.7)):
            brewed(alice, ph=ph, ago=9 + 3 * n)
        assert "pH 3.4 to 3.7" in self.read(page).content.decode()

    def test_shows_one_culture_at_a_time(self, page, alice):
        brewed(alice, name="Sweet"), brewed(alice, name="Tea", culture="kombucha")
        assert "Tea" in self.read(page, "?culture=kombucha").content.decode()
        assert "Sweet" not in self.read(page, "?culture=kombucha").content.decode()
        assert self.read(page, "?culture=nonsense").status_code == 200

    def test_shows_nothing_of_others(self, page, bob):
        brewed(bob, name="Bob's jar")
        assert "Bob" not in self.read(page).content.decode()

    def test_shows_temperatures_in_the_readers_unit(self, page, alice):
        brewed(alice)
        type(alice).objects.update(temperature_unit="F")
        assert "71.6\N{NO-BREAK SPACE}°F" in self.read(page).content.decode()


class TestScatter:
    def test_of_nothing_is_nothing(self):
        assert charting.scatter([]) is None

    def test_puts_warmer_to_the_right_and_longer_higher(self):
        cool, warm = charting.scatter([(18, 60, False), (26, 30, True)]).dots
        assert cool.x < warm.x
        assert cool.y < warm.y
        assert (cool.is_bottled, warm.is_bottled) == (False, True)

    @pytest.mark.parametrize("points", [[(22, 40)], [(22, 40)] * 3, [(0, 0.5), (45, 2160)], [(22.4, 9000)]])
    def test_keeps_everything_on_the_paper(self, points):
        chart = charting.scatter([(*point, False) for point in points])
        for dot in chart.dots:
            assert charting.LEFT <= dot.x <= charting.WIDTH - charting.RIGHT
            assert charting.TOP <= dot.y <= charting.HEIGHT - charting.BOTTOM
        assert len(chart.up) <= 7


def test_a_keeper_without_batches_is_no_exception(db):
    assert list(forecasts.judged(make_user("new@example.com"))) == []
