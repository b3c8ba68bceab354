"""The code on a jar, the page that it leads to, and how little of a batch strangers find."""

import re

import pytest
from django.test import Client

from batches import actions
from batches.models import Batch
from kefir import limits
from tests.batches.pages import words
from tests.factories import NOON, make_batch, make_bottled

PRIVATE = {"notes": "Ana's grains", "sugar_type": "muscovado", "temperature_c": 23.5, "fruits": ["quince"]}

pytestmark = pytest.mark.usefixtures("noon")


class TestCode:
    def test_is_a_page_to_print_that_says_the_address_in_capitals(self, page, jar):
        assert f"HTTP://TESTSERVER/B/{jar.pk}" in words(page.get(f"/batches/{jar.pk}/code"))

    def test_warns_on_the_label_of_a_sealed_bottle_only(self, page, alice, jar):
        bottled = make_bottled(owner=alice)

        assert "under pressure" in words(page.get(f"/batches/{bottled.pk}/code"))
        assert "under pressure" not in words(page.get(f"/batches/{jar.pk}/code"))

    @pytest.mark.parametrize(("name", "kind"), [("svg", "image/svg+xml"), ("png", "image/png")])
    def test_is_a_picture_as_well(self, page, jar, name, kind):
        assert page.get(f"/batches/{jar.pk}/code.{name}")["Content-Type"] == kind

    @pytest.mark.parametrize("size", ["9", "99999", "big", "-1"])
    def test_has_no_picture_of_a_senseless_size(self, page, jar, size):
        assert page.get(f"/batches/{jar.pk}/code.png?size={size}").status_code == 404


class TestScan:
    @pytest.mark.parametrize("address", ["/b/{}", "/B/{}"])
    def test_leads_its_keeper_to_what_can_be_logged(self, page, jar, address):
        said = words(page.get(address.format(jar.pk)))

        assert all(tile in said for tile in ("Tasted", "Temperature", "pH", "Photo", "Strain and bottle"))

    @pytest.mark.parametrize("make", [make_batch, make_bottled])
    def test_and_the_page_offer_no_more_than_a_thumb_finds(self, page, alice, make):
        batch = make(owner=alice)
        scanned, own = (page.get(f"/{at}/{batch.pk}").content.decode() for at in ("b", "batches"))

        for html in (scanned, own):
            assert 4 <= html.count('class="quick-action"') <= 6
        assert re.search(rf'class="quick-action" href="/batches/{batch.pk}/photos"', scanned)

    def test_of_a_bottle_offers_other_things(self, page, alice):
        said = words(page.get(f"/b/{make_bottled(owner=alice).pk}"))

        assert "Burped" in said
        assert "Into the fridge" in said
        assert "Strain" not in said

    def test_shows_a_stranger_what_is_shared_and_nothing_else(self, alice):
        jar = make_bottled(owner=alice, name="Gift", **PRIVATE)
        actions.share(batch=jar, now=NOON, public_note="Enjoy")
        said = words(Client().get(f"/b/{jar.pk}"))

        assert all(
            word in said for word in ("Gift", "Enjoy", "Water kefir", "1 March 2026", "under pressure")
        )
        assert not any(word in said for word in ("Ana", "muscovado", "23.5", "quince", "alice"))

    def test_of_somebody_elses_is_the_public_page(self, page, bob):
        jar = actions.share(batch=make_batch(owner=bob, name="Bob's"), now=NOON)

        assert "Write it down" not in words(page.get(f"/b/{jar.pk}"))

    def test_cannot_tell_private_from_unknown(self, client, jar):
        private, unknown = client.get(f"/b/{jar.pk}"), client.get("/b/ZZZZZZZZZZZZ")
        bodies = [
            answer.content.replace(name, b"")
            for answer, name in ((private, jar.pk.encode()), (unknown, b"ZZZZZZZZZZZZ"))
        ]

        assert (private.status_code, unknown.status_code) == (404, 404)
        assert bodies[0] == bodies[1]
        assert private.headers.keys() == unknown.headers.keys()

    def test_offers_to_sign_in_and_to_come_back(self, client, jar):
        assert f"?next=/b/{jar.pk}" in client.get(f"/b/{jar.pk}").content.decode()

    def test_is_for_no_search_engine_and_no_cache(self, client, page, jar):
        for answer in (page.get(f"/b/{jar.pk}"), Client().get(f"/b/{jar.pk}")):
            assert answer["X-Robots-Tag"] == "noindex, nofollow"
            assert "no-store" in answer["Cache-Control"]

    def test_is_answered_sixty_times_a_minute(self, jar):
        stranger, wait = Client(REMOTE_ADDR="192.0.2.7"), []
        for _ in range(61):
            answer = stranger.get(f"/b/{jar.pk}")
            wait.append(answer.status_code)

        assert (wait[:60], wait[60]) == ([404] * 60, 429)
        assert 0 < int(answer["Retry-After"]) <= 60

    def test_does_not_count_its_keeper(self, page, jar, monkeypatch):
        monkeypatch.setattr(limits, "hit", lambda *_: 30)

        assert page.get(f"/b/{jar.pk}").status_code == 200

    def test_goes_on_when_nobody_can_count(self, client, jar, monkeypatch):
        def away(*_):
            raise limits.Unavailable

        monkeypatch.setattr(limits, "hit", away)
        actions.share(batch=jar, now=NOON)
        assert client.get(f"/b/{jar.pk}").status_code == 200


class TestStrangers:
    @pytest.mark.parametrize("page_of", ["", "/edit", "/bottle", "/share", "/code", "/code.svg", "/code.png"])
    def test_find_nothing_and_are_asked_to_sign_in(self, page, bob, page_of):
        theirs = f"/batches/{make_batch(owner=bob).pk}{page_of}"

        assert page.get(theirs).status_code == 404
        assert Client().get(theirs)["Location"].startswith("/accounts/login/?next=/batches/")

    @pytest.mark.parametrize("deed", ["edit", "bottle", "move", "archive", "restore", "share", "unshare"])
    def test_change_nothing(self, page, bob, deed):
        theirs = make_batch(owner=bob)

        assert (
            page.post(f"/batches/{theirs.pk}/{deed}", {"stage": "open", "status": "ready"}).status_code == 404
        )
        assert Batch.objects.get(pk=theirs.pk).version == 1
