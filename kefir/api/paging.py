"""Lists by cursor: `{next, previous, results}`, limit 1–100, 50 if not given."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
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
