"""Somebody tries it, keeps it, or does not."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection

from accounts import access, devices, switches
from accounts import actions as accounts
from accounts import demos as accounts_demos
from accounts import mail as mails
from accounts.models import OnlyWhenKept, User
from batches import actions as batches
from batches.models import Batch
from events import photos
from hooks import actions as hooks
from reminders.models import Delivery, Reminder
from takeout import actions as takeout
from takeout import demos, farewells, imports
from takeout.demos import Keep
from tests.events.album import make_copied
from tests.factories import NOON, make_batch, make_event, make_reminder
from tests.reminders.engine import carry
from tests.takeout.test_farewells import dumped, found_in, objects_of
from tests.test_conventions import MODELS

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
AFTER = NOON + 2 * DAY


def begun(key="key", now=NOON, **guesses):
    return demos.begin(key=key, now=now, guesses=guesses)


def own_jar(demo, now=NOON + HOUR):
    return make_batch(owner=demo, now=now, name="My own")


def names(user):
    return set(Batch.objects.of(user).values_list("name", flat=True))


@pytest.mark.django_db
class TestBegin:
    def test_gives_a_kitchen_and_no_address(self):
        demo = begun()
        assert Batch.objects.of(demo).kept().count() == 5
        assert demo.email.endswith("@demo.invalid")
        assert demo.demo_until == AFTER

    def test_twice_with_one_key_is_once(self):
        assert begun() == begun(now=NOON + HOUR)
        assert User.objects.count() == 1

    def test_stands_where_the_browser_says_it_is(self):
        demo = begun(timezone="America/New_York", temperature_unit="F", volume_unit="oz")
        assert (demo.timezone, demo.temperature_unit, demo.volume_unit) == ("America/New_York", "F", "oz")

    def test_believes_no_nonsense_of_the_browser(self):
        assert begun(timezone="Nowhere/At_all").timezone == "UTC"

    def test_is_not_for_more_than_a_crowd(self, monkeypatch):
        monkeypatch.setattr(accounts_demos, "MOST_AT_ONCE", 1)
        begun()
        with pytest.raises(accounts_demos.TooManyDemos):
            begun("another")
        assert User.objects.count() == 1

    def test_with_the_key_of_one_that_was_kept_is_another(self, alice):
        demo = accounts_demos.keep(user=begun(), email="new@example.com", now=NOON)
        assert begun() != demo


@pytest.mark.django_db(transaction=True)
def test_a_double_click_opens_one_trial(monkeypatch):
    monkeypatch.setattr(demos.demo_week, "fill", lambda **_: None)
    barrier, opened = Barrier(4), []

    def click():
        try:
            barrier.wait()
            opened.append(begun().pk)
        finally:
            connection.close()

    threads = [Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    assert len(set(opened)) == 1 == User.objects.count()


@pytest.mark.django_db
class TestInATrial:
    """Nothing leaves the house, and nobody else is let in."""

    @pytest.fixture
    def demo(self, monkeypatch):
        monkeypatch.setattr(demos.demo_week, "fill", lambda keeper, now: make_batch(owner=keeper, now=now))
        return begun()

    @pytest.mark.parametrize(
        "verb",
        [
            lambda demo: access.make_token(user=demo, name="x", scope="read", now=NOON),
            lambda demo: devices.register_device(user=demo, device_id="x", platform="ios", now=NOON),
            lambda demo: hooks.add(user=demo, url="https://example.com/", now=NOON),
            lambda demo: takeout.ask_for_archive(user=demo, now=NOON),
            lambda demo: imports.ask(user=demo, kind="table", size_bytes=5, now=NOON),
            lambda demo: batches.share(batch=demo.batches.kept().first(), now=NOON),
            lambda demo: make_batch(owner=demo, is_public=True),
        ],
        ids=["token", "device", "webhook", "archive", "import", "share", "start shared"],
    )
    def test_what_is_for_others_is_refused(self, demo, verb):
        with pytest.raises(OnlyWhenKept):
            verb(demo)

    @pytest.mark.parametrize("change", [{"email_when": "always"}, {"push_on": True}])
    def test_no_way_out_is_switched_on(self, demo, change):
        with pytest.raises(ValidationError, match="In a trial nothing is sent"):
            switches.edit(user=demo, now=NOON, **change)

    def test_no_address_is_given_unproved(self, demo):
        with pytest.raises(ValidationError, match="A trial has no address"):
            accounts.change_email(user=demo, email="victim@example.com")

    def test_no_mail_is_sent_there(self, demo):
        mails.tell("account_erased", demo.email)
        assert mail.outbox == []

    def test_a_reminder_is_told_on_the_page_alone(self, demo):
        jar = own_jar(demo, NOON)
        reminder = make_reminder(batch=jar, due_at=NOON + HOUR, now=NOON)
        carry(NOON + HOUR)
        reminder.refresh_from_db()
        assert (reminder.status, reminder.error) == ("sent", "")
        assert not Delivery.objects.exists()
        assert mail.outbox == []

    def test_photos_take_little_room(self, demo, monkeypatch):
        monkeypatch.setattr(photos, "DEMO_QUOTA_MB", 1)
        with pytest.raises(photos.NoRoom, match="1 MB"):
            photos.ask(batch=own_jar(demo), content_type="image/png", size_bytes=1_000_001, now=NOON)

    def test_the_same_is_open_to_everybody_else(self, alice):
        assert access.make_token(user=alice, name="x", scope="read", now=NOON)
        assert batches.share(batch=make_batch(owner=alice), now=NOON).is_public


@pytest.mark.django_db
class TestKeep:
    def test_makes_the_same_account_a_real_one(self):
        demo = begun()
        kept = accounts_demos.keep(user=demo, email="new@example.com", now=NOON + HOUR)
        assert (kept.pk, kept.email, kept.demo_until) == (demo.pk, "new@example.com", None)
        assert (kept.push_on, kept.email_when) == (True, "needed")
        assert Batch.objects.of(kept).kept().count() == 5

    def test_is_refused_when_the_trial_is_over(self):
        with pytest.raises(accounts_demos.DemoIsOver):
            accounts_demos.keep(user=begun(), email="new@example.com", now=AFTER)

    def test_is_refused_where_the_address_is_anothers(self, alice):
        with pytest.raises(accounts.AddressTaken):
            accounts_demos.keep(user=begun(), email=alice.email, now=NOON)

    @pytest.mark.parametrize(("keep", "left"), [(Keep.ALL, 7), (Keep.OWN, 1), (Keep.NOTHING, 0)], ids=str)
    def test_leaves_what_was_chosen(self, keep, left):
        demo = begun()
        own_jar(demo)
        demos.clear(user=demo, keep=keep)
        assert Batch.objects.of(demo).count() == left
        assert demo.sensors.count() == (keep == Keep.ALL)

    def test_keeps_bottles_of_ones_own_from_a_jar_that_was_not(self):
        demo = begun()
        jar = demo.batches.get(stage="open", status="active")
        again = batches.brew_again(batch=jar, owner=demo, now=NOON + HOUR)
        demos.clear(user=demo, keep=Keep.OWN)
        again.refresh_from_db()
        assert again.parent is None


@pytest.mark.django_db
class TestBringAlong:
    def test_moves_ones_own_into_the_account_one_has(self, alice):
        make_batch(owner=alice, name="Kept before")
        demo = begun()
        make_event(batch=own_jar(demo), now=NOON + HOUR)
        demos.bring_along(demo=demo, user=alice, keep=Keep.OWN, now=NOON + HOUR)
        assert names(alice) == {"Kept before", "My own"}
        assert not User.objects.filter(pk=demo.pk).exists()

    def test_moves_all_with_what_hangs_on_it(self, alice):
        demo = begun()
        reminders = Reminder.objects.of(demo).count()
        demos.bring_along(demo=demo, user=alice, keep=Keep.ALL, now=NOON)
        assert Reminder.objects.filter(batch__in=Batch.objects.of(alice)).count() == reminders > 5
        assert set(Reminder.objects.values_list("owner", flat=True)) == {alice.pk}
        assert alice.sensors.count() == 1

    def test_moves_nothing_where_nothing_is_wanted(self, alice):
        demos.bring_along(demo=begun(), user=alice, keep=Keep.NOTHING, now=NOON)
        assert names(alice) == set()
        assert User.objects.get() == alice

    def test_comes_once_and_only_while_it_is_a_trial(self, alice, bob):
        demo = begun()
        demos.bring_along(demo=demo, user=alice, keep=Keep.ALL, now=NOON)
        with pytest.raises(accounts_demos.DemoIsOver):
            demos.bring_along(demo=demo, user=bob, keep=Keep.ALL, now=NOON)
        with pytest.raises(accounts_demos.DemoIsOver):
            demos.bring_along(demo=alice, user=bob, keep=Keep.ALL, now=NOON)
        assert names(bob) == set()

    def test_leaves_photos_where_they_lie(self, alice, run_jobs):
        demo = begun()
        photo = make_copied(batch=own_jar(demo), now=NOON + HOUR)
        demos.bring_along(demo=demo, user=alice, keep=Keep.OWN, now=NOON + HOUR)
        photos.throw_away(now=NOON + DAY)
        photo.refresh_from_db()
        assert photo.batch.owner == alice
        assert set(objects_of(demo.pk)) >= {photo.web_key, photo.thumbnail_key}

    def test_says_of_each_thing_of_a_person_whether_it_comes(self):
        hang_on_a_person = {
            relation.get_accessor_name()
            for relation in User._meta.related_objects
            if relation.related_model in MODELS and relation.get_accessor_name()
        }
        stay = {
            "access_tokens", "answered_requests", "challenges", "devices", "exports",
            "imports", "invitations", "known_devices", "label_sheet", "sign_ins", "tombstones",
            "webhook_messages", "webhooks",
        }  # fmt: skip
        assert hang_on_a_person == {*demos.COMES_ALONG} | stay


@pytest.mark.django_db
class TestNobodyKeepsIt:
    def test_goes_after_two_days_with_all_its_objects(self, run_jobs):
        demo = begun()
        make_copied(batch=own_jar(demo), now=NOON + HOUR)
        run_jobs(now=NOON + HOUR)
        demo_id, jars = demo.pk, list(demo.batches.values_list("pk", flat=True))
        assert objects_of(demo_id)
        assert farewells.begin(now=AFTER) == 1
        run_jobs(now=AFTER)
        photos.throw_away(now=AFTER)
        assert found_in(dumped(), demo_id, demo_id.hex, "demo.invalid", *jars) == []
        assert objects_of(demo_id) == []
        assert mail.outbox == []

    def test_stays_until_then(self, run_jobs):
        begun()
        assert farewells.begin(now=AFTER - HOUR) == 0

    def test_is_not_for_what_was_kept(self, run_jobs):
        accounts_demos.keep(user=begun(), email="new@example.com", now=NOON)
        assert farewells.begin(now=AFTER + DAY) == 0

    def test_cannot_be_kept_any_more_once_it_goes(self):
        demo = begun()
        farewells.begin(now=AFTER)
        with pytest.raises(accounts_demos.DemoIsOver):
            accounts_demos.keep(user=demo, email="new@example.com", now=AFTER - HOUR)
