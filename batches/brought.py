"""Rows of other tables that come along with a batch in the same statement, and are models again when looked at."""

import json
from collections.abc import Sequence
from typing import Any, overload

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject

KEPT, SEEN = "brought_{name}", "brought_{name}_as_rows"
OF_ANOTHER = "__"


def along(
    rows: QuerySet[Any], *, name: str, fields: Sequence[str], most: int | None = None
) -> dict[str, ArraySubquery]:
    """To annotate with: those `rows` that are the batch's own, in their order. A field may be a related row's."""
    told = JSONObject(**{field: F(field) for field in fields})
    own = rows.filter(**{owner_of(rows): OuterRef("pk")}).values(brought=told)[:most]
    return {KEPT.format(name=name): ArraySubquery(own)}


def owner_of(rows: QuerySet[Any]) -> str:
    return "parent" if rows.model._meta.model_name == "batch" else "batch"


class BroughtAlong:
    """What came along under this name. Whoever was not brought has no such attribute, as with a prefetch."""

    def __init__(self, accessor: str) -> None:
        self.accessor = accessor

    def __set_name__(self, owner: type[models.Model], name: str) -> None:
        self.name = name

    @overload
    def __get__(self, batch: None, owner: type[models.Model]) -> "BroughtAlong": ...
    @overload
    def __get__(self, batch: models.Model, owner: type[models.Model]) -> list[Any]: ...
    def __get__(self, batch: models.Model | None, owner: type[models.Model]) -> "BroughtAlong | list[Any]":
        if batch is None:
            return self
        kept = batch.__dict__.get(KEPT.format(name=self.name))
        if kept is None:
            raise AttributeError(f"{self.name} did not come along with this batch")
        seen = batch.__dict__.get(SEEN.format(name=self.name))
        if seen is None:
            model = owner._meta.get_field(self.accessor).related_model
            seen = [as_row(model, one if isinstance(one, dict) else json.loads(one)) for one in kept]
            batch.__dict__[SEEN.format(name=self.name)] = seen
        found: list[Any] = seen
        return found


def as_row(model: Any, told: dict[str, Any]) -> Any:
    """The model's instance, with what was told of it; the rest it would ask for."""
    row = loaded(model, {name: value for name, value in told.items() if OF_ANOTHER not in name})
    others: dict[str, dict[str, Any]] = {}
    for name, value in told.items():
        if OF_ANOTHER in name:
            accessor, field = name.split(OF_ANOTHER)
            others.setdefault(accessor, {})[field] = value
    for accessor, values in others.items():
        setattr(row, accessor, loaded(model._meta.get_field(accessor).related_model, values))
    return row


def loaded(model: Any, told: dict[str, Any]) -> Any:
    fields = [field for field in model._meta.concrete_fields if field.name in told]
    values = [getattr(field, "output_field", field).to_python(told[field.name]) for field in fields]
    return model.from_db("default", [field.attname for field in fields], values)
