"""Batches as the database tells them, with all that came along: asked by a statement that was made once, and made into
models only where they must be drawn anew.
"""

from functools import cached_property
from typing import Any

from django.db.models import Func, OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL

from accounts.models import User
from batches.models import Batch
from batches.past import PastStage
from kefir.asked_often import AskedOften, instance

Row = tuple[Any, ...]

# Where a row stands and who wrote it: of no two rows, and of no row before and after a change, is it the same.
VERSIONS = "count(*) || ' ' || coalesce(sum(hashtextextended(ctid::text || ' ' || xmin::text, 0)), 0)"


class Told(AskedOften):
    """`make` gives batches, annotated; of what it selects with each, `related` names the fields, as they come."""

    def __init__(self, make: Any, *related: str, **examples: Any) -> None:
        super().__init__(make, **examples)
        self.related = related

    @cached_property
    def annotated(self) -> tuple[str, ...]:
        return tuple(self.make(**self.examples).query.annotation_select)

    def rows(self, **known: Any) -> tuple[Row, ...]:
        with self.asked(**known) as cursor:
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


def versions(rows: QuerySet[Any]) -> Subquery:
    """One text for these rows, and another one after any change of them."""
    return Subquery(rows.order_by().values(versions=RawSQL(VERSIONS, ())))  # noqa: S611 a constant


def what_teaches(keeper: User) -> Subquery:
    """Of all that this keeper's earlier batches were."""
    return versions(PastStage.objects.of(keeper))


def what_refers_to_it() -> Func:
    """Of the rows of all tables that refer to a batch."""
    referring = [
        one.related_model._default_manager.filter(**{one.field.name: OuterRef("pk")})
        for one in Batch._meta.related_objects
    ]
    return Func(Value(" "), *map(versions, referring), function="CONCAT_WS")
