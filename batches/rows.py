"""Rows as PostgreSQL itself would write them as JSON, exactly, and back again."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Self

from django.apps import apps
from django.db import connection, models
from psycopg.sql import SQL, Composed, Identifier
from psycopg.types.json import Jsonb

Image = dict[str, Any]
# Told by triggers at each write.
NOT_KEPT = {"stamped_at"}

READ = SQL(
    "SELECT asked.id::text, to_jsonb(one) FROM unnest(%s::{type}[]) WITH ORDINALITY AS asked (id, place)"
    " JOIN {table} AS one ON one.{key} = asked.id ORDER BY asked.place"
)
INSERT = SQL("INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_record(NULL::{table}, %s)")
UPDATE = SQL(
    "UPDATE {table} SET ({names}) = (SELECT {names} FROM jsonb_populate_record(NULL::{table}, %s)) WHERE {key} = %s"
)


class Key(NamedTuple):
    """One row: the model's label, and its id as text."""

    model: str
    id: str

    @classmethod
    def of(cls, row: models.Model) -> Self:
        return cls(row._meta.label, str(row.pk))


def images(keys: Iterable[Key]) -> Iterator[tuple[Key, Image]]:
    """One query for each table, in the order asked; what is not there is left out."""
    by_model = defaultdict(list)
    for key in keys:
        by_model[key.model].append(key.id)
    for label, ids in by_model.items():
        kept = columns(label)
        for id_, image in ask(label, READ, [ids]):
            yield Key(label, id_), {name: image[name] for name in kept}


def insert(key: Key, image: Image) -> None:
    told(key.model, INSERT, columns(key.model), [Jsonb(image)])


def update(key: Key, image: Image) -> None:
    told(key.model, UPDATE, list(image), [Jsonb(image), key.id])


def columns(label: str) -> list[str]:
    fields = apps.get_model(label)._meta.concrete_fields
    return [field.column for field in fields if not field.generated and field.column not in NOT_KEPT]


def ask(label: str, statement: SQL, parameters: list[Any]) -> list[tuple[str, Image]]:
    with connection.cursor() as cursor:
        cursor.execute(about(label, statement), parameters)
        return [(id_, json.loads(image)) for id_, image in cursor.fetchall()]


def told(label: str, statement: SQL, names: list[str], parameters: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(about(label, statement, names), parameters)


def about(label: str, statement: SQL, names: Iterable[str] = ()) -> Composed:
    meta = apps.get_model(label)._meta
    return statement.format(
        table=Identifier(meta.db_table),
        key=Identifier(meta.pk.column),
        type=SQL("uuid" if isinstance(meta.pk, models.UUIDField) else "text"),
        names=SQL(", ").join(map(Identifier, names)),
    )
