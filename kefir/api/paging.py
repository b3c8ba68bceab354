"""Lists by cursor: `{next, previous, results}`, limit 1–100, 50 if not given.

A cursor is a place between two rows, (time, id), so what comes and goes meanwhile moves nothing, and no page costs
more than the first. It is signed: only what we gave out comes back.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, NoReturn

from django.core.signing import BadSignature, Signer
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import (
    TupleGreaterThan,
    TupleGreaterThanOrEqual,
    TupleLessThan,
    TupleLessThanOrEqual,
)
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

SIZE, LARGEST = 50, 100
Fetch = Callable[[QuerySet[Any]], list[Any]]

# By (falls, takes the place itself too).
BEYOND = {
    (True, False): TupleLessThan,
    (True, True): TupleLessThanOrEqual,
    (False, False): TupleGreaterThan,
    (False, True): TupleGreaterThanOrEqual,
}


class Place(NamedTuple):
    """From where to read, and which way. The row there is left out, except where it was the edge of an empty page."""

    at: datetime
    key: str
    backward: bool = False
    itself: bool = False


class Keyset(BasePagination):
    """Ordered by a time, and by what is unique among rows of one moment; both with or both without a minus."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        return self.page(queryset, request=request, order=getattr(view, "ordering", ("-created_at", "-id")))

    def page(
        self, queryset: QuerySet[Any], *, request: Request, order: Sequence[str], fetch: Fetch = list
    ) -> list[Any]:
        """Models, or tuples that end in the two columns of the order."""
        self.begin(request, order)
        size = size_of(request)
        return self.take(fetch(self.from_place(queryset)[: size + 1]), size)

    def first_page(self, found: list[Any], *, request: Request, order: Sequence[str]) -> list[Any]:
        """As page, of what `first_rows` has found."""
        self.begin(request, order)
        return self.take(found, SIZE)

    def begin(self, request: Request, order: Sequence[str]) -> None:
        self.order = order
        self.path, self.address = request.path, request.build_absolute_uri()
        self.place = self.read(request.query_params.get("cursor"))

    def take(self, found: list[Any], size: int) -> list[Any]:
        """One more than fits says that there are more."""
        self.has_more = len(found) > size
        self.rows = found[:size]
        if self.place and self.place.backward:
            self.rows.reverse()
        return self.rows

    @property
    def falls(self) -> bool:
        return self.order[0].startswith("-")

    @property
    def names(self) -> list[str]:
        return [name.removeprefix("-") for name in self.order]

    def from_place(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        names, falls = self.names, self.falls
        if self.place:
            falls = falls != self.place.backward
            beyond = BEYOND[falls, self.place.itself]
            queryset = queryset.filter(beyond([F(name) for name in names], [self.place.at, self.place.key]))
        return queryset.order_by(*(f"-{name}" if falls else name for name in names))

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next_link(), "previous": self.previous_link(), "results": data})

    def next_link(self) -> str | None:
        if self.place and self.place.backward:
            return self.link(self.beside(-1) if self.rows else turned(self.place))
        return self.link(self.beside(-1)) if self.has_more else None

    def previous_link(self) -> str | None:
        if self.place and not self.place.backward:
            return self.link(self.beside(0) if self.rows else turned(self.place))
        return self.link(self.beside(0)) if self.place and self.has_more else None

    def beside(self, position: int) -> Place:
        """Beyond the last row, or before the first."""
        row = self.rows[position]
        at, key = row[-2:] if isinstance(row, tuple) else (getattr(row, name) for name in self.names)
        return Place(at, str(key), backward=position == 0)

    def link(self, place: Place) -> str:
        return replace_query_param(self.address, "cursor", self.write(place))

    def write(self, place: Place) -> str:
        said = f"{place.backward:d}{place.itself:d} {place.at.isoformat()} {place.key}"
        return self.signer.sign(urlsafe_b64encode(said.encode()).decode().rstrip("="))

    def read(self, cursor: str | None) -> Place | None:
        if cursor is None:
            return None
        try:
            said = self.signer.unsign(cursor)
        except BadSignature:
            refuse_cursor()
        ways, time, key = urlsafe_b64decode(said + "=" * (-len(said) % 4)).decode().split(" ", 2)
        return Place(datetime.fromisoformat(time), key, backward=ways[0] == "1", itself=ways[1] == "1")

    @property
    def signer(self) -> Signer:
        """A place in one list is none in another."""
        return Signer(salt=f"cursor {self.path} {' '.join(self.order)}", sep=".")

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        whole = {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": SIZE}
        return [
            query_parameter("cursor", "Taken from `next` or `previous`.", {"type": "string"}),
            query_parameter("limit", "How many at most.", whole),
        ]


def first_rows(queryset: QuerySet[Any], order: Sequence[str]) -> QuerySet[Any]:
    """What the first page takes when nothing is said."""
    return queryset.order_by(*order)[: SIZE + 1]


def turned(place: Place) -> Place:
    """Back from where there is nothing; what stood at the edge belongs to the page that comes."""
    return place._replace(backward=not place.backward, itself=not place.itself)


def size_of(request: Request) -> int:
    limit = request.query_params.get("limit", str(SIZE))
    if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= LARGEST):
        raise ValidationError(
            {"limit": _("A whole number from 1 to %(largest)s.") % {"largest": LARGEST}}, code="invalid"
        )
    return int(limit)


def refuse_cursor() -> NoReturn:
    raise ValidationError({"cursor": _("Take it from `next` or `previous` as it is.")}, code="invalid")


def query_parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
