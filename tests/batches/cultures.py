"""Cultures of one's own, as tests have them."""

from datetime import datetime
from typing import Any

from accounts.models import User
from batches import grains
from batches.grain_models import Grains
from tests.factories import NOON


def make_grains(*, owner: User, now: datetime = NOON, **filled: Any) -> Grains:
    return grains.keep(owner=owner, now=now, **filled)
