"""What we tell of a row without asking is what PostgreSQL would have said."""

from datetime import timedelta
from itertools import product

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CheckConstraint, F, Q

from batches.models import Batch
from batches.sentences import Range, Sentence
from batches.truths import NotKnown, teller
from events.models import Event
from tests.factories import NOON

SOME = {
    "name": [""],
    "stage": ["open", "bottled"],
    "status": ["active", "archived"],
    "started_at": [NOON, NOON - timedelta(days=10_000)],
    "bottled_at": [None, NOON, NOON - timedelta(hours=1)],
    "archived_at": [None, NOON],
    "fruits": [[], ["fig"] * 20, ["fig"] * 21],
    "kind": ["note", "observation", "measurement", "taste", "burped"],
    "description": ["", "Bubbles"],
    "taste": ["", "nearly"],
    "ph": [None, 0.0, 4.2],
    "brix": [None, 3.0],
    "temperature_c": [None, 20.0],
    "fizz": [None, 0, 5],
    "sign": ["", "mould", "no_mould", "calm"],
    "ph_by": ["", "meter"],
}
SENTENCES = [
    pytest.param(model, one, id=one.name)
    for model in apps.get_models()
    for one in model._meta.constraints
    if isinstance(one, Sentence) and not isinstance(one, Range)
]


def names_in(condition):
    for part in condition.children:
        if isinstance(part, Q):
            yield from names_in(part)
        else:
            yield part[0].partition("__")[0]
            if isinstance(part[1], F):
                yield part[1].name


def some(model, name):
    """Values that matter to a sentence about this field; of those not named above, by its kind."""
    field = model._meta.get_field(name)
    if name in SOME or field.choices:
        return SOME.get(name) or [value for value, _ in field.choices]
    if field.is_relation:
        return [None, field.target_field.get_default()]
    kinds = {
        models.BooleanField: [True, False],
        models.DurationField: [None, timedelta(0), timedelta(hours=24), timedelta(days=9999)],
        models.DateTimeField: [None, NOON, NOON - timedelta(days=366 * 30)],
    }
    return next((kinds[kind] for kind in kinds if isinstance(field, kind)), [None, -1, 0, 1, 10**9])


def refusal(validate, *of):
    try:
        validate(*of)
    except ValidationError as error:
        return error.messages, error.code
    return None


@pytest.mark.parametrize(("model", "sentence"), SENTENCES)
def test_each_sentence_is_told_as_the_database_tells_it(db, model, sentence):
    """Of all sentences there are, with every mixture of values that matter."""
    names = sorted(set(names_in(sentence.condition)))
    said = set()
    columns = [model._meta.get_field(name).attname for name in names]
    for values in product(*(some(model, name) for name in names)):
        row = model(**dict(zip(columns, values, strict=True)))
        ours = refusal(sentence.validate, model, row)
        theirs = refusal(super(Sentence, sentence).validate, model, row)
        assert ours == theirs, values
        said.add(ours is None)
    assert said == {True, False}


def test_the_sentences_are_those_of_batches_and_events():
    assert {Batch, Event} <= {one.values[0] for one in SENTENCES}
    assert len(SENTENCES) >= 8


class TestSentence:
    def test_asks_nobody(self, django_assert_num_queries, db):
        with django_assert_num_queries(0):
            Event(kind="note", description="Bubbles").validate_constraints(exclude={"batch"})

    def test_says_nothing_of_what_is_left_out(self):
        sentence = next(one for one in Event._meta.constraints if one.name == "event_note_says_something")
        sentence.validate(Event, Event(kind="note"), exclude={"description"})
        with pytest.raises(ValidationError):
            sentence.validate(Event, Event(kind="note"))

    def test_of_a_kind_that_is_not_known_is_asked_of_the_database(self, db):
        sentence = Sentence(condition=Q(name__startswith="x"), name="x", violation_error_code="x")
        sentence.validate(Batch, Batch(name="xy"))
        with pytest.raises(ValidationError):
            sentence.validate(Batch, Batch(name="yx"))

    def test_stands_in_migrations_as_djangos_own(self):
        path, _, _ = Sentence(condition=Q(name=""), name="x").deconstruct()
        assert path == f"django.db.models.{CheckConstraint.__name__}"


class TestTruth:
    @pytest.mark.parametrize(
        ("condition", "said"),
        [
            (Q(a=1), True), (Q(a=2), False), (Q(b=1), None), (~Q(b=1), None), (Q(b=None), True), (~Q(a=None), True),
            (Q(a=1, b=1), None), (Q(a=2, b=1), False), (Q(a=1) | Q(b=1), True), (Q(a=2) | Q(b=1), None),
            (Q(a__gt=0, a__lt=2, a__gte=1, a__lte=1), True), (Q(a__in=[1, 2]), True), (Q(a__gte=F("b")), None),
            (Q(b__isnull=True), True), (Q(b__isnull=False), False),
        ],
        ids=str,
    )  # fmt: skip
    def test_knows_three_answers(self, condition, said):
        assert teller(condition)({"a": 1, "b": None}.__getitem__) is said

    def test_admits_what_it_does_not_know(self):
        with pytest.raises(NotKnown):
            teller(Q(a__regex="x"))
