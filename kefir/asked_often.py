"""What every request asks or writes: made into SQL once, because making it takes longer than answering it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, cached_property, partial
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.utils import CursorWrapper
from django.db.models import (
    CharField,
    DateTimeField,
    FloatField,
    ForeignKey,
    IntegerField,
    Model,
    QuerySet,
    TextField,
    UUIDField,
)
from django.db.models.base import ModelState
from django.db.models.expressions import DatabaseDefault
from psycopg.abc import Loader
from psycopg.types.datetime import TimestamptzLoader

from kefir.postgres.base import prepared_cursor

Loaders = Sequence[tuple[str, type[Loader]]]
# Django's own puts UTC for UTC, in Python, for each moment there is.
MOMENTS: Loaders = (("timestamptz", TimestamptzLoader),)

Row = TypeVar("Row", bound=Model)


class AskedOften:
    """`make` gives the query for values of these names; the examples stand for them while it becomes SQL.

    Examples must differ from each other and from every constant of the query.
    """

    def __init__(self, make: Callable[..., QuerySet[Any]], **examples: Any) -> None:
        self.make, self.examples = make, examples

    @cached_property
    def statement(self) -> tuple[str, tuple[Any, ...]]:
        """The SQL, and its values: a name where an example stood, else a constant."""
        sql, values = self.make(**self.examples).query.sql_with_params()
        names = {example: Named(name) for name, example in self.examples.items()}
        return sql, tuple(names.get(value, value) for value in values)

    def ask(self, **known: Any) -> tuple[Any, ...] | None:
        """The first row."""
        with self.asked(MOMENTS, **known) as cursor:
            row: tuple[Any, ...] | None = cursor.fetchone()
        return row

    @contextmanager
    def asked(self, loaders: Loaders = (), **known: Any) -> Iterator[CursorWrapper]:
        """With loaders that are not Django's, as psycopg wants them."""
        sql, values = self.statement
        with prepared_cursor() as cursor:
            for kind, loader in loaders:
                cursor.cursor.adapters.register_loader(kind, loader)
            cursor.execute(sql, [known[value] if isinstance(value, Named) else value for value in values])
            yield cursor


class Named(str):
    """The name of a value that is given when it is asked."""


def insert(row: Model, *, then: str = "", told: Mapping[str, Any] | None = None) -> None:
    """As `row.save(force_insert=True)`, for a model that chooses its own key and sends no signals.

    `then` is another statement that is carried out along with it, by what it is `told`.
    """
    values = {
        f"row_{column}": prepared(value) if prepared else value
        for column, name, prepared in written_columns(type(row))
        if not isinstance(value := getattr(row, name), DatabaseDefault)
    }
    statement = insertion(row._meta.db_table, tuple(values), then)
    with prepared_cursor() as cursor:
        cursor.execute(statement, {**values, **(told or {})})
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


# What Django would hand to psycopg just as it stands in the row.
PLAIN = (CharField, DateTimeField, FloatField, ForeignKey, IntegerField, TextField, UUIDField)


@cache
def written_columns(model: type[Model]) -> list[tuple[str, str, Callable[[Any], Any] | None]]:
    """Each column, its attribute, and what must be made of its value, where anything."""
    return [
        (
            str(field.column),
            field.attname,
            None if isinstance(field, PLAIN) else partial(field.get_db_prep_save, connection=connection),
        )
        for field in model._meta.concrete_fields
    ]


@cache
def insertion(table: str, named: tuple[str, ...], then: str) -> str:
    names = ", ".join(f'"{name.removeprefix("row_")}"' for name in named)
    places = ", ".join(f"%({name})s" for name in named)
    statement = f'INSERT INTO "{table}" ({names}) VALUES ({places})'  # noqa: S608 our own names
    return f"WITH written AS ({statement}) {then}" if then else statement


def with_related(model: type[Row], field: str, row: tuple[Any, ...]) -> Row:
    """As `select_related(field)` would have made it of these columns."""
    relation = model._meta.get_field(field)
    assert isinstance(relation, ForeignKey)  # noqa: S101 which is what this is for
    width = len(model._meta.concrete_fields)
    made = instance(model, row[:width])
    setattr(made, field, instance(relation.related_model, row[width:]))
    return made


def instance(model: type[Row], row: tuple[Any, ...]) -> Row:
    names, converters = columns_of(model)
    values = list(row)
    for position, convert in converters:
        values[position] = convert(values[position], None, connection)
    # Not from_db, which goes through each field once more.
    made = model.__new__(model)
    made._state = ModelState()
    made._state.adding, made._state.db = False, DEFAULT_DB_ALIAS
    made.__dict__.update(zip(names, values, strict=True))
    return made


@cache
def columns_of(model: type[Model]) -> tuple[list[str], list[tuple[int, Callable[..., Any]]]]:
    """What each column is called, and what must be made of some (JSON comes as text)."""
    fields = model._meta.concrete_fields
    return [field.attname for field in fields], [
        (position, convert)
        for position, field in enumerate(fields)
        for convert in field.get_db_converters(connection)
    ]
