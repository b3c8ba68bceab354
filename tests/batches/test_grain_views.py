"""The pages of cultures of one's own."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from batches import grains
from batches.grain_models import Grains, Weighing
from batches.models import Batch
from tests.batches.cultures import make_grains
from tests.factories import make_batch

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MINUTE = "%Y-%m-%dT%H:%M"


@pytest.fixture
def kept(alice):
    return make_grains(owner=alice, now=timezone.now() - 3 * DAY, name="Granny's", grams=80)


def typed(**filled):
    return {"culture": "water_kefir", "got_at": f"{timezone.now():{MINUTE}}"} | filled


class TestKeep:
    def test_puts_it_on_the_shelf_with_its_weight(self, page, alice):
        answer = page.post("/grains/new", typed(grams="80", name="Granny's"), follow=True)
        assert b"Granny&#x27;s is on your shelf" in answer.content
        assert Grains.objects.of(alice).get().grams == 80
        assert b"Granny" in page.get("/grains/").content

    def test_in_ounces_is_stored_in_grams(self, page, alice):
        alice.volume_unit = "oz"
        alice.save()
        page.post("/grains/new", typed(grams="2"))
        assert Grains.objects.get().grams == pytest.approx(56.7, abs=0.01)

    @pytest.mark.parametrize(
        ("wrong", "form"),
        [
            ({"grams": "-1"}, "weight"),
            ({"grams": "x"}, "weight"),
            ({"got_at": "2999-01-01T12:00"}, "form"),
            ({"culture": "beer"}, "form"),
        ],
    )
    def test_refuses_beside_the_field_and_keeps_nothing(self, page, wrong, form):
        answer = page.post("/grains/new", typed(**wrong))
        assert (answer.status_code, set(answer.context[form].errors)) == (422, set(wrong))
        assert not Grains.objects.exists()


@pytest.mark.parametrize(("care_in", "said"), [(-27 * DAY, "Wanted food"), (3 * DAY, "Wants food")])
def test_the_shelf_says_what_they_wanted_and_what_they_will(page, kept, care_in, said):
    Grains.objects.update(care_at=timezone.now() + care_in)
    assert said in page.get("/grains/").content.decode()


class TestOne:
    def test_is_drawn_by_figures_with_a_full_stop_in_every_language(self, page, kept, alice):
        User.objects.filter(pk=alice.pk).update(language="de")
        page.post(f"/grains/{kept.pk}/weigh", {"grams": "95.3", "weighed_at": f"{timezone.now():{MINUTE}}"})
        shown = page.get(f"/grains/{kept.pk}").content.decode()
        assert re.search(r'y1="\d+\.\d', shown)
        assert not re.search(r'="\d+,\d+"', shown)

    def test_is_weighed_drawn_and_told(self, page, kept):
        page.post(f"/grains/{kept.pk}/weigh", {"grams": "95.5", "weighed_at": f"{timezone.now():{MINUTE}}"})
        shown = page.get(f"/grains/{kept.pk}").content
        assert b"polyline" in shown
        assert "95.5\u00a0g".encode() in shown

    @pytest.mark.parametrize("grams", ["", "x", "-1", "20001"])
    def test_wants_a_weight_to_write_down(self, page, kept, grams):
        answer = page.post(f"/grains/{kept.pk}/weigh", {"grams": grams, "weighed_at": "2026-03-01T12:00"})
        assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"grams"})
        assert Weighing.objects.count() == 1

    def test_takes_a_weight_back(self, page, kept):
        page.post(f"/grains/{kept.pk}/weights/{kept.weighings.get().pk}/remove")
        assert kept.grams is None

    def test_goes_to_the_fridge_is_fed_and_gone(self, page, kept):
        for deed, body in [("stand", {"status": "in_fridge"}), ("feed", {}), ("stand", {"status": "gone"})]:
            assert page.post(f"/grains/{kept.pk}/{deed}", body).status_code == 302
        kept.refresh_from_db()
        assert kept.is_gone
        assert kept.fed_at
        assert b"They are gone" in page.post(f"/grains/{kept.pk}/feed", follow=True).content

    def test_stands_nowhere_else(self, page, kept):
        page.post(f"/grains/{kept.pk}/stand", {"status": "sleeping"})
        kept.refresh_from_db()
        assert kept.status == "active"

    def test_is_put_right(self, page, kept):
        page.post(f"/grains/{kept.pk}/edit", typed(name="Marta's", culture="milk_kefir"))
        kept.refresh_from_db()
        assert (kept.name, kept.culture) == ("Marta's", "milk_kefir")

    def test_is_deleted(self, page, kept):
        assert b"cannot be taken back" in page.get(f"/grains/{kept.pk}/remove").content
        assert Grains.objects.exists()
        assert page.post(f"/grains/{kept.pk}/remove")["Location"] == "/grains/"
        assert not Grains.objects.exists()


class TestAway:
    def test_asks_for_the_days_first(self, page, kept):
        answer = page.get(f"/grains/{kept.pk}/away")
        assert answer.status_code == 200
        assert answer.context["plan"] is None

    def test_says_day_by_day_what_to_do(self, page, kept):
        shown = page.get(f"/grains/{kept.pk}/away?leaves_on=2026-03-06&back_on=2026-03-18")
        assert [step.day.day for step in shown.context["plan"].steps] == [5, 6, 18]
        assert b"Nobody needs to come" in shown.content

    @pytest.mark.parametrize(("back_on", "field"), [("2026-03-01", "back_on"), ("x", "back_on")])
    def test_refuses_beside_the_field(self, page, kept, back_on, field):
        answer = page.get(f"/grains/{kept.pk}/away?leaves_on=2026-03-06&back_on={back_on}")
        assert (answer.status_code, set(answer.context["form"].errors)) == (422, {field})


class TestStart:
    def test_is_filled_in_with_what_they_weighed_last(self, page, kept):
        form = page.get(f"/batches/new?grains={kept.pk}").context["form"]
        assert (form.initial["grains"], form.initial["grains_grams"]) == (kept, 80)

    def test_with_those_of_the_last_batch_unless_they_are_gone(self, page, alice, kept):
        make_batch(owner=alice, now=timezone.now(), grains=kept)
        grains.weigh(grains=kept, grams=90, now=timezone.now())
        assert page.get("/batches/new").context["form"].initial["grains_grams"] == 90
        grains.let_go(grains=kept, now=timezone.now())
        assert "grains" not in page.get("/batches/new").context["form"].initial

    def test_makes_a_batch_with_them(self, page, kept):
        page.post(
            "/batches/new",
            {"culture": "water_kefir", "started_at": f"{timezone.now():{MINUTE}}", "grains": str(kept.pk)},
        )
        batch = Batch.objects.get()
        assert (batch.grains, batch.grains_grams) == (kept, 80)
        assert b"Granny" in page.get(f"/batches/{batch.pk}").content

    @pytest.mark.parametrize("asked", ["x", "", str(uuid4())])
    def test_with_none_of_mine_is_as_ever(self, page, asked):
        assert page.get(f"/batches/new?grains={asked}").status_code == 200

    def test_offers_nothing_of_anothers(self, page, bob):
        theirs = make_grains(owner=bob, name="Secret")
        assert b"Secret" not in page.get(f"/batches/new?grains={theirs.pk}").content
        answer = page.post(
            "/batches/new",
            {"culture": "water_kefir", "started_at": f"{timezone.now():{MINUTE}}", "grains": str(theirs.pk)},
        )
        assert not Batch.objects.filter(grains=theirs).exists()
        assert answer.status_code in {302, 422}


class TestStrainOff:
    def test_notes_the_weight_in_the_same_form(self, page, alice, kept):
        jar = make_batch(owner=alice, now=timezone.now() - 2 * DAY, grains=kept, grains_grams=80)
        body = {"bottled_at": f"{timezone.now():{MINUTE}}", "strained-grams": "100"}
        assert page.post(f"/batches/{jar.pk}/bottle", body).status_code == 302
        assert kept.grams == 100
        assert "grew 25 %" in page.get(f"/grains/{kept.pk}").content.decode()

    def test_asks_for_none_where_there_is_no_culture(self, page, alice):
        jar = make_batch(owner=alice, now=timezone.now())
        assert b"strained-grams" not in page.get(f"/batches/{jar.pk}/bottle").content


class TestHome:
    def test_says_who_wants_something(self, page, alice):
        long_ago = timezone.now() - 30 * DAY
        grains.rest(grains=make_grains(owner=alice, now=long_ago, name="Granny's"), now=long_ago)
        assert b"they have rested long" in page.get("/").content

    def test_is_silent_of_the_others(self, page, kept):
        grains.rest(grains=kept, now=timezone.now())
        assert b"they have rested" not in page.get("/").content
