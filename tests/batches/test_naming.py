from datetime import date

import pytest

from batches.naming import default_name, listed

DAY = date(2026, 11, 20)


def name(*fruits, culture="Water kefir", longest=100):
    return default_name(culture=culture, fruits=fruits, day=DAY, longest=longest)


class TestDefaultName:
    @pytest.mark.parametrize(
        ("fruits", "expected"),
        [
            ([], "Water kefir, 20 Nov"),
            (["Lemon"], "Lemon, 20 Nov"),
            (["Lemon", "Ginger"], "Lemon & ginger, 20 Nov"),
            (["lemon", "GINGER", "Fig"], "Lemon, ginger & fig, 20 Nov"),
            (["éclair"], "Éclair, 20 Nov"),
        ],
    )
    def test_is_its_fruits_or_its_culture_and_the_day(self, fruits, expected):
        assert name(*fruits) == expected

    def test_says_the_day_without_a_nought(self):
        assert (
            default_name(culture="Tepache", fruits=[], day=date(2026, 3, 1), longest=100) == "Tepache, 1 Mar"
        )

    def test_leaves_the_fruits_out_when_it_gets_too_long(self):
        assert name("x" * 94) == "Water kefir, 20 Nov"
        assert name("x" * 92) == f"X{'x' * 91}, 20 Nov"

    @pytest.mark.parametrize("number", range(21))
    def test_is_never_longer_than_a_name_may_be(self, number):
        assert len(name(*["x" * 40] * number)) <= 100


class TestListed:
    def test_of_nothing_is_nothing(self):
        assert listed([]) == ""
