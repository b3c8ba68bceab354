from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.fields import LocalTimeField
from accounts.models import User
from batches.forms import EditForm, FruitsField, StartForm
from batches.models import Batch

pytestmark = pytest.mark.django_db

ANN = User(temperature_unit="F", volume_unit="oz")
STARTED = datetime(2026, 3, 1, 12, 30, 17, tzinfo=UTC)


def typed(person=ANN, **fields):
    form = StartForm({"culture": "water_kefir", **fields}, person=person, initial={"started_at": STARTED})
    form.full_clean()
    return form


def edited(batch, **fields):
    """The form as it was shown, sent back with what was retyped."""
    shown = EditForm(instance=batch, person=ANN)
    as_shown = {name: shown[name].subwidgets[0].data.get("value", "") for name in ("name", "temperature_c")}
    fields = {"culture": "water_kefir", "started_at": "2026-03-01T12:30", **as_shown, **fields}
    form = EditForm(fields, instance=batch, person=ANN)
    form.full_clean()
    return form


class TestAmounts:
    def test_are_typed_in_own_units_and_kept_metric(self):
        form = typed(temperature_c="71.6", water_volume_ml="33.8", sugar_grams="2")

        assert form.cleaned_data["temperature_c"] == pytest.approx(22)
        assert form.cleaned_data["water_volume_ml"] == 1000
        assert form.cleaned_data["sugar_grams"] == pytest.approx(56.699)

    def test_name_their_unit(self):
        assert StartForm(person=ANN)["temperature_c"].label == "How warm it stands, °F"
        assert StartForm(person=User())["water_volume_ml"].label.endswith(", ml")

    def test_that_nobody_retyped_stay_as_exact_as_they_were(self):
        batch = Batch(name="Jar", temperature_c=22.34, started_at=STARTED)
        form = edited(batch)

        assert EditForm(instance=batch, person=ANN)["temperature_c"].value() == "72.2"
        assert form.cleaned_data["temperature_c"] == 22.34
        assert form.cleaned_data["started_at"] == STARTED

    def test_that_were_retyped_change(self):
        form = edited(Batch(name="Jar", temperature_c=22.34, started_at=STARTED), temperature_c="75")

        assert form.cleaned_data["temperature_c"] == pytest.approx(23.889)

    @pytest.mark.parametrize("nonsense", ["warm", "1e999", "nan", "-inf"])
    def test_that_are_no_numbers_are_refused(self, nonsense):
        form = typed(water_volume_ml=nonsense, temperature_c=nonsense)

        assert form.errors.keys() >= {"water_volume_ml", "temperature_c"}

    def test_out_of_range_are_refused_in_the_unit_they_were_typed_in(self):
        form = typed(temperature_c="120", water_volume_ml="1")

        assert form.errors["temperature_c"] == ["It must be between 32\u00a0°F and 113\u00a0°F."]
        assert form.errors["water_volume_ml"] == [
            "It must be between 1.7\u00a0fl oz and 6\u00a0762.8\u00a0fl oz."
        ]
        assert form.errors.as_data()["temperature_c"][0].code == "max_value"


class TestFruits:
    @pytest.mark.parametrize(
        ("text", "fruits"),
        [("lemon, ginger", ["lemon", "ginger"]), (" , plum,,", ["plum"]), ("", []), ("🍋", ["🍋"])],
    )
    def test_are_read_between_commas(self, text, fruits):
        assert FruitsField(required=False).clean(text) == fruits

    def test_are_shown_as_they_are_typed(self):
        assert FruitsField().prepare_value(["lemon", "ginger"]) == "lemon, ginger"

    def test_of_more_than_forty_letters_are_refused_by_the_batch(self):
        assert "fruits" in typed(fruits="f" * 41).errors


class TestLocalTime:
    def test_is_of_the_zone_of_whoever_types(self):
        with timezone.override(ZoneInfo("Europe/Berlin")):
            assert LocalTimeField().clean("2026-03-01T13:00") == datetime(2026, 3, 1, 12, tzinfo=UTC)

    def test_that_comes_twice_when_the_clocks_go_back_is_the_first(self):
        with timezone.override(ZoneInfo("Europe/Berlin")):
            first = LocalTimeField().clean("2026-10-25T02:30")

        assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    def test_that_the_clocks_leap_over_is_taken_an_hour_on(self):
        with timezone.override(ZoneInfo("Europe/Berlin")):
            assert LocalTimeField().clean("2026-03-29T02:30") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)

    @pytest.mark.parametrize("nonsense", ["soon", "2026-13-01T00:00", "0001-01-01T00:00", "\x00"])
    def test_that_is_none_is_refused(self, nonsense):
        with timezone.override(ZoneInfo("Asia/Tokyo")):
            form = typed(started_at=nonsense)

        assert "started_at" in form.errors

    def test_is_shown_to_the_minute(self):
        with timezone.override(ZoneInfo("Europe/Berlin")):
            assert 'value="2026-03-01T13:30"' in str(EditForm(instance=jar(), person=ANN)["started_at"])


def jar():
    return Batch(name="Jar", started_at=STARTED + timedelta(0))
