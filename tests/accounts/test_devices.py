from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from accounts import actions, devices
from accounts.models import Device
from tests.accounts.people import app_of as signed_in
from tests.accounts.people import post, sign_in_app
from tests.accounts.phones import (
    ENDPOINT,
    make_browser,
    make_device,
    register,
    subscription,
    token,
)
from tests.api import app_of, call, reasons
from tests.factories import NOON, make_user

pytestmark = pytest.mark.django_db
FIELDS = ["deviceId", "platform", "name", "appVersion", "lastSeenAt", "disabledAt"]
LATER = NOON + timedelta(hours=1)


def live(user):
    return set(user.devices.live().values_list("device_id", flat=True))


class TestRegister:
    def test_makes_a_device_and_never_shows_its_token(self, api, alice):
        answer = register(api, pushToken=token(), name="Alice's phone", appVersion="1.4.0")
        assert answer.status_code == 201
        assert list(answer.json()) == FIELDS
        assert token() not in answer.content.decode()
        assert alice.devices.get().address == token()

    def test_knows_it_the_second_time(self, api, alice):
        register(api, pushToken=token(), name="Phone")
        answer = register(api, pushToken=token("fresh"), appVersion="1.5.0")
        assert (answer.status_code, answer.json()["name"]) == (200, "Phone")
        assert alice.devices.get().address == token("fresh")

    def test_takes_a_device_that_may_not_show_messages(self, api, alice):
        assert register(api, pushToken=None).status_code == 201
        assert alice.devices.count() == 1
        assert live(alice) == set()

    def test_forgets_the_token_of_one_that_may_not_any_more(self, api, alice):
        register(api, pushToken=token())
        assert register(api).status_code == 200
        assert live(alice) == set()

    def test_takes_a_browsers_subscription(self, api, alice):
        given = subscription()
        answer = register(api, platform="web", subscription=given)
        assert answer.status_code == 201
        device = alice.devices.get()
        assert (device.address, device.keys) == (ENDPOINT, given["keys"])

    def test_believes_again_in_one_that_was_given_up(self, api, alice):
        device = make_device(owner=alice, push_token=token())
        devices.retire_device(device_pk=device.pk, reason="DeviceNotRegistered", now=NOON)
        assert register(api, pushToken=token()).json()["disabledAt"] is None
        assert live(alice) == {"phone-1"}

    def test_is_done_once_for_one_key(self, api, alice):
        key = {"headers": {"Idempotency-Key": "k"}}
        body = {"deviceId": "phone-1", "platform": "ios", "pushToken": token()}
        first, second = (call(api, "post", "/me/devices", body, **key) for _ in range(2))
        assert (first.status_code, second.status_code) == (201, 201)
        assert second["Idempotent-Replayed"] == "true"
        assert alice.devices.count() == 1

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ({"deviceId": ""}, ("deviceId", "blank")),
            ({"deviceId": None}, ("deviceId", "null")),
            ({"deviceId": "a\nb"}, ("deviceId", "one_line")),
            ({"deviceId": "x" * 201}, ("deviceId", "max_length")),
            ({"deviceId": 7}, ("deviceId", "invalid")),
            ({"platform": "symbian"}, ("platform", "invalid_choice")),
            ({"pushToken": "abc"}, ("pushToken", "invalid_token")),
            ({"pushToken": f"ExponentPushToken[{'a' * 1000}]"}, ("pushToken", "max_length")),
            ({"platform": "web", "pushToken": token()}, ("pushToken", "wrong_for_platform")),
            ({"subscription": subscription()}, ("subscription", "wrong_for_platform")),
            ({"platform": "web", "subscription": {}}, ("subscription.endpoint", "required")),
            ({"platform": "web", "subscription": "x"}, ("subscription", "invalid")),
            (
                {"platform": "web", "subscription": subscription("https://10.0.0.1/x")},
                ("subscription", "invalid_endpoint"),
            ),
            (
                {"platform": "web", "subscription": subscription(auth="AAAA")},
                ("subscription", "invalid_keys"),
            ),
            ({"name": "x" * 101}, ("name", "max_length")),
            ({"appVersion": "x" * 41}, ("appVersion", "max_length")),
            ({"appVersion": "1\0"}, ("appVersion", "null_characters_not_allowed")),
            ({"disabledAt": None}, ("disabledAt", "unknown_field")),
            ({"user": "bob"}, ("user", "unknown_field")),
        ],
    )
    def test_refuses_what_cannot_be(self, api, body, reason):
        answer = register(api, **body)
        assert answer.status_code == 400
        assert reason in reasons(answer)
        assert not Device.objects.exists()

    def test_keeps_the_twenty_last_seen(self, alice):
        for number in range(22):
            now = NOON + timedelta(minutes=number)
            make_device(owner=alice, device_id=f"phone-{number}", now=now)
        assert live(alice) == {f"phone-{number}" for number in range(2, 22)}


class TestMove:
    def test_takes_the_token_from_whoever_had_it(self, api, alice, bob):
        make_device(owner=bob, push_token=token())
        make_device(owner=bob, device_id="tablet")
        assert register(api, pushToken=token()).status_code == 201
        assert live(alice) == {"phone-1"}
        assert live(bob) == {"tablet"}

    def test_takes_it_from_an_own_former_device(self, alice):
        make_device(owner=alice, device_id="before", push_token=token())
        make_device(owner=alice, device_id="after", push_token=token())
        assert live(alice) == {"after"}

    def test_takes_a_browsers_endpoint_as_well(self, alice, bob):
        make_browser(owner=bob)
        make_browser(owner=alice)
        assert (live(alice), live(bob)) == ({"browser-1"}, set())

    def test_leaves_devices_without_an_address_alone(self, alice, bob):
        make_device(owner=bob, push_token="")
        make_device(owner=alice, push_token="")
        assert Device.objects.count() == 2

    def test_does_not_mind_the_same_device_id(self, alice, bob):
        make_device(owner=bob)
        make_device(owner=alice)
        assert (live(alice), live(bob)) == ({"phone-1"}, {"phone-1"})


def at_once(calls):
    """All begun together, each with a connection of its own."""
    together = Barrier(len(calls))

    def one(run):
        together.wait(10)
        try:
            return run()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_gives_one_token_to_one_of_many_people(self):
        people = [make_user(f"{number}@example.com") for number in range(8)]
        at_once([lambda person=person: make_device(owner=person, push_token=token()) for person in people])
        assert Device.objects.filter(address=token()).count() == 1
        assert Device.objects.count() == 1

    def test_makes_one_device_of_many_registrations(self):
        alice = make_user()
        answers = at_once([lambda: register(app_of(alice), pushToken=token()) for _ in range(8)])
        assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
        assert Device.objects.count() == 1

    def test_lets_two_swap_their_phones(self):
        alice, bob = make_user(), make_user("bob@example.com")
        for _ in range(5):
            Device.objects.all().delete()
            make_device(owner=alice, push_token=token("a"))
            make_device(owner=bob, push_token=token("b"))
            at_once(
                [
                    lambda: make_device(owner=alice, push_token=token("b")),
                    lambda: make_device(owner=bob, push_token=token("a")),
                ]
            )
            addresses = list(Device.objects.values_list("address", flat=True))
            assert len(addresses) == len(set(addresses))
            assert addresses


class TestList:
    def test_shows_mine_last_seen_first(self, api, alice, bob):
        make_device(owner=alice)
        make_browser(owner=alice, now=LATER)
        make_device(owner=bob)
        answer = call(api, "get", "/me/devices").json()
        assert [device["deviceId"] for device in answer["results"]] == ["browser-1", "phone-1"]
        assert list(answer["results"][0]) == FIELDS

    def test_goes_on_page_by_page(self, api, alice):
        make_device(owner=alice)
        make_browser(owner=alice, now=LATER)
        first = call(api, "get", "/me/devices?limit=1").json()
        second = api.get(first["next"]).json()
        assert [page["results"][0]["deviceId"] for page in (first, second)] == ["browser-1", "phone-1"]

    def test_says_since_when_one_is_given_up(self, api, alice):
        device = make_device(owner=alice)
        devices.retire_device(device_pk=device.pk, reason="DeviceNotRegistered", now=NOON)
        [shown] = call(api, "get", "/me/devices").json()["results"]
        assert shown["disabledAt"] == "2026-03-01T12:00:00Z"

    def test_costs_the_same_for_many(self, api, alice, django_assert_num_queries):
        for number in range(5):
            make_device(owner=alice, device_id=f"phone-{number}")
        with django_assert_num_queries(1):
            call(api, "get", "/me/devices")


class TestRemove:
    def test_takes_the_device_away(self, api, alice):
        make_device(owner=alice, device_id="a/b c")
        assert call(api, "delete", "/me/devices/a%2Fb%20c").status_code == 204
        assert not Device.objects.exists()

    def test_is_not_found_the_second_time(self, api, alice):
        make_device(owner=alice)
        statuses = [call(api, "delete", "/me/devices/phone-1").status_code for _ in range(2)]
        assert statuses == [204, 404]

    def test_leaves_other_peoples(self, api, bob):
        make_device(owner=bob)
        assert call(api, "delete", "/me/devices/phone-1").status_code == 404
        assert live(bob) == {"phone-1"}

    @pytest.mark.parametrize("device_id", ["a%00b", "%FF", "x" * 500])
    def test_survives_odd_names(self, api, device_id):
        assert call(api, "delete", f"/me/devices/{device_id}").status_code in {400, 404}

    def test_happens_with_the_account(self, alice, bob):
        make_device(owner=alice)
        make_device(owner=bob)
        actions.erase(user=alice)
        assert Device.objects.get().user == bob

    def test_does_not_happen_by_signing_out(self, alice):
        tokens = sign_in_app()
        register(signed_in(tokens), pushToken=token())
        post("/auth/logout", {"refreshToken": tokens["refreshToken"]})
        assert live(alice) == {"phone-1"}


class TestRetire:
    def test_by_its_key_or_address_gives_the_device_up_once(self, alice):
        device = make_device(owner=alice)
        reached = {"device_pk": str(device.pk), "address": device.address}
        for known in ({"device_pk": device.pk}, {"address": device.address}, reached):
            Device.objects.update(disabled_at=None, disabled_reason="")
            assert devices.retire_device(reason="gone", now=NOON, **known)
            assert not devices.retire_device(reason="again", now=LATER, **known)
            device.refresh_from_db()
            assert (device.disabled_at, device.disabled_reason) == (NOON, "gone")

    def test_spares_one_that_has_another_address_by_now(self, alice):
        device = make_device(owner=alice)
        make_device(owner=alice, push_token=token("fresh"))
        former = {"device_pk": device.pk, "address": device.address}
        assert not devices.retire_device(reason="gone", now=LATER, **former)
        assert live(alice) == {"phone-1"}

    def test_spares_one_that_has_registered_since_the_message_left(self, alice):
        device = make_device(owner=alice, now=LATER)
        said = {"device_pk": device.pk, "reason": "gone", "now": LATER + timedelta(minutes=15)}
        assert not devices.retire_device(sent_at=NOON, **said)
        assert devices.retire_device(sent_at=LATER, **said)

    def test_touches_no_other(self, alice, bob):
        device = make_device(owner=alice)
        make_device(owner=bob)
        devices.retire_device(device_pk=device.pk, reason="gone", now=NOON)
        assert (live(alice), live(bob)) == (set(), {"phone-1"})

    def test_wants_to_know_which(self):
        with pytest.raises(TypeError):
            devices.retire_device(reason="gone", now=NOON)


class TestBackOffice:
    def test_shows_devices_and_no_token(self, client, alice):
        device = make_device(owner=alice, name="Phone")
        client.force_login(make_user("staff@example.com", is_staff=True, is_superuser=True))
        pages = ["/admin/accounts/device/?q=alice", f"/admin/accounts/device/{device.pk}/change/"]
        for page in pages:
            shown = client.get(page).content.decode()
            assert "Phone" in shown
            assert device.address not in shown


def test_times_of_the_wire_are_real(api, alice):
    before = timezone.now()
    register(api, pushToken=token())
    assert before <= alice.devices.get().last_seen_at <= timezone.now()
