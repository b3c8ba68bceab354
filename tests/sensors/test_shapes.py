import math

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from sensors import measures, shapes
from sensors.kinds import Kind
from sensors.measures import RANGES
from tests.sensors.gadgets import GRAVITYMON, ISPINDEL, RAPT, STREAM, TILT


def why(sent, **known):
    """Field and code of the refusal."""
    with pytest.raises(ValidationError) as refused:
        shapes.read(sent, **known)
    error = refused.value
    if hasattr(error, "error_dict"):
        return {(name, one.code) for name, errors in error.error_dict.items() for one in errors}
    return {("", error.code)}


class TestISpindel:
    def test_is_read_with_its_plato_as_gravity(self):
        said = shapes.read(ISPINDEL)
        assert (said.kind, said.name) == (Kind.ISPINDEL, "iSpindel000")
        assert said.values == {
            "temperature_c": 21.4375, "gravity_sg": 1.1306, "angle": 83.4944, "battery_v": 4.0355, "rssi": -76,
        }  # fmt: skip

    def test_keeps_what_is_unknown_to_us_but_no_token(self):
        assert shapes.read(ISPINDEL | {"token": "secret"}).rest == {"ID": 4974097, "interval": 60}

    def test_of_another_make_is_the_same_shape(self):
        said = shapes.read(GRAVITYMON)
        assert (said.kind, said.values["gravity_sg"], said.values["rssi"]) == (Kind.ISPINDEL, 1.005, -12)
        assert said.in_plato is False

    def test_may_measure_in_fahrenheit(self):
        said = shapes.read(ISPINDEL | {"temperature": 68, "temp_units": "F"})
        assert said.values["temperature_c"] == 20


class TestTilt:
    def test_is_read_from_a_form_in_fahrenheit(self):
        said = shapes.read(TILT)
        assert (said.kind, said.name) == (Kind.TILT, "Tilt Blue")
        assert said.values == {"temperature_c": 20.5556, "gravity_sg": 1.021}

    def test_knows_its_reading_again_but_not_the_moment(self):
        said = shapes.read(TILT)
        assert (said.device_time, said.measured_at) == ("43984.33630927084", None)
        assert said.rest == {"Beer": "Ginger,1", "Comment": ""}


class TestRapt:
    def test_is_read_from_texts_with_its_battery_in_percent(self):
        said = shapes.read(RAPT)
        assert (said.kind, said.name) == (Kind.RAPT, "Yellow pill")
        assert said.values == {
            "temperature_c": 19.81, "gravity_sg": 1.0453, "battery_percent": 87.2, "rssi": -61,
        }  # fmt: skip

    @pytest.mark.parametrize(
        "written", ["2026-03-01T11:58:00Z", "2026-03-01T12:58:00+01:00", "2026-03-01 11:58:00"]
    )
    def test_says_when(self, written):
        said = shapes.read(RAPT | {"created_date": written})
        assert f"{said.measured_at:%Y-%m-%d %H:%M %Z}" == "2026-03-01 11:58 UTC"

    @pytest.mark.parametrize("written", ["yesterday", "2026-13-45T00:00:00Z", "0001-01-01T00:00:00+14:00"])
    def test_whose_time_is_none_is_read_all_the_same(self, written):
        said = shapes.read(RAPT | {"created_date": written})
        assert (said.measured_at, said.device_time) == (None, written)

    def test_of_a_controller_measures_no_gravity(self):
        said = shapes.read(
            RAPT | {"device_type": "TemperatureController", "gravity": "@gravity", "battery": ""}
        )
        assert said.values.keys() == {"temperature_c", "rssi"}


class TestStream:
    def test_is_read_with_pressure_and_ph(self):
        said = shapes.read(STREAM)
        assert said.kind == Kind.STREAM
        assert said.values == {
            "temperature_c": 20.32, "gravity_sg": 1.042, "pressure_bar": 0.6895, "ph": 4.12, "battery_v": 4.98,
        }  # fmt: skip
        assert said.rest["aux_temp"] == 15.61

    @pytest.mark.parametrize(
        ("sent", "field", "value"),
        [
            ({"temp": 293.15, "temp_unit": "K"}, "temperature_c", 20),
            ({"temp": 68, "temp_unit": "f"}, "temperature_c", 20),
            ({"gravity": 10.5, "gravity_unit": "P"}, "gravity_sg", 1.0421),
            ({"gravity": 1.1, "gravity_unit": "P"}, "gravity_sg", 1.0043),
            ({"pressure": 1.2, "pressure_unit": "BAR"}, "pressure_bar", 1.2),
            ({"pressure": 120, "pressure_unit": "KPA"}, "pressure_bar", 1.2),
        ],
    )
    def test_converts_its_units(self, sent, field, value):
        assert shapes.read(sent).values[field] == pytest.approx(value, abs=1e-4)

    def test_of_one_field_is_enough(self):
        assert shapes.read({"name": "YourDeviceName", "pressure": 2.43}).values == {"pressure_bar": 0.1675}


class TestGravity:
    def test_that_could_be_either_is_what_the_gadget_is_known_to_send(self):
        either = ISPINDEL | {"gravity": 1.1}
        assert shapes.read(either).values["gravity_sg"] == 1.1
        assert shapes.read(either, in_plato=True).values["gravity_sg"] == 1.0043
        assert shapes.read(either).in_plato is None

    def test_that_can_only_be_one_says_so(self):
        assert shapes.read(ISPINDEL).in_plato is True
        assert shapes.read(ISPINDEL | {"gravity": 1042}, in_plato=True).values["gravity_sg"] == 1.042

    @given(st.floats(min_value=-5, max_value=60))
    def test_of_plato_is_there_and_grows(self, plato):
        assert measures.sg_of_plato(plato) < measures.sg_of_plato(plato + 0.1)

    @given(st.floats(min_value=0, max_value=25))
    def test_to_brix_and_plato_agree_where_people_ferment(self, plato):
        assert measures.brix_of(measures.sg_of_plato(plato)) == pytest.approx(plato, abs=0.15)


class TestRefused:
    @pytest.mark.parametrize(
        ("changed", "reason"),
        [
            ({"temperature": "warm"}, ("temperature", "invalid")),
            ({"temperature": "nan"}, ("temperature", "invalid")),
            ({"temperature": "1_0"}, ("temperature", "invalid")),
            ({"temperature": "٢١"}, ("temperature", "invalid")),
            ({"temperature": True}, ("temperature", "invalid")),
            ({"temperature": [21]}, ("temperature", "invalid")),
            ({"temperature": math.inf}, ("temperature", "invalid")),
            ({"temperature": 10**400}, ("temperature", "invalid")),
            ({"temperature": "1e999"}, ("temperature", "invalid")),
            ({"temperature": 400}, ("temperature", "out_of_range")),
            ({"temperature": 21, "temp_units": "R"}, ("temp_units", "unknown_unit")),
            ({"gravity": 88}, ("gravity", "out_of_range")),
            ({"gravity": -99}, ("gravity", "out_of_range")),
            ({"battery": -1}, ("battery", "out_of_range")),
        ],
    )
    def test_is_what_no_gadget_measures(self, changed, reason):
        assert why(ISPINDEL | changed) == {reason}

    def test_is_pressure_in_a_unit_nobody_knows(self):
        assert why(STREAM | {"pressure_unit": "ATM"}) == {("pressure_unit", "unknown_unit")}

    @pytest.mark.parametrize("sent", [{}, {"hello": "world"}, [], [1], "21", 21, None, True])
    def test_is_what_looks_like_no_gadget(self, sent):
        assert why(sent) == {("", "unknown_shape")}

    @pytest.mark.parametrize("sent", [{"name": "x", "temp": None}, {"ID": 7}, {"Temp": "", "SG": ""}])
    def test_is_what_says_nothing(self, sent):
        assert why(sent) == {("", "says_nothing")}


class TestRest:
    def test_holds_what_a_database_can_keep(self):
        odd = {"a\x00b": "c\x00d", "far": math.inf, "deep": {"a": {"b": {"c": {"d": 1}}}}}
        rest = shapes.read({"temp": 20} | odd).rest
        assert rest == {"a b": "c d", "far": "inf", "deep": {"a": {"b": {"c": "…"}}}}

    def test_has_an_end(self):
        rest = shapes.read(STREAM | {"story": "x" * 9_000, "after": 1}).rest
        assert "story" not in rest
        assert "after" not in rest


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
names = st.sampled_from([*ISPINDEL, *TILT, *RAPT, *STREAM]) | st.text(max_size=8)


@given(st.dictionaries(names, scalars | st.lists(scalars, max_size=3), max_size=12))
def test_whatever_is_sent_is_read_in_range_or_refused(sent):
    try:
        said = shapes.read(sent)
    except ValidationError:
        return
    assert said.values
    assert all(RANGES[name].low <= value <= RANGES[name].high for name, value in said.values.items())
