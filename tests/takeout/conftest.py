"""An archive of everything, and who brings it back."""

import pytest

from accounts import actions as accounts
from accounts.models import User
from tests.factories import NOON, make_user
from tests.takeout.archives import fill, packed


@pytest.fixture
def archive(alice):
    fill(alice)
    User.objects.update(date_joined=NOON)
    accounts.edit_profile(
        user=alice, name="Alice", timezone="Europe/Berlin", quiet_from="22:00", quiet_until="07:00"
    )
    alice.refresh_from_db()
    return packed(alice)


@pytest.fixture
def gone(archive, alice):
    """Alice has left, and has come again."""
    accounts.erase(user=alice)
    return make_user("alice@example.com")
