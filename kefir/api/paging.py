"""Lists by cursor: `{next, previous, results}`, limit 1–100, 50 if not given."""

from typing import Any, NoReturn

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

LARGEST = 100


class NewestFirst(CursorPagination):
    """A view says `ordering`, which must end in something unique."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = LARGEST
    ordering: Any = ("-created_at", "-id")

    def get_ordering(self, request: Request, queryset: QuerySet, view: APIView) -> tuple[str, ...]:
        return tuple(getattr(view, "ordering", self.ordering))

    def get_page_size(self, request: Request) -> int:
        limit = request.query_params.get("limit", str(self.page_size))
        if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= LARGEST):
            raise ValidationError({"limit": f"A whole number from 1 to {LARGEST}."}, code="invalid")
        return int(limit)

    def decode_cursor(self, request: Request) -> Cursor | None:
        try:
            cursor: Cursor | None = super().decode_cursor(request)
        except NotFound:
            refuse_cursor()
        if cursor and cursor.position and not is_moment(str(cursor.position)):
            refuse_cursor()
        return cursor


def refuse_cursor() -> NoReturn:
    raise ValidationError({"cursor": "Take it from `next` or `previous` as it is."}, code="invalid")


def is_moment(position: str) -> bool:
    """Every list is ordered by a time first; the database would fail on one that it cannot shift to UTC."""
    try:
        moment = parse_datetime(position)
    except ValueError:
        return False
    return moment is not None and moment.tzinfo is not None and 1900 < moment.year < 9000
