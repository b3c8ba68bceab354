"""The table of cultures: whole, in order, and in the words of the wire."""

import pytest

from batches.cultures import FERMENTS, WATER_KEFIR, Culture, ferment
from batches.ferments import Course, Ferment
from batches.stages import Stage

ENTRIES = list(FERMENTS.values())
COURSES = [course for entry in ENTRIES for course in (entry.open, entry.bottled) if course]
ALWAYS_OPEN = {Culture.VEGETABLES, Culture.SOURDOUGH}


class TestCultures:
    def test_keep_their_words_on_the_wire(self) -> None:
        assert set(Culture.values) == {
            "water_kefir",
            "milk_kefir",
            "kombucha",
            "ginger_beer",
            "tepache",
            "vegetables",
            "sourdough",
        }

    def test_each_have_one_entry_in_the_order_of_the_choices(self) -> None:
        assert list(FERMENTS) == Culture.values

    def test_are_bottled_except_vegetables_and_sourdough(self) -> None:
        assert {key for key, entry in FERMENTS.items() if entry.bottled is None} == ALWAYS_OPEN

    @pytest.mark.parametrize("entry", ENTRIES, ids=list(FERMENTS))
    def test_say_what_they_are_and_what_to_look_out_for(self, entry: Ferment) -> None:
        words = [str(word) for word in vars(entry.words).values()]
        assert all(word.endswith(".") and word.isascii() and len(word) <= 120 for word in words)

    def test_nobody_knows_any_more_count_as_water_kefir(self) -> None:
        assert ferment("a culture of the past") is WATER_KEFIR

    def test_that_are_never_bottled_lend_the_bottle_their_open_course(self) -> None:
        vegetables = ferment("vegetables")
        assert vegetables.at(Stage.BOTTLED) is vegetables.open


@pytest.mark.parametrize("course", COURSES)
class TestCourses:
    def test_have_temperatures_in_order(self, course: Course) -> None:
        low, high = course.best_c
        order = [course.coldest_c, low, high, course.warmest_c, course.stops_c]
        assert order == sorted(order)
        assert course.coldest_c < course.fastest_c < course.stops_c
        assert course.coldest_c <= course.reference_c <= course.warmest_c

    def test_have_their_median_within_the_usual(self, course: Course) -> None:
        assert course.usual_hours[0] <= course.hours <= course.usual_hours[1]

    def test_have_numbers_that_mean_something(self, course: Course) -> None:
        assert course.q10 > 1
        assert 0 <= course.sugar_spent < 1
        assert course.grains_exponent <= 0 <= course.sugar_exponent
        assert min(course.sigma, course.tau) > 0

    def test_say_what_fits_on_a_phone(self, course: Course) -> None:
        messages = [course.early, course.ready, *(c.message for c in course.checks + course.fridge_checks)]
        assert all(0 < len(str(message)) <= 110 for message in messages)
