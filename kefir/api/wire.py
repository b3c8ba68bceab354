"""What goes over the wire: camelCase outside, snake_case inside; strict about what comes in."""

import codecs
import json
import re
from collections.abc import Iterable, Mapping, MutableMapping
from datetime import UTC, datetime
from functools import cache
from typing import IO, Any, ClassVar
from uuid import UUID

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from kefir.api.names import camel

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


class CamelCase(serializers.Serializer):
    """Renames fields, not the rendered tree, so that data inside a field is left alone; refuses unknown fields."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {camel(name): _renamed(field, name) for name, field in super().get_fields().items()}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := [name for name in data if name not in self.fields]):
            raise ValidationError(
                {name: [ErrorDetail(_("There is no such field."), code="unknown_field")] for name in unknown}
            )
        if isinstance(data, Mapping):
            refuse_read_only(self, data)
        return super().to_internal_value(data)


class Number(serializers.FloatField):
    """A JSON number; a text or a truth value that looks like one is refused."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool | str):
            self.fail("invalid")
        return super().to_internal_value(data)


class WholeNumber(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool | str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """A JSON text; a number is not made one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Truth(serializers.BooleanField):
    """true or false; neither 1 nor "yes"."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Identifier(serializers.UUIDField):
    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class Instant(serializers.DateTimeField):
    """A moment: RFC 3339 with its offset, answered in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)

    def to_internal_value(self, value: Any) -> datetime:  # noqa: RET503 fail() raises
        try:
            moment = parse_datetime(value) if isinstance(value, str) and RFC_3339.fullmatch(value) else None
            if moment and moment.tzinfo:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        self.fail("invalid", format="2026-03-01T12:00:00Z")


class Wire(CamelCase):
    """A body or an answer that is no model's."""


class ModelWire(CamelCase, serializers.ModelSerializer):
    """A model's face. Constraints and rules are the verb's business: here values are only parsed."""

    serializer_field_mapping: ClassVar[dict[Any, Any]] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.BooleanField: Truth,
        models.CharField: Text,
        models.TextField: Text,
        models.FloatField: Number,
        models.PositiveIntegerField: WholeNumber,
        models.PositiveSmallIntegerField: WholeNumber,
        models.DateTimeField: Instant,
    }

    def get_validators(self) -> list[Any]:
        return []

    def include_extra_kwargs(
        self, kwargs: MutableMapping[str, Any], extra_kwargs: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """What may be empty is said to be so where it is only read, too: the document must be true of answers."""
        may_be_blank = kwargs.get("allow_blank", False)
        kwargs = super().include_extra_kwargs(kwargs, extra_kwargs)
        return {**kwargs, "allow_blank": True} if may_be_blank else kwargs


def refuse_read_only(serializer: serializers.Serializer, data: Mapping[str, Any]) -> None:
    """A field that only Kefir sets is refused like an unknown one, so that nobody believes it was taken."""
    if fixed := [name for name in data if serializer.fields[name].read_only]:
        raise ValidationError(
            {name: [ErrorDetail(_("This is set by Kefir."), code="read_only")] for name in fixed}
        )


def _renamed(field: Any, name: str) -> Any:
    """DRF copies a field from its arguments, so the source must be among them."""
    if camel(name) == name:
        return field
    arguments = field._kwargs
    if isinstance(field, serializers.SerializerMethodField):
        field.method_name = arguments["method_name"] = field.method_name or f"get_{name}"
    elif field.source is None:
        field.source = arguments["source"] = name
    return field


@cache
def known(wire: type[serializers.Serializer]) -> serializers.Serializer:
    """Making its fields takes longer than all they do for one request, and they keep nothing of it."""
    made = wire()
    made.fields  # noqa: B018 they are made when first asked for, here rather than in several threads at once
    return made


def read(wire: type[serializers.Serializer], data: Any) -> dict[str, Any]:
    """What somebody sent, as `wire` understands it; raises DRF's ValidationError."""
    try:
        return dict(known(wire).run_validation(data))
    except ValidationError:
        # In the words that a serializer has for it.
        wire(data=data).is_valid(raise_exception=True)
        raise


@cache
def says_something_unasked(wire: type[Wire]) -> bool:
    return any(one.required or one.default is not serializers.empty for one in known(wire).fields.values())


def query_of(wire: type[Wire], request: Request) -> dict[str, Any]:
    """The query parameters that `wire` knows, parsed. Of others see kefir.api.parameters."""
    fields = known(wire).fields
    given = {name: value for name, value in request.query_params.items() if name in fields}
    return read(wire, given) if given or says_something_unasked(wire) else {}


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 has it: UTF-8, no NaN, no name twice, no half characters, not absurdly deep."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        raw = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(raw) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        try:
            data = json.loads(
                codecs.decode(raw, "utf-8"), parse_constant=_no_constant, object_pairs_hook=_no_twice
            )
            json.dumps(data, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not valid JSON."), code="invalid_json") from error
        return data


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ValueError("a name is given twice")
    return data


class FastJSON(JSONRenderer):
    """The same JSON in a tenth of the time; what is too odd for it (numbers beyond 64 bits) goes the long way."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        try:
            return orjson.dumps(data, default=self.encoder_class().default, option=orjson.OPT_UTC_Z)
        except TypeError:
            return super().render(data, accepted_media_type, renderer_context)


class AlwaysJSON(BaseContentNegotiation):
    """There is one format; what a client says it would like changes nothing."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        content_type = (request.content_type or "").split(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == content_type), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type
