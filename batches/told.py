"""Batches as the database tells them, with all that came along: asked by a statement that was made once, and made into
models only where they must be drawn anew.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import Func, OuterRef, QuerySet, Subquery, TextField, Value

from accounts.models import User
from batches.models import Batch
from batches.past import PastStage
from kefir.asked_often import MOMENTS, AskedOften, instance

Row = tuple[Any, ...]


class Told(AskedOften):
    """`make` gives batches, annotated; of what it selects with each, `related` names the fields, as they come."""

    def __init__(self, make: Any, *related: str, **examples: Any) -> None:
        super().__init__(make, **examples)
        self.related = related

    @cached_property
    def annotated(self) -> tuple[str, ...]:
        return tuple(self.make(**self.examples).query.annotation_select)

    def rows(self, **known: Any) -> tuple[Row, ...]:
        with self.asked(MOMENTS, **known) as cursor:
            return tuple(tuple(map(fixed, row)) for row in cursor.fetchall())

    def batch(self, row: Row) -> Batch:
        row, width = tuple(map(loose, row)), len(Batch._meta.concrete_fields)
        made = instance(Batch, row[:width])
        made.__dict__.update(zip(self.annotated, row[width:], strict=False))
        start = width + len(self.annotated)
        for name in self.related:
            model: Any = Batch._meta.get_field(name).related_model
            end = start + len(model._meta.concrete_fields)
            setattr(made, name, instance(model, row[start:end]) if row[start] is not None else None)
            start = end
        return made


def fixed(value: Any) -> Any:
    """Rows are compared and kept, so what is in them must not change."""
    return tuple(value) if isinstance(value, list) else value


def loose(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


class Version(Func):
    """Of the row that a column is of, where it stands and who wrote it: never the same before and after a change."""

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Sequence[Any]]:  # type: ignore[override]
        [column] = self.get_source_expressions()
        table = compiler.quote_name_unless_alias(column.alias)
        return f"{table}.ctid::text || ' ' || {table}.xmin::text", []


class Versions(Func):
    """Of so many rows in one text, in whatever order they come."""

    template = "count(*) || ' ' || coalesce(sum(hashtextextended(concat_ws(' ', %(expressions)s), 0)), 0)"
    output_field = TextField()


def versions(rows: QuerySet[Any], *columns: str) -> Subquery:
    """Of the rows that these columns are of, joined."""
    return Subquery(rows.order_by().values(versions=Versions(*map(Version, columns))))


def what_teaches(keeper: User) -> Subquery:
    """Of all that this keeper's earlier batches were, and of what they were made with."""
    return versions(PastStage.objects.of(keeper), "ending", "batch__name", "batch__grains__name")


def what_refers_to_it() -> Func:
    """Of the rows of all tables that refer to a batch."""
    referring = [
        one.related_model._default_manager.filter(**{one.field.name: OuterRef("pk")})
        for one in Batch._meta.related_objects
    ]
    return Func(
        Value(" "),
        *(versions(rows, "pk") for rows in referring),
        function="CONCAT_WS",
        output_field=TextField(),
    )
