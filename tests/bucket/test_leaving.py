"""Who leaves is gone from a bucket that keeps old versions, too."""

import pytest

from accounts import actions as accounts
from events import photos
from kefir.bucket import connection, preparing
from takeout import farewells
from tests.events.album import make_photo
from tests.factories import NOON, make_batch
from tests.takeout.archives import made

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ceph")]

AFTER = NOON + accounts.ERASED_AFTER


def versions_of(user, settings) -> list[str]:
    """Also of what was deleted, and the marks that say so."""
    said = connection.client().list_object_versions(Bucket=settings.S3_BUCKET)
    found = [*said.get("Versions", ()), *said.get("DeleteMarkers", ())]
    return [one["Key"] for one in found if str(user.pk) in one["Key"]]


class TestFarewell:
    def test_leaves_no_old_version_of_anything(self, alice, bob, settings, run_jobs):
        list(preparing.prepare(origins=["https://example.org"], originals_days=365, only_look=False))
        photos.remove(photo=make_photo(batch=make_batch(owner=alice)), now=NOON)
        make_photo(batch=make_batch(owner=bob))
        made(alice)
        photos.throw_away(now=AFTER)
        accounts.ask_to_erase(user=alice, now=NOON)
        assert farewells.begin(now=AFTER) == 1
        assert len(versions_of(alice, settings)) >= 3
        run_jobs(now=AFTER)
        assert versions_of(alice, settings) == []
        assert versions_of(bob, settings)
