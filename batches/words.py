"""How a batch is found by words of it: by pieces of three letters, each with its owner, which an index knows.

An index of pieces alone makes long lists of what everybody writes, and each search would look into all of them.
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, IntegerField, Q, Value

from accounts.models import User

PIECE = 3


class Joined(Func):
    """As `batch_by_words_of_owner` says it (batches/migrations/0009)."""

    template = "(%(expressions)s)"
    arg_joiner = " || ' ' || "


class Pieces(Func):
    function = "kefir_pieces"
    output_field: Any = ArrayField(IntegerField())


def said(words: str) -> Q:
    return Q(name__icontains=words) | Q(notes__icontains=words)


OF_A_BATCH = Pieces(F("owner_id"), Joined(F("name"), F("notes")))


def pieces_of(owner: User, words: str) -> Pieces:
    return Pieces(Value(owner.pk), Value(words))
