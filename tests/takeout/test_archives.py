"""Everything of mine in one file: complete, the same whenever it is made, and there for a week."""

import hashlib
import time
from datetime import timedelta

import pytest
from celery import current_app
from django.core import mail

from accounts.models import User
from kefir import bucket
from takeout import actions, contents
from takeout.actions import BeingMade, EnoughForToday
from takeout.models import Export
from tests.api import BASE, app_of, call
from tests.bucket.refusing import keeps
from tests.factories import NOON, make_user
from tests.takeout.archives import COUNTS, HOUR, bytes_of, fill, lines, made, manifest_of, members, packed
from tests.test_conventions import MODELS
from work import actions as work
from work import queue, tallies
from work.models import Job

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


class TestContents:
    @pytest.mark.parametrize("content", contents.CONTENTS, ids=lambda content: content.name)
    def test_take_each_field_along_or_say_why_not(self, content):
        fields = {field.name for field in content.model._meta.concrete_fields}
        assert fields == {*content.fields, *content.left}
        assert not set(content.fields) & set(content.left)

    def test_take_each_model_along_or_say_why_not(self):
        taken = {content.model.__name__ for content in contents.CONTENTS}
        assert {model.__name__ for model in MODELS} == taken | set(contents.NOT_TAKEN_ALONG)


class TestArchive:
    @pytest.fixture
    def archive(self, alice):
        fill(alice)
        return packed(alice)

    def test_holds_everything_of_mine(self, archive):
        assert manifest_of(archive)["counts"] == COUNTS
        assert {batch["name"] for batch in lines(archive, "batches")} == {
            "Figs & lemon 🫙",
            "Child",
            "Put away",
        }

    def test_holds_nothing_of_anothers(self, archive, bob):
        assert manifest_of(packed(bob))["counts"]["batches"] == 0

    def test_says_of_each_member_how_long_it_is_and_its_hash(self, archive):
        found = members(archive)
        told = {one["name"]: (one["bytes"], one["sha256"]) for one in manifest_of(archive)["members"]}
        assert set(told) == set(found) - {"manifest.json"}
        for name, (size, digest) in told.items():
            assert (len(found[name]), hashlib.sha256(found[name]).hexdigest()) == (size, digest)

    def test_is_the_same_bytes_whenever_it_is_made(self, archive, alice):
        time.sleep(2.1)  # of ZIP's clock one tick
        assert packed(alice) == archive

    def test_holds_no_secret(self, archive, alice):
        device = alice.devices.get()
        alice.calendar_key = "calendar-secret"
        alice.save()
        everything = b"".join(members(packed(alice)).values())
        for secret in (device.address, alice.calendar_key, str(alice.pk)):
            assert secret
            assert secret.encode() not in everything


class TestAsking:
    def test_is_answered_by_a_job(self, alice, run_jobs):
        export = actions.ask_for_archive(user=alice, now=NOON)
        assert [one.outcome for one in run_jobs()] == ["done", "done"]
        export.refresh_from_db()
        assert export.state == "ready"
        assert len(bytes_of(export)) == export.size_bytes

    def test_is_told_by_mail_with_a_link_that_wants_a_sign_in_and_expires(self, alice, run_jobs):
        export = actions.ask_for_archive(user=alice, now=NOON)
        run_jobs()
        [sent] = mail.outbox
        assert sent.to == [alice.email]
        assert f"/settings/data/archives/{export.pk}" in sent.body
        assert export.key not in sent.body
        assert sent.extra_headers["Message-ID"] == f"<archive-{export.pk}@testserver>"

    def test_twice_at_once_is_refused(self, alice):
        actions.ask_for_archive(user=alice, now=NOON)
        with pytest.raises(BeingMade):
            actions.ask_for_archive(user=alice, now=NOON)

    def test_is_for_five_a_day(self, alice):
        for n in range(5):
            made(alice, now=NOON + n * HOUR)
        with pytest.raises(EnoughForToday) as refused:
            actions.ask_for_archive(user=alice, now=NOON + 5 * HOUR)
        assert refused.value.seconds == 19 * 3600
        actions.ask_for_archive(user=alice, now=NOON + DAY)

    def test_of_one_keeps_no_other_waiting(self, alice, bob):
        actions.ask_for_archive(user=alice, now=NOON)
        assert actions.ask_for_archive(user=bob, now=NOON).is_waiting


class TestMaking:
    def test_twice_is_made_once_and_told_once(self, alice, run_jobs):
        export = made(alice)
        before = bytes_of(export)
        actions.make_archive(export_id=export.pk, now=NOON + HOUR)
        run_jobs()
        assert bytes_of(export) == before
        assert len(mail.outbox) == 1

    def test_for_somebody_who_has_gone_meanwhile_leaves_nothing(self, alice, monkeypatch):
        export = actions.ask_for_archive(user=alice, now=NOON)
        put = bucket.put_file

        def put_and_go(*args, **how):
            put(*args, **how)
            User.objects.get(pk=alice.pk).delete()

        monkeypatch.setattr(bucket, "put_file", put_and_go)
        actions.make_archive(export_id=export.pk, now=NOON)
        assert bucket.head(export.key) is None

    def test_that_fails_for_good_lets_them_ask_again(self, alice, run_jobs, monkeypatch):
        export = actions.ask_for_archive(user=alice, now=NOON)

        def broken(*args, **how):
            raise bucket.BucketFailed("The bucket is away.")

        monkeypatch.setattr(bucket, "put_file", broken)
        for n in range(5):
            run_jobs(now=NOON + n * DAY)
        export.refresh_from_db()
        assert export.state == "failed"
        assert Job.objects.dead().get().error == "The bucket is away."
        assert actions.ask_for_archive(user=alice, now=NOON + 6 * DAY).is_waiting

    def test_that_kills_every_worker_lets_them_ask_again_and_can_be_replayed(self, alice, run_jobs):
        export = actions.ask_for_archive(user=alice, now=NOON)
        for n in range(5):
            assert queue.claim(now=NOON + n * HOUR).kind == "archive"
        run_jobs(now=NOON + 5 * HOUR)
        assert actions.ask_for_archive(user=alice, now=NOON + 6 * HOUR).is_waiting
        work.replay(job=Job.objects.dead().get(), now=NOON + 6 * HOUR)
        run_jobs(now=NOON + 6 * HOUR)
        export.refresh_from_db()
        assert export.state == "ready"


class TestSweep:
    def test_takes_away_what_is_a_week_old_with_its_object(self, alice):
        export = made(alice)
        actions.sweep_archives(now=NOON + 7 * DAY - HOUR)
        assert bucket.head(export.key)
        actions.sweep_archives(now=NOON + 7 * DAY)
        assert bucket.head(export.key) is None
        assert not Export.objects.exists()

    def test_takes_away_what_no_row_names(self, alice):
        export = made(alice)
        for prefix in ("archives/", "imports/"):
            bucket.put(f"{prefix}{alice.pk}/left", b"x", content_type="text/csv")
        actions.sweep_nameless()
        left = [
            key for prefix in ("archives/", "imports/") for key in bucket.list_keys(f"{prefix}{alice.pk}/")
        ]
        assert left == [export.key]

    def test_forgets_nothing_when_the_bucket_is_away(self, alice, monkeypatch):
        export = made(alice)
        monkeypatch.setattr(bucket, "delete_each", failing)
        with pytest.raises(bucket.BucketFailed):
            actions.sweep_archives(now=NOON + 8 * DAY)
        assert Export.objects.filter(pk=export.pk).exists()

    def test_forgets_the_others_when_the_bucket_keeps_one(self, alice, bob, monkeypatch):
        kept, other = made(alice), made(bob)
        keeps(monkeypatch, kept.key)
        with pytest.raises(bucket.BucketFailed):
            actions.sweep_archives(now=NOON + 8 * DAY)
        assert list(Export.objects.all()) == [kept]
        assert bucket.head(other.key) is None

    def test_each_fails_alone_and_is_counted(self, run_jobs, monkeypatch):
        current_app.loader.import_default_modules()
        monkeypatch.setattr(actions, "sweep_archives", failing)
        current_app.tasks["takeout.tasks.sweep"].run()
        came = {one.kind: one.outcome for one in run_jobs()}
        assert came == {"sweep_archives": "retry", "sweep_imports": "done", "sweep_nameless": "done"}
        assert set(tallies.outcomes()) == {(kind, outcome, 1) for kind, outcome in came.items()}


def failing(*args, **how):
    raise bucket.BucketFailed("The bucket is away.")


class TestPage:
    def test_shows_how_far_it_is_and_then_the_way_to_it(self, page, alice, run_jobs):
        assert page.post("/export.zip")["Location"] == "/settings/data/"
        waiting = page.get("/settings/data/").content.decode()
        assert "<progress" in waiting
        assert 'http-equiv="refresh"' in waiting
        run_jobs()
        ready = page.get("/settings/data/").content.decode()
        assert "<progress" not in ready
        assert f"/settings/data/archives/{alice.exports.get().pk}" in ready

    def test_leads_to_the_bucket_for_some_minutes(self, page, alice, run_jobs):
        page.post("/export.zip")
        run_jobs()
        to = page.get(f"/settings/data/archives/{alice.exports.get().pk}")["Location"]
        assert "X-Amz-Expires=300" in to
        assert "attachment" in to

    def test_says_that_it_is_gone_once_it_is_over_and_once_it_is_swept(self, page, alice):
        """Made at a noon that is long past."""
        export = made(alice)
        for _ in range(2):
            answer = page.get(f"/settings/data/archives/{export.pk}")
            assert answer.status_code == 404
            assert "not there any more" in answer.content.decode()
            assert "/settings/data/" in answer.content.decode()
            Export.objects.all().delete()

    def test_leads_to_where_it_is_packed_while_it_is(self, page, alice):
        export = actions.ask_for_archive(user=alice, now=NOON)
        assert page.get(f"/settings/data/archives/{export.pk}")["Location"] == "/settings/data/"

    def test_that_is_only_opened_makes_none_and_says_so(self, page):
        answer = page.get("/export.zip", follow=True)
        assert "Have your archive packed here" in answer.content.decode()
        assert not Export.objects.exists()

    def test_htmx_is_given_the_part_that_it_asks_for(self, page):
        page.post("/export.zip")
        part = page.get("/settings/data/", headers={"HX-Request": "true", "HX-Target": "archive"})
        assert part.content.strip().startswith(b'<section id="archive"')


class TestAPI:
    def test_makes_one_and_says_where_it_is(self, api, run_jobs):
        asked = call(api, "post", "/exports")
        assert (asked.status_code, asked.json()["state"], asked.json()["url"]) == (202, "waiting", None)
        run_jobs()
        found = call(api, "get", f"/exports/{asked.json()['id']}").json()
        assert found["state"] == "ready"
        assert "X-Amz-Expires=300" in found["url"]
        assert call(api, "get", "/exports").json()["results"][0]["id"] == found["id"]

    def test_refuses_a_second_at_once_and_a_sixth_a_day(self, api, alice):
        call(api, "post", "/exports")
        second = call(api, "post", "/exports")
        assert (second.status_code, second.json()["code"], second["Retry-After"]) == (
            429,
            "export_under_way",
            "30",
        )

    def test_knows_nothing_of_anothers(self, alice, bob):
        export = made(alice)
        assert app_of(bob).get(f"{BASE}/exports/{export.pk}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_outside_of_any_transaction_it_is_one_moment_and_the_same(run_jobs):
    alice = make_user("alice@example.com")
    fill(alice)
    export = actions.ask_for_archive(user=alice, now=NOON)
    assert {(one.outcome, one.error) for one in run_jobs()} == {("done", "")}
    export.refresh_from_db()
    assert bytes_of(export) == packed(alice)
