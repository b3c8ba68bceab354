"""Objects before a row names them: noted first, so that they go with whoever dies in between (`photos.throw_away`)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from events.models import DiscardedObject

# Longer than the store is ever waited for.
UNNAMED_FOR = timedelta(hours=1)


@transaction.atomic
def goes(keys: Iterable[str], *, now: datetime) -> None:
    """What will be put there is thrown away, unless it is `named` by then."""
    keys = list(keys)
    DiscardedObject.objects.filter(key__in=keys).delete()
    DiscardedObject.objects.bulk_create(DiscardedObject(key=key, due_at=now + UNNAMED_FOR) for key in keys)


def named(keys: Iterable[str]) -> bool:
    """By a row that is written in the same transaction; False where they were thrown away already."""
    keys = list(keys)
    waiting, _ = DiscardedObject.objects.filter(key__in=keys).delete()
    return waiting == len(keys)
