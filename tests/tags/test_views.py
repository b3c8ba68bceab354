"""One scan to the right place, whoever scans."""

import re

import pytest
from django.test import Client

from batches import actions as batches
from batches.models import Batch
from tags import actions
from tags.models import JarTag
from tests.factories import NOON, make_batch
from tests.tags.jars import make_blank, make_tag
from tests.test_strangers import plain

UNKNOWN = "7K3QX9M2"


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, name="Lemon")


@pytest.fixture
def tag(alice, jar):
    return make_tag(owner=alice, batch=jar, name="Tall one")


def tokens_in(answer):
    """Against forgery: another one each time."""
    return re.findall(r'"X-CSRFToken": "(\w+)"', answer.content.decode())


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


class TestScan:
    @pytest.mark.parametrize("form", ["/j/{}", "/J/{}"])
    def test_brings_its_keeper_to_where_they_log(self, page, tag, jar, form):
        assert page.get(form.format(tag.code))["Location"] == f"/b/{jar.pk}"
        assert page.get(form.format(tag.code.lower()))["Location"] == f"/b/{jar.pk}"

    def test_follows_what_is_in_the_jar(self, page, tag, alice):
        other = make_batch(owner=alice)
        actions.edit(tag=tag, batch=other, now=NOON)
        assert page.get(f"/j/{tag.code}")["Location"] == f"/b/{other.pk}"

    def test_of_an_empty_jar_offers_the_next(self, page, tag, jar):
        batches.move(batch=jar, stage="bottled", now=NOON)
        answer = page.get(f"/j/{tag.code}")
        assert f'href="/tags/{tag.pk}/start"' in answer.content.decode()
        assert "Lemon" in answer.content.decode()

    def test_shows_a_stranger_what_is_shared(self, tag, jar, bob):
        batches.share(batch=jar, public_note="", now=NOON)
        for client in (Client(), signed_in(bob)):
            assert client.get(f"/j/{tag.code}")["Location"] == f"/b/{jar.pk}"

    def test_is_kept_by_no_cache_and_no_search_engine(self, page, tag):
        answer = page.get(f"/j/{tag.code}")
        assert answer["Cache-Control"] == "no-store, private"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"


class TestNobodysPage:
    @pytest.mark.parametrize("method", ["get", "post", "head"])
    def test_is_the_same_of_unknown_private_empty_and_blank_tags(self, alice, tag, method):
        codes = [UNKNOWN, tag.code, make_tag(owner=alice).code, make_blank(printed_by=alice).code]
        answers = [getattr(Client(), method)(f"/j/{code}") for code in codes]
        assert {answer.status_code for answer in answers} == {404}
        assert len({plain(answer, *codes) for answer in answers}) == 1
        assert len({frozenset(set(answer.headers) - {"X-Request-ID"}) for answer in answers}) == 1

    def test_takes_the_same_pains_for_each(self, alice, tag, django_assert_num_queries):
        for code in (UNKNOWN, tag.code, make_tag(owner=alice).code, make_blank(printed_by=alice).code):
            with django_assert_num_queries(2):
                Client().get(f"/j/{code}")

    def test_tells_somebody_signed_in_no_more_of_anothers(self, tag, bob):
        client = signed_in(bob)
        first, second = client.get(f"/j/{tag.code}"), client.get(f"/j/{UNKNOWN}")
        codes = [tag.code, UNKNOWN]
        assert plain(first, *codes, *tokens_in(first)) == plain(second, *codes, *tokens_in(second))
        assert first.status_code == second.status_code == 404

    def test_leads_back_here_after_the_sign_in(self, db):
        assert f"/accounts/login/?next=/j/{UNKNOWN}" in Client().get(f"/j/{UNKNOWN}").content.decode()

    def test_hides_what_belongs_to_somebody_who_leaves(self, tag, jar, alice):
        batches.share(batch=jar, public_note="", now=NOON)
        alice.erase_at = NOON
        alice.save()
        assert Client().get(f"/j/{tag.code}").status_code == 404

    def test_is_shown_so_often_and_no_more(self, tag):
        statuses = [Client().get(f"/j/{UNKNOWN}").status_code for _ in range(61)]
        assert statuses == [404] * 60 + [429]


class TestClaim:
    def test_is_by_post_alone(self, page, bob, alice):
        blank = make_blank(printed_by=bob)
        assert page.get(f"/j/{blank.code}").status_code == 200
        assert not JarTag.objects.of(alice).exists()

    def test_opens_the_jar(self, page, alice, jar):
        blank = make_blank(printed_by=alice)
        answer = page.post(f"/j/{blank.code}", {"name": "Tall", "batch": jar.pk}, follow=True)
        assert answer.redirect_chain[-1][0] == f"/b/{jar.pk}"
        assert JarTag.objects.of(alice).get().name == "Tall"

    def test_takes_no_batch_of_anothers(self, bob, jar):
        blank = make_blank(printed_by=bob)
        answer = signed_in(bob).post(f"/j/{blank.code}", {"batch": jar.pk})
        assert answer.status_code == 422
        assert not JarTag.objects.of(bob).exists()


class TestPages:
    def test_say_what_is_in_each_jar(self, page, tag):
        assert "Lemon" in page.get("/tags/").content.decode()
        assert tag.code in page.get(f"/tags/{tag.pk}").content.decode()

    def test_start_the_next_like_the_last(self, page, tag, jar):
        batches.move(batch=jar, stage="bottled", now=NOON)
        typed = {"culture": "water_kefir", "started_at": "2026-03-01T12:00"}
        page.post(f"/tags/{tag.pk}/start", typed)
        tag.refresh_from_db()
        assert tag.batch.parent == jar

    def test_offer_empty_jars_where_a_batch_is_started(self, page, tag, alice):
        empty = make_tag(owner=alice, name="Short one")
        shown = page.get("/batches/new").content.decode()
        assert f"/tags/{empty.pk}/start" in shown
        assert f"/tags/{tag.pk}/start" not in shown

    def test_keep_what_was_typed_when_a_jar_is_chosen(self, page, alice, tag, jar):
        batches.edit(batch=jar, sugar_grams=90, water_volume_ml=2000, now=NOON)
        batches.move(batch=jar, stage="bottled", now=NOON)
        newest = make_batch(owner=alice, sugar_grams=60, water_volume_ml=1000)
        typed = {
            "like": newest.pk,
            "sugar_grams": "60",
            "water_volume_ml": "1500",
            "name": "For Ada",
            "jar": tag.pk,
        }
        answer = page.post(f"/tags/{tag.pk}/start", typed)
        form = answer.context["form"]
        shown = {name: form[name].value() for name in ("name", "water_volume_ml", "sugar_grams")}
        assert (answer.status_code, Batch.objects.of(alice).count()) == (200, 2)
        assert shown == {"name": "For Ada", "water_volume_ml": "1500", "sugar_grams": "90"}

    def test_keep_it_when_none_is_wanted_after_all(self, page, alice):
        answer = page.post("/batches/new", {"name": "For Ada", "temperature_c": "warm", "jar": ""})
        form = answer.context["form"]
        assert (form["name"].value(), form["temperature_c"].value()) == ("For Ada", "warm")
        assert not Batch.objects.of(alice).exists()

    def test_put_a_batch_into_a_jar_and_out_of_it(self, page, alice, jar):
        tag = make_tag(owner=alice)
        page.post(f"/batches/{jar.pk}/tags", {"tag": tag.pk})
        assert JarTag.objects.get().batch == jar
        page.post(f"/batches/{jar.pk}/tags", {"tag": tag.pk, "out": "1"})
        assert JarTag.objects.get().batch is None

    def test_know_no_tag_of_anothers(self, jar, bob, page):
        theirs = make_tag(owner=bob)
        for said in ({"tag": theirs.pk}, {"tag": "x"}, {}):
            assert page.post(f"/batches/{jar.pk}/tags", said).status_code == 404

    def test_change_the_code(self, page, tag):
        page.post(f"/tags/{tag.pk}/renew")
        assert page.get(f"/j/{tag.code}").status_code == 404

    def test_give_it_up(self, page, tag):
        page.post(f"/tags/{tag.pk}/give-up")
        assert not JarTag.objects.exists()

    def test_print_blank_ones(self, page):
        shown = page.post("/tags/blanks", {"number": "12"}, follow=True).content.decode()
        assert all(tag.code in shown for tag in JarTag.objects.all())
        assert shown.count('class="tag-code"') == 12

    @pytest.mark.parametrize("number", ["", "x", "-1", "1000000"])
    def test_print_no_odd_numbers(self, page, number):
        assert page.post("/tags/blanks", {"number": number, "x": "x"}).status_code == 422
        assert not JarTag.objects.exists()
