"""Whether a row keeps a constraint, told from its values as PostgreSQL would: true, false, or unknown (None)."""

from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any

from django.db.models import F, Q

Values = Callable[[str], Any]
Truth = bool | None

COMPARES: dict[str, Callable[[Any, Any], bool]] = {
    "gt": gt,
    "gte": ge,
    "lt": lt,
    "lte": le,
    "in": lambda value, wanted: value in wanted,
    "exact": lambda value, wanted: bool(value == wanted),
    "len__lte": lambda value, wanted: len(value) <= wanted,
}


class NotKnown(Exception):
    """A condition of a kind that stands in no constraint of ours so far: the database must say."""


def truth(condition: Q, values: Values) -> Truth:
    parts = [
        truth(part, values) if isinstance(part, Q) else comparison(part, values)
        for part in condition.children
    ]
    said = {Q.AND: every, Q.OR: some}[condition.connector](parts)
    return None if said is None else said != condition.negated


def every(parts: list[Truth]) -> Truth:
    return False if False in parts else None if None in parts else True


def some(parts: list[Truth]) -> Truth:
    return True if True in parts else None if None in parts else False


def comparison(part: Any, values: Values) -> Truth:
    lookup, wanted = part
    name, _, kind = lookup.partition("__")
    value = values(name)
    if kind == "isnull" or (wanted is None and kind in {"", "exact"}):
        return (value is None) == (wanted is not False)
    if isinstance(wanted, F):
        wanted = values(str(wanted.name))  # type: ignore[attr-defined]
    compare = COMPARES.get(kind or "exact")
    if compare is None:
        raise NotKnown(lookup)
    return None if value is None or wanted is None else compare(value, wanted)
