"""Lists that go from the database to the wire without becoming models and serializers on the way.

What is on the wire is said once, by the serializer; here it is read as columns. `tests/kefir/test_lists.py` holds
that both say the same.
"""

from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from psycopg.types.json import JsonbLoader
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from kefir.api.paging import Keyset, first_rows
from kefir.asked_often import MOMENTS, AskedOften, Loaders

# Their values go into JSON as the database gives them: texts, numbers, lists, moments in UTC, UUIDs.
AS_THEY_ARE = (
    serializers.BooleanField,
    serializers.CharField,
    serializers.ChoiceField,
    serializers.DateTimeField,
    serializers.FloatField,
    serializers.IntegerField,
    serializers.JSONField,
    serializers.ListField,
    serializers.PrimaryKeyRelatedField,
    serializers.UUIDField,
)

# Django's own leaves JSON a text.
LOADERS: Loaders = (*MOMENTS, ("jsonb", JsonbLoader))


class Shape(NamedTuple):
    """What a row of the wire is made of: its names, their columns, and what is done to a few of them."""

    names: tuple[str, ...]
    columns: tuple[str, ...]
    attributes: tuple[Callable[[Any], Any], ...]
    made: tuple[tuple[str, Callable[[Any], Any]], ...]


@cache
def shape(serializer: type[serializers.Serializer]) -> Shape:
    fields = serializer().fields
    return Shape(
        names=tuple(fields),
        columns=tuple(column(field) for field in fields.values()),
        attributes=tuple(attribute(field) for field in fields.values()),
        made=tuple((name, field.to_representation) for name, field in fields.items() if overrides(field)),
    )


def column(field: Any) -> str:
    if field.source == "*":
        raise TypeError(f"{field.field_name} is not one column")
    return str(field.source).replace(".", "__")


def attribute(field: Any) -> Callable[[Any], Any]:
    """Of a model: the key of what it belongs to, not that row."""
    is_key = isinstance(field, serializers.PrimaryKeyRelatedField)
    of_another, _, name = str(field.source).rpartition(".")
    if of_another:
        return lambda row: getattr(attrgetter(of_another)(row), name, None)
    return attrgetter(f"{name}_id" if is_key else name)


def overrides(field: Any) -> bool:
    """Whether it makes something else of its value than JSON does by itself."""
    return type(field).to_representation not in {kind.to_representation for kind in AS_THEY_ARE}


def fetch(queryset: QuerySet[Any]) -> list[tuple[Any, ...]]:
    """The rows as psycopg gives them. Django would go through every value once more."""
    try:
        statement, values = queryset.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        for kind, loader in LOADERS:
            cursor.cursor.adapters.register_loader(kind, loader)
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def one(serializer: type[serializers.Serializer], row: Any) -> dict[str, Any]:
    """A model as the serializer would say it."""
    wire = shape(serializer)
    return on_wire(wire, tuple(get(row) for get in wire.attributes))


class FastList(ListAPIView[Any]):
    """A list whose serializer names columns only. `ordering`: see Keyset."""

    serializer_class: type[serializers.Serializer]
    ordering: Sequence[str]

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = None if request.query_params else self.first_found()
        page = self.page(self.get_queryset()) if found is None else self.first_page(found)
        return self.get_paginated_response(page)

    def first_found(self) -> Sequence[tuple[Any, ...]] | None:
        """What a FirstPage says, where there is one: nearly everybody asks for that."""
        return None

    def first_page(self, found: Sequence[tuple[Any, ...]]) -> Sequence[dict[str, Any]]:
        assert isinstance(self.paginator, Keyset)  # noqa: S101 the settings say so
        rows = self.paginator.first_page(list(found), request=self.request, order=self.ordering)
        return [on_wire(shape(self.serializer_class), row) for row in rows]

    def page(self, queryset: Any) -> Sequence[dict[str, Any]]:
        wire = shape(self.serializer_class)
        assert isinstance(self.paginator, Keyset)  # noqa: S101 the settings say so
        tuples = columns_of(queryset, wire, self.ordering)
        rows = self.paginator.page(tuples, request=self.request, order=self.ordering, fetch=fetch)
        return [on_wire(wire, row) for row in rows]


class FirstPage(AskedOften):
    """The rows of a list as its first page takes them; of `view` by the values of the examples' names."""

    def __init__(
        self,
        make: Callable[..., QuerySet[Any]],
        *,
        wire: type[serializers.Serializer],
        order: Sequence[str],
        **examples: Any,
    ) -> None:
        super().__init__(
            lambda **known: first_rows(columns_of(make(**known), shape(wire), order), order), **examples
        )

    def rows(self, **known: Any) -> list[tuple[Any, ...]]:
        with self.asked(LOADERS, **known) as cursor:
            return list(cursor.fetchall())


def columns_of(queryset: QuerySet[Any], wire: Shape, order: Sequence[str]) -> QuerySet[Any]:
    return queryset.values_list(*wire.columns, *(name.removeprefix("-") for name in order))


def on_wire(wire: Shape, row: tuple[Any, ...]) -> dict[str, Any]:
    """The last columns are the list's order, which is not on the wire."""
    said = dict(zip(wire.names, row, strict=False))
    for name, made in wire.made:
        if said[name] is not None:
            said[name] = made(said[name])
    return said
