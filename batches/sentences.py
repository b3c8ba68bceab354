"""Limits and true sentences about rows: what each model may hold, and what to say to who would break it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from batches.truths import NotKnown, Told, teller

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def between(low: float, high: float, unit: str) -> list[Any]:
    told = {"low": f"{low:,}".replace(",", " "), "high": f"{high:,}".replace(",", " "), "unit": unit}
    sentence = format_lazy(gettext_lazy("It must be between {low} and {high} {unit}."), **told)
    return [MinValueValidator(low, sentence), MaxValueValidator(high, sentence)]


def holds(name: str, condition: Q, sentence: StrOrPromise, code: str) -> models.CheckConstraint:
    """A true sentence about every row, with what to say to who would make it false."""
    return Sentence(
        condition=condition, name=name, violation_error_message=sentence, violation_error_code=code
    )


class Sentence(models.CheckConstraint):
    """One that cleaning need not ask the database about: what it says of a row's values is told from them."""

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: set[str] | None = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        if self.told is None:
            super().validate(model, instance, exclude, using)
            return
        left_out = exclude or set()
        with suppress(LeftOut):
            if self.told(lambda name: given(instance, name, left_out)) is False:
                raise ValidationError(self.get_violation_error_message(), code=self.violation_error_code)

    @cached_property
    def told(self) -> Told | None:
        assert isinstance(self.condition, Q)  # noqa: S101 as all of ours are
        try:
            return teller(self.condition)
        except NotKnown:
            return None

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        _, args, kwargs = super().deconstruct()
        return "django.db.models.CheckConstraint", args, kwargs


class LeftOut(Exception):
    """A value that is not to be looked at, because it is refused already or somebody else's business."""


def given(instance: models.Model, name: str, left_out: Collection[str]) -> Any:
    if name in left_out:
        raise LeftOut
    # Of a relation the key: the row itself would be asked for.
    field: Any = instance._meta.get_field(name)
    return getattr(instance, field.attname)


class Range(Sentence):
    """Bounds that the field's own validators state too."""

    def validate(self, *args: Any, **kwargs: Any) -> None:
        return


def in_range(model: str, field: str, low: float, high: float) -> Range:
    return Range(
        condition=Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": low, f"{field}__lte": high}),
        name=f"{model}_{field}_is_sensible",
        violation_error_message=format_lazy(
            gettext_lazy("It must be between {low} and {high}."), low=low, high=high
        ),
        violation_error_code="out_of_range",
    )
