"""How a pH was measured: said with it, or once for all, and believed accordingly."""

import pytest
from django.core.exceptions import ValidationError

from batches.readiness import forecast
from events import actions
from tests.api import call
from tests.batches.brews import NOON as THEN
from tests.batches.brews import brew, hours, read
from tests.factories import NOON, make_batch, make_event


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice)


def with_a_meter(person):
    person.ph_by = "meter"
    person.save()


class TestPhBy:
    def test_is_what_its_keeper_always_uses(self, alice, jar):
        with_a_meter(alice)
        assert make_event(batch=jar, kind="measurement", ph=4.2).ph_by == "meter"

    def test_is_what_is_said_this_time(self, alice, jar):
        with_a_meter(alice)
        assert make_event(batch=jar, kind="measurement", ph=4.2, ph_by="strip").ph_by == "strip"

    def test_of_no_ph_is_nothing(self, alice, jar):
        with_a_meter(alice)
        assert make_event(batch=jar, kind="measurement", brix=4).ph_by == ""
        with pytest.raises(ValidationError, match="Only a pH"):
            make_event(batch=jar, kind="measurement", brix=4, ph_by="strip")

    def test_goes_with_a_ph_that_is_taken_back(self, jar):
        event = make_event(batch=jar, kind="measurement", ph=4.2, brix=5, ph_by="strip")
        assert actions.correct(event=event, now=NOON, ph=None).ph_by == ""

    @pytest.mark.parametrize(("said", "by_meter"), [("", None), ("strip", False), ("meter", True)])
    def test_is_a_fact_for_the_forecast(self, jar, said, by_meter):
        make_event(batch=jar, kind="measurement", ph=4.2, ph_by=said)
        assert [reading.by_meter for reading in jar.facts().readings] == [by_meter]

    def test_narrows_the_forecast_where_it_is_a_meter(self):
        def width(*, by_meter):
            facts = brew(temperature_c=22, readings=(read(20, ph=4.3, by_meter=by_meter),))
            seen = forecast(facts, now=THEN + hours(20))
            return seen.latest - seen.earliest

        assert width(by_meter=True) < width(by_meter=False)


class TestPage:
    def test_offers_what_one_uses_as_a_rule(self, page, alice, jar):
        with_a_meter(alice)
        form = page.get(f"/batches/{jar.pk}/events?what=ph").context["form"]
        assert form["ph_by"].value() == "meter"

    def test_asks_nobody_who_did_not_measure_one(self, page, jar):
        form = page.get(f"/batches/{jar.pk}/events").context["form"]
        assert not {"ph_by", "sign"} & set(form.fields)

    def test_lets_it_be_put_right(self, page, jar):
        event = make_event(batch=jar, kind="measurement", ph=4.2)
        typed = {"kind": "measurement", "ph": "4.2", "ph_by": "strip", "occurred_at": "2026-03-01T12:00"}
        assert page.post(f"/events/{event.pk}/edit", typed).status_code == 302
        event.refresh_from_db()
        assert event.ph_by == "strip"

    def test_is_set_once_for_all_among_the_settings(self, page, alice):
        typed = {
            "name": "A",
            "timezone": "UTC",
            "temperature_unit": "C",
            "volume_unit": "ml",
            "ph_by": "meter",
        }
        page.post("/settings/", typed)
        alice.refresh_from_db()
        assert alice.ph_by == "meter"


class TestApi:
    def test_is_set_once_for_all(self, api, alice, jar):
        assert call(api, "patch", "/me", {"phBy": "meter"}).json()["phBy"] == "meter"
        alice.refresh_from_db()
        made = call(api, "post", f"/batches/{jar.pk}/events", {"kind": "measurement", "ph": 4.2}).json()
        assert made["phBy"] == "meter"


def test_a_line_emptied_of_its_time_happened_now(jar, page):
    event = make_event(batch=jar)
    typed = {"kind": "note", "description": "Fewer", "occurred_at": ""}
    assert page.post(f"/events/{event.pk}/edit", typed).status_code == 302
    event.refresh_from_db()
    assert event.occurred_at > NOON
