"""Bodies as gadgets send them: JSON or a form, and short. The rest of the API takes JSON and nothing else."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any
from urllib.parse import parse_qsl

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from kefir.api.problems import Problem
from kefir.api.wire import StrictJSONParser

LARGEST = 10_000
MOST_FIELDS = 100


def short(stream: IO[Any]) -> bytes:
    raw: bytes = stream.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise Problem(413, "too_large", _("A reading has at most %(most)s bytes.") % {"most": LARGEST})
    return raw


class ShortJSONParser(StrictJSONParser):
    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return super().parse(BytesIO(short(stream)), media_type, parser_context)


class ShortFormParser(BaseParser):
    media_type = "application/x-www-form-urlencoded"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, str]:
        try:
            body = short(stream).decode()
            return dict(parse_qsl(body, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS))
        except ValueError as error:
            raise ParseError(_("The body is not a form in UTF-8."), code="invalid_form") from error
