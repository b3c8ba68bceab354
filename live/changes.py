"""What is news to somebody who has been told already. Pure; the times are the database's own."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

# A page is drawn after it looked, by a clock that is not quite the database's, and what was stamped by then may be
# committed later: to draw once more is no harm.
DRAWN_WITHIN = timedelta(seconds=15)
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


def written_since(since: datetime, changes: Iterable[Change]) -> set[Change]:
    return {change for change in changes if change.stamped_at >= since}


def news(changes: set[Change], known: Iterable[Change] = (), *, may_hide: bool = True) -> set[Name]:
    """Of very many only the latest are found: behind them may be others, once what wrote them is committed."""
    fresh = changes.difference(known)
    is_cut = len(changes) > MOST_NAMED
    return {EVERYTHING} if is_cut and (fresh or may_hide) else {change.name for change in fresh}


def gathered(names: set[Name]) -> set[Name]:
    return {EVERYTHING} if EVERYTHING in names or len(names) > MOST_NAMED else names


def told(names: Iterable[Name], until: datetime) -> dict[str, Any]:
    """As it goes over the wire: nothing that anybody wrote, so that pages ask for it as themselves."""
    changes = [{"kind": kind, "batch": batch_id or None} for kind, batch_id in sorted(names)]
    return {"since": until.isoformat(), "changes": changes}
