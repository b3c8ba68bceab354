"""What is news to somebody who has been told already. Pure; the times are the database's own."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

# A change is stamped when it is written and seen when it is committed; no transaction of ours may idle for longer.
COMMITTED_WITHIN = timedelta(seconds=15)
# The same for a page that was just drawn, and for clocks that are not quite together: to draw once more is no harm.
DRAWN_WITHIN = timedelta(seconds=2)
# Who has so much news looks at everything anew.
MOST_NAMED = 30
EVERYTHING = ("everything", "")

Name = tuple[str, str]


class Change(NamedTuple):
    """That a row of a kind was written, and of which batch it is; of what is gone nobody knows that any more."""

    kind: str
    batch_id: str
    stamped_at: datetime

    @property
    def name(self) -> Name:
        return self.kind, self.batch_id


def later_than(since: datetime, changes: Iterable[Change]) -> set[Change]:
    return {change for change in changes if change.stamped_at > since}


def names_of(changes: Iterable[Change], known: Iterable[Name] = ()) -> set[Name]:
    """What is told: each kind and batch once, and not too many of them."""
    names = {*known, *(change.name for change in changes)}
    return {EVERYTHING} if EVERYTHING in names or len(names) > MOST_NAMED else names


def told(names: Iterable[Name], until: datetime) -> dict[str, Any]:
    """As it goes over the wire: nothing that anybody wrote, so that pages ask for it as themselves."""
    changes = [{"kind": kind, "batch": batch_id or None} for kind, batch_id in sorted(names)]
    return {"since": until.isoformat(), "changes": changes}
