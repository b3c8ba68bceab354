from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from batches import drawing
from sensors import curves
from sensors.models import Reading
from tests.factories import NOON, make_batch
from tests.sensors.gadgets import make_sensor

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
amounts = st.floats(min_value=-40, max_value=300)
lines = st.lists(
    st.tuples(st.integers(0, 10**7), amounts), min_size=1, max_size=30, unique_by=lambda one: one[0]
)


def drawn(*amounts, every=HOUR, at_least=2.0):
    line = [(NOON + n * every, amount) for n, amount in enumerate(amounts)]
    return drawing.panel([("Blue", line)], words=lambda amount: f"{amount:g}", at_least=at_least)


class TestPanel:
    def test_is_none_where_nothing_was_measured(self):
        assert drawn() is None

    def test_of_one_reading_is_a_dot(self):
        [curve] = drawn(21).curves
        assert (curve.strokes, len(curve.dots)) == ([], 1)

    def test_rises_with_what_was_measured(self):
        [curve] = drawn(20, 21, 22).curves
        heights = [float(place.split(",")[1]) for place in curve.strokes[0].split()]
        assert heights == sorted(heights, reverse=True)

    def test_has_round_amounts_beside_it(self):
        assert [mark.words for mark in drawn(20.3, 23.9).marks] == ["20", "22", "24"]

    def test_does_not_make_a_mountain_of_a_tenth(self):
        assert [mark.words for mark in drawn(21.0, 21.1).marks] == ["20", "21", "22", "23"]

    def test_is_broken_where_nothing_came(self):
        line = [(NOON, 20), (NOON + HOUR, 20), (NOON + 9 * HOUR, 20), (NOON + 10 * HOUR, 20)]
        panel = drawing.panel([("Blue", line)], words=str, at_least=2)
        assert len(panel.curves[0].strokes) == 2

    @given(lines)
    def test_stays_on_the_paper(self, line):
        placed = sorted((NOON + timedelta(seconds=at), amount) for at, amount in line)
        panel = drawing.panel([("Blue", placed)], words=str, at_least=2)
        [curve] = panel.curves
        places = [place.split(",") for stroke in curve.strokes for place in stroke.split()] + curve.dots
        assert len(places) == len(line)
        assert all(
            drawing.LEFT - 0.1 <= float(x) <= drawing.WIDTH - drawing.RIGHT + 0.1
            and drawing.TOP - 0.1 <= float(y) <= drawing.HEIGHT - drawing.BOTTOM + 0.1
            for x, y in places
        )


class TestThinning:
    @pytest.fixture
    def jar(self, alice):
        jar = make_batch(owner=alice)
        for name in ("Blue", "Red"):
            sensor, _ = make_sensor(owner=alice, name=name, batch=jar)
            Reading.objects.bulk_create(
                Reading(sensor=sensor, batch=jar, measured_at=NOON + n * MINUTE, temperature_c=20 + n / 1000)
                for n in range(2_000)
            )
        return jar

    def test_leaves_no_more_than_an_eye_can_tell_apart(self, jar):
        points = curves.points(jar.pk)
        assert 250 <= len(points) <= curves.MOST
        assert {point.sensor for point in points} == {"Blue", "Red"}

    def test_keeps_the_way_it_went(self, jar):
        blue = [point for point in curves.points(jar.pk) if point.sensor == "Blue"]
        assert [point.temperature_c for point in blue] == sorted(point.temperature_c for point in blue)
        assert blue[0].temperature_c == pytest.approx(20, abs=0.02)
        assert blue[-1].temperature_c == pytest.approx(22, abs=0.02)

    def test_keeps_all_of_a_few(self, alice):
        jar = make_batch(owner=alice)
        sensor, _ = make_sensor(owner=alice, batch=jar)
        Reading.objects.bulk_create(
            Reading(sensor=sensor, batch=jar, measured_at=NOON + n * HOUR, gravity_sg=1.05) for n in range(9)
        )
        assert len(curves.points(jar.pk)) == 9

    def test_of_nothing_is_nothing(self, alice):
        assert curves.points(make_batch(owner=alice).pk) == []

    def test_reads_the_batchs_own_part_of_the_index(self, jar):
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE sensors_reading; SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN " + curves.THINNED, [jar.pk, 300])
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "reading_newest_of_batch" in plan
