"""Whether a row keeps a constraint, told from its values as PostgreSQL would: true, false, or unknown (None)."""

from collections.abc import Callable
from operator import eq, ge, gt, le, lt
from typing import Any

from django.db.models import F, Q

Values = Callable[[str], Any]
Truth = bool | None
Told = Callable[[Values], Truth]

COMPARES: dict[str, Callable[[Any, Any], bool]] = {
    "gt": gt,
    "gte": ge,
    "lt": lt,
    "lte": le,
    "in": lambda value, wanted: value in wanted,
    "exact": eq,
    "len__lte": lambda value, wanted: len(value) <= wanted,
}


class NotKnown(Exception):
    """A condition of a kind that stands in no constraint of ours so far: the database must say."""


def teller(condition: Q) -> Told:
    """What tells it of any row: a condition is read once, and each row that is written asks many."""
    parts = [teller(part) if isinstance(part, Q) else comparison(part) for part in condition.children]
    join, negated = {Q.AND: every, Q.OR: some}[condition.connector], condition.negated

    def told(values: Values) -> Truth:
        said = join([part(values) for part in parts])
        return None if said is None else said != negated

    return told


def every(parts: list[Truth]) -> Truth:
    return False if False in parts else None if None in parts else True


def some(parts: list[Truth]) -> Truth:
    return True if True in parts else None if None in parts else False


def comparison(part: Any) -> Told:
    lookup, wanted = part
    name, _, kind = lookup.partition("__")
    if kind == "isnull" or (wanted is None and kind in {"", "exact"}):
        is_null = wanted is not False
        return lambda values: (values(name) is None) == is_null
    compare = COMPARES.get(kind or "exact")
    if compare is None:
        raise NotKnown(lookup)
    if isinstance(wanted, F):
        other = str(wanted.name)  # type: ignore[attr-defined]
        return lambda values: compared(compare, values(name), values(other))
    return lambda values: compared(compare, values(name), wanted)


def compared(compare: Callable[[Any, Any], bool], value: Any, wanted: Any) -> Truth:
    return None if value is None or wanted is None else bool(compare(value, wanted))
