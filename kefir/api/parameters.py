"""What an operation may be asked by is what its document names; anything else is refused, lest a typo go unheard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import ngettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from kefir.api.problems import Problem
from kefir.api.wire import known

if TYPE_CHECKING:
    # DRF imports this module while it makes that class.
    from rest_framework.views import APIView

KNOWN: dict[tuple[type[APIView], str], frozenset[str]] = {}


class UnknownParameter(Problem):
    def __init__(self, names: list[str]) -> None:
        errors = [
            {"field": name, "code": "unknown_parameter", "detail": sentence_for([name])} for name in names
        ]
        super().__init__(400, "unknown_parameter", sentence_for(names), errors=errors)


def sentence_for(names: list[str]) -> str:
    sentence = ngettext(
        "There is no such query parameter: %(names)s.",
        "There are no such query parameters: %(names)s.",
        len(names),
    )
    return sentence % {"names": ", ".join(names)}


class KnownParameters(BasePermission):
    """After it is known who asks, and before anything is looked up or read."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        given, method = request.query_params, request.method or ""
        if given and does(view, method) and (unknown := sorted(given.keys() - parameters_of(view, method))):
            raise UnknownParameter(unknown)
        return True


def does(view: APIView, method: str) -> bool:
    """What it does not do is refused for that."""
    return method != "OPTIONS" and method in view.allowed_methods


def parameters_of(view: APIView, method: str) -> frozenset[str]:
    method = "GET" if method == "HEAD" else method
    if (type(view), method) not in KNOWN:
        KNOWN[type(view), method] = frozenset({*documented(view, method), *of_pages(view, method)})
    return KNOWN[type(view), method]


def documented(view: APIView, method: str) -> set[str]:
    """As `extend_schema(parameters=…)` has them: serializers, whose fields they are, and parameters one by one."""
    handler = getattr(view, method.lower(), None)
    made = getattr(handler, "kwargs", {}).get("schema")
    if made is None:
        return set()
    schema = made()
    schema.view, schema.method = view, method
    return {name for one in schema.get_override_parameters() for name in names_of(one)}


def names_of(parameter: Any) -> list[str]:
    if isinstance(parameter, OpenApiParameter):
        return [parameter.name] if parameter.location == OpenApiParameter.QUERY else []
    return list(known(parameter).fields)


def of_pages(view: Any, method: str) -> list[str]:
    paginator = getattr(view, "paginator", None) if method == "GET" else None
    return [one["name"] for one in paginator.get_schema_operation_parameters(view)] if paginator else []
