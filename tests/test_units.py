import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.templatetags.units import temperature, volume, weight
from accounts.units import FAHRENHEIT, FLUID_OUNCES, OUNCES, Units, units_of

ANN = User(temperature_unit="F", volume_unit="oz")
BEN = User(temperature_unit="C", volume_unit="ml")


class TestWords:
    @pytest.mark.parametrize(
        ("person", "words"),
        [
            (BEN, ["22.5 °C", "1 000 ml", "60 g", "0.5 g"]),
            (ANN, ["72.5 °F", "33.8 fl oz", "2.12 oz", "0.02 oz"]),
            (None, ["22.5 °C", "1 000 ml", "60 g", "0.5 g"]),
        ],
    )
    def test_are_in_the_units_of_the_reader(self, person, words):
        said = [temperature(22.5, person), volume(1000, person), weight(60.0, person), weight(0.5, person)]

        assert [one.replace("\u00a0", " ") for one in said] == words

    def test_do_not_break_between_number_and_unit(self):
        assert " " not in volume(200_000, BEN)

    def test_are_not_there_for_what_is_not_known(self):
        assert temperature(None, BEN) == volume(None, ANN) == weight(None, None) == ""

    def test_do_not_lose_the_noughts_of_a_whole_number(self):
        assert volume(500, BEN) == "500\u00a0ml"

    def test_freezing_is_zero_and_thirty_two(self):
        assert (temperature(0, BEN), temperature(0, ANN)) == ("0\u00a0°C", "32\u00a0°F")


class TestUnits:
    @given(st.floats(0, 45))
    def test_a_temperature_comes_back_within_a_tenth_of_a_degree(self, celsius):
        assert FAHRENHEIT.metric(FAHRENHEIT.shown(celsius)) == pytest.approx(celsius, abs=0.06)

    @given(st.floats(50, 200_000))
    def test_a_volume_comes_back_within_a_twentieth_of_an_ounce(self, millilitres):
        assert FLUID_OUNCES.metric(FLUID_OUNCES.shown(millilitres)) == pytest.approx(millilitres, abs=1.6)

    def test_a_pound_is_sixteen_ounces(self):
        assert OUNCES.shown(453.59237) == 16

    def test_without_a_person_are_metric(self):
        assert units_of(None) == Units()
